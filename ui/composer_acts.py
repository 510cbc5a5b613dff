"""What a person does with a campaign's messages: add, move, remove, attach, and schedule."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nicegui import ui
from nicegui.elements.upload_files import FileUpload
from nicegui.events import SortableEventArguments

from domain.preflight import Review
from domain.problems import Problem
from storage import attachments, board, campaigns, messages
from storage.board import Board
from storage.messages import Change
from storage.tables import Attachment
from ui import notices, review, reviews
from ui.draft import Kept, Store
from ui.formats import size
from ui.message_card import MessageCard
from ui.review import Answer
from ui.reviews import Progress
from ui.send_bar import SendBar
from ui.tags import Tag
from ui.world import World

CHANGED = "The campaign was changed in another window. Look at the review again."


class Acts:
    """The verbs of the composer; each ends in a fresh look at everything."""

    world: World
    board: Board
    cards: dict[int, MessageCard]
    _body: Tag
    _said: Tag
    _bar: SendBar | None

    async def refresh(self) -> None:
        """Read everything again and show what differs."""
        raise NotImplementedError

    async def add(self, change: Change | None = None) -> None:
        """Put a new message at the end and go to it."""
        try:
            made = await self._run(messages.add, self.board.id, self.world.clock(), change)
        except Problem as problem:
            notices.problem(problem.text)
            return
        await self.refresh()
        if card := self.cards.get(made.id):
            card.focus()

    def removed_elsewhere(self, card: MessageCard) -> None:
        """Say that a message went away under somebody's hands, and offer to keep what was typed."""
        change = Change(**card.draft.typed)
        text = f"Message {card.row.position} was removed in another window while you were changing it."
        with self._body:
            notices.problem(text, "Add it again", lambda: self.add(change))

    async def remove(self, card: MessageCard) -> None:
        """Take a message out; it can be put back as long as the notice is there."""
        await card.draft.flush()
        number = card.row.position
        try:
            removed = await self._run(messages.remove, card.row.id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        await self.refresh()

        async def put_back() -> None:
            try:
                await self._run(messages.put_back, removed, self.world.clock())
            except Problem as problem:
                notices.problem(problem.text)
            await self.refresh()

        with self._body:
            notices.undo(f"Message {number} was removed.", put_back)

    async def move(self, card: MessageCard, step: int) -> None:
        """Move a message one place up (-1) or down (1); the focus stays on its button."""
        await self._place(card, card.row.position + step)
        card.focus_move(step)

    async def _dropped(self, event: SortableEventArguments) -> None:
        if isinstance(event.item, MessageCard):
            await self._place(event.item, event.new_index + 1)

    async def _place(self, card: MessageCard, position: int) -> None:
        await self.flush()
        try:
            await self._run(messages.reorder, card.row.id, position, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        await self.refresh()
        self._said.text = (
            f"Now message {card.row.position} of {len(self.board.rows)}. Send times stay with their places."
        )

    async def attach(self, card: MessageCard, file: FileUpload) -> None:
        """Keep an uploaded file, checked by its content; raises a Problem."""
        await self._attach(attachments.attach, card, file)

    async def attach_smaller(self, card: MessageCard, file: FileUpload) -> None:
        """Shrink an uploaded image, keep it, and say what it was and is; raises a Problem."""
        made = await self._attach(attachments.attach_smaller, card, file)
        with self._body:
            notices.success(f"{made.filename} was shrunk from {size(file.size())} to {size(made.bytes)}.")

    async def _attach(self, verb: Any, card: MessageCard, file: FileUpload) -> Attachment:
        with TemporaryDirectory(prefix="sms-upload-") as folder:
            path = Path(folder) / "upload"
            await file.save(path)
            made: Attachment = await self._run(
                verb, card.row.id, self.world.files, file.name, path, self.world.clock()
            )
        await self.refresh()
        return made

    async def detach(self, card: MessageCard, attachment_id: int) -> None:
        """Take a file off a message."""
        try:
            await self._run(attachments.detach, attachment_id, self.world.files, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        await self.refresh()

    async def earliest(self, card: MessageCard) -> None:
        """Give a message the earliest time that it can have."""
        local = bool(card.draft.typed["recipient_local"])
        now = self.world.clock()
        found = await self.world.db.run(board.earliest, card.row.id, now, recipient_local=local)
        await card.set_time(f"{found:%Y-%m-%d}", f"{found:%H:%M}")
        await self.refresh()

    async def set_zone(self, zone: str | None) -> None:
        """Change the zone that the times are meant in."""
        if not zone or zone == self.board.timezone:
            return
        await self.flush()
        try:
            await self._run(campaigns.set_zone, self.board.id, zone, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        await self.refresh()

    async def schedule(self) -> None:
        """Review, and schedule when it is confirmed."""
        await self.flush()
        if any(card.busy for card in self.cards.values()):
            return
        try:
            while (answer := await self._reviewed()) != Answer():
                if answer.make_plain is not None:
                    await self._make_plain(answer.make_plain)
                elif await self._schedule():
                    return
        except Problem as problem:
            await self._refused(problem)

    async def _schedule(self) -> bool:
        """Schedule what was reviewed; False when it is not what is there any more."""
        if self._seen != await self.world.db.run(board.fingerprint, self.board.id):
            notices.problem(CHANGED)
            return False
        await self._run(campaigns.schedule, self.board.id, self.world.clock())
        notices.success(f"“{self.board.name}” is scheduled.")
        ui.navigate.to(f"/campaigns/sms/{self.board.id}")
        return True

    async def _reviewed(self) -> Answer:
        self._seen = await self.world.db.run(board.fingerprint, self.board.id)
        writable = [number for number, card in self.cards.items() if card.writes]
        return await review.ask(self._look, self.board.name, self.board.list_name, writable)

    async def _look(self) -> Review | Progress:
        return await reviews.look(self.world.db, self.board.id, self.world.clock())

    async def _make_plain(self, message_id: int) -> None:
        """Replace a message's costly characters, and save it."""
        if card := self.cards.get(message_id):
            card.make_plain()
            await self.flush()

    async def _refused(self, problem: Problem) -> None:
        await self.refresh()
        position = getattr(problem, "position", 0)
        for card in self.cards.values():
            if card.row.position == position:
                card.focus_time()
        if self._bar:
            self._bar.say(
                problem.text
                if position == 0 or "essage" in problem.text
                else f"Message {position}: {problem.text}"
            )

    async def flush(self) -> None:
        """Save all that saves itself."""
        for card in list(self.cards.values()):
            if card.draft.by_itself:
                await card.draft.flush()

    def store(self, message_id: int) -> Store:
        """How a message is saved and read again."""

        async def save(change: Change, version: int) -> Kept:
            kept: Kept = await self._run(messages.save, message_id, change, self.world.clock(), version)
            return kept

        async def read() -> Kept:
            return await self.world.db.run(board.row, message_id, self.world.clock())

        return Store(save, read)

    async def _run(self, verb: Any, *args: Any) -> Any:
        return await self.world.db.run(verb, self.world.actor(), *args)
