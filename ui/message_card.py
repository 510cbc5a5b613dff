"""One message of the composer: its text, attachments and time, as far as each may be changed."""

from typing import Protocol

from nicegui import ui
from nicegui.elements.upload_files import FileUpload

from domain.attachments import MAX_UPLOAD_BYTES
from domain.messages import MessageState
from domain.schedules import TooEarly
from domain.segments import make_plain
from domain.short_links import estimate
from storage.board import Board, Row
from ui import formats
from ui.conflict import Conflict
from ui.draft import Draft, Field, Store, start
from ui.emoji import EmojiButton
from ui.media import link
from ui.merge_menu import MergeMenu
from ui.message_kind import Kind, state_words
from ui.message_more import More
from ui.meter import Meter
from ui.phone import Bubble, Picture
from ui.send_time import SendTime
from ui.tags import Tag, icon, icon_button
from ui.unsent import Unsent
from ui.upload import Attachment, DropZone
from ui.world import World

ACCEPT = "image/jpeg,image/png,image/gif"
TYPED_AT_MOST = 100_000


class Desk(Protocol):
    """What a card asks of the page around it."""

    world: World

    @property
    def may_send(self) -> bool:
        """Whether who looks may send from the campaign's line."""

    def edited(self, card: "MessageCard") -> None:
        """Something was typed, saved or refused."""

    def store(self, message_id: int) -> Store:
        """How a message is saved."""

    async def attach(self, card: "MessageCard", file: FileUpload) -> None:
        """Keep an uploaded file; raises a Problem."""

    async def attach_smaller(self, card: "MessageCard", file: FileUpload) -> None:
        """Shrink an uploaded image and keep it; raises a Problem."""

    async def detach(self, card: "MessageCard", attachment_id: int) -> None:
        """Take a file off."""

    async def move(self, card: "MessageCard", step: int) -> None:
        """One place up or down."""

    async def remove(self, card: "MessageCard") -> None:
        """Take the message out."""

    async def earliest(self, card: "MessageCard") -> None:
        """Give it the earliest possible time."""

    async def refresh(self) -> None:
        """Look again at everything."""


class MessageCard(Tag):
    """The section "Message 1" with what `kind` allows; `meet` brings it up to date in place."""

    def __init__(self, desk: Desk, board: Board, row: Row, kind: Kind) -> None:
        super().__init__("section", classes=f"panel message message-{kind.value}")
        self.desk, self.board, self.row, self.kind = desk, board, row, kind
        self._drawn = False
        self.merge: MergeMenu | None = None
        by_itself = kind in (Kind.WRITE, Kind.PLAN)
        self.draft = Draft(desk.store(row.id), row, by_itself=by_itself, show=self._show)
        self._writes = kind in (Kind.WRITE, Kind.REVISE)
        with self:
            self._head()
            self._conflict = Conflict(on_mine=self._keep_mine, on_theirs=self._take_theirs)
            with Tag("div", classes="message-body"):
                self._content()
                self._time()
                if kind in (Kind.RETIME, Kind.REVISE):
                    self._save_row()
        self._drawn = True
        self.meet(board, row)

    @property
    def busy(self) -> bool:
        """Whether something typed here is not kept yet."""
        return bool(self.draft.unsaved) or self.draft.saving

    def meet(self, board: Board, row: Row) -> None:
        """Show the message as it is now; what is being typed stays."""
        files_differ = row.files != self.row.files
        self.board, self.row = board, row
        if files_differ and self._writes:
            self._files.show(self._attachments())
        if self._writes:
            self._unsent.tell(row.text)
        if self._send_time is not None:
            self._send_time.zone, self._send_time.now = board.timezone, self.desk.world.clock()
        self._number.text = f"Message {row.position}"
        if self.kind is Kind.WRITE:
            several, last = len(board.rows) > 1, row.position == len(board.rows)
            self._handle.set_visibility(several)
            for button, word, off in ((self._up, "up", row.position == 1), (self._down, "down", last)):
                label = f"Move message {row.position} {word}"
                button.attributes(aria_label=label, title=label, disabled=off or None)
                button.set_visibility(several)
        self._state.text = state_words(board, row)
        self._state.set_visibility(bool(self._state.text))
        self.draft.meet(row)
        self._show()

    def bubble(self) -> Bubble:
        """The message as the phone shows it."""
        words = ""
        if self._send_time is not None:
            words = self._send_time.explain(self.draft.typed, None)[0].split(" · ")[0]
        elif self.row.send_at:
            words = formats.when(self.row.send_at, self.board.timezone)
        pictures = tuple(Picture(f.filename, link(self.desk.world, f.id)) for f in self.row.files)
        return Bubble(self.draft.typed["text"], words, pictures)

    def _head(self) -> None:
        with Tag("div", classes="message-head"):
            if self.kind is Kind.WRITE:
                with Tag(
                    "span", classes="drag-handle", aria_hidden="true", title="Drag to reorder"
                ) as self._handle:
                    icon("drag_indicator")
            self._number = Tag("h2", f"Message {self.row.position}")
            self.attributes(aria_labelledby=self._number.html_id)
            self._state = Tag("span", classes="message-state muted")
            Tag("span", classes="grow")
            if self.kind is Kind.WRITE:
                self._up = icon_button("arrow_upward", "Move message up")
                self._up.on("click", lambda: self.desk.move(self, -1), args=[])
                self._down = icon_button("arrow_downward", "Move message down")
                self._down.on("click", lambda: self.desk.move(self, 1), args=[])
                remove = icon_button("delete", "Remove message")
                remove.on("click", lambda: self.desk.remove(self), args=[])
            elif self.row.state in (MessageState.SENDING, MessageState.DONE, MessageState.CANCELED):
                Tag("a", "See results", href=f"/campaigns/sms/{self.board.id}", classes="small")

    def _content(self) -> None:
        self._field = ui.textarea("Message text", value=self.row.text).classes("message-text")
        self._field.props(f"autogrow stack-label hide-bottom-space maxlength={TYPED_AT_MOST}")
        self._field.props["dir"] = "auto"
        if not self._writes:
            self._field.props("readonly")
            if self.row.shorten_links:
                Tag("p", "Links are shortened, and clicks are counted.", classes="muted small")
            self._locked_files()
            return
        self._field.props["placeholder"] = "Write what people will read"
        self._field.on_value_change(lambda e: self.type("text", e.value or ""))
        self._field.on("blur", self.leave, args=[])
        self._unsent = Unsent(self._field, f"message-{self.row.id}", self.row.text)
        with Tag("div", classes="message-tools"):
            with Tag("div", classes="line"):
                EmojiButton(self._field)
                self.merge = MergeMenu(self._field)
            self._meter = Meter(self.make_plain)
        self._more = More(self)
        self._files = DropZone(
            on_file=lambda file: self.desk.attach(self, file),
            on_remove=lambda file_id: self.desk.detach(self, int(file_id)),
            on_shrink=lambda file: self.desk.attach_smaller(self, file),
            hint=self.board.attachable,
            accept=ACCEPT,
            max_bytes=MAX_UPLOAD_BYTES,
        )
        self._files.show(self._attachments())

    def _locked_files(self) -> None:
        if not self.row.files:
            return
        with Tag("ul", classes="attachments", aria_label="Attachments"):
            for file in self._attachments():
                with Tag("li", classes="attachment"):
                    Tag("img", src=file.url, alt="")
                    with Tag("span", classes="grow"):
                        Tag("div", file.filename, classes="attachment-name", title=file.filename)
                        Tag("div", formats.size(file.bytes), classes="muted small")

    def _time(self) -> None:
        self._send_time: SendTime | None = None
        if self.kind is Kind.READ:
            return
        self._send_time = SendTime(
            self.board.timezone,
            self.desk.world.clock(),
            on_type=self.type,
            on_leave=self.leave,
            on_earliest=lambda: self.desk.earliest(self),
        )

    def _save_row(self) -> None:
        name = "Save time" if self.kind is Kind.RETIME else "Save message"
        with Tag("div", classes="message-save"):
            self._save = ui.button(name, on_click=self.save)
            self._discard = ui.button("Discard my change", on_click=self.discard).props("flat")
            self._said = Tag("span", classes="muted small", role="status")

    def type(self, name: Field, value: object) -> None:
        """Take what was typed into a field."""
        self.draft.type(name, value)

    async def leave(self) -> None:
        """A field was left: what a draft holds is saved at once."""
        if self.draft.by_itself:
            await self.draft.flush()
        self.draft.settle()

    async def save(self) -> None:
        """Save on demand; a refusal is shown beside the fields, which keep what was typed."""
        if await self.draft.flush() and not self.draft.problem:
            self.draft.settle()
            self._said.text = "Saved"
        await self.desk.refresh()

    async def discard(self) -> None:
        """Give up what was typed."""
        self._forget_typed()
        self.draft.discard()
        await self.desk.refresh()

    async def set_time(self, date: str, time: str) -> None:
        """Put a time into the fields, and save it where that happens by itself."""
        self.draft.type("local_date", date)
        self.draft.type("local_time", time)
        await self.leave()

    def focus(self) -> None:
        """Go to the first field that can be changed."""
        if self._writes:
            self._field.run_method("focus")
        elif self._send_time is not None:
            self._send_time.focus()

    def focus_time(self) -> None:
        """Go to the send date."""
        if self._send_time is not None:
            self._send_time.focus()

    def focus_move(self, step: int) -> None:
        """Go to the button that moved it, or to the other one at an end of the list."""
        at_end = self.row.position in (1, len(self.board.rows))
        button = self._up if (step < 0) != at_end else self._down
        ui.run_javascript(f"document.getElementById('{button.html_id}')?.focus()")

    @property
    def writes(self) -> bool:
        """Whether the text can be changed here."""
        return self._writes

    def make_plain(self) -> None:
        """Replace the characters that cost extra, where they have look-alikes."""
        self.write(make_plain(self.draft.typed["text"]))

    def write(self, text: str) -> None:
        """Put this text in place of what is there, and save it where that happens by itself."""
        self._field.value = text
        start(self.leave())

    def _show(self) -> None:
        """The draft changed: bring the fields, the answers and the page up to date."""
        if self.is_deleted or not self._drawn:
            return
        typed = self.draft.typed
        if self._field.value != typed["text"]:
            self._field.value = typed["text"]
        if self._writes:
            links = self.board.links if typed["shorten_links"] else ""
            self._meter.show(estimate(typed["text"], links))
            self._more.show(shortens=bool(typed["shorten_links"]))
        self._show_time()
        if self.kind in (Kind.RETIME, Kind.REVISE):
            unsaved = bool(self.draft.unsaved)
            self._save.set_enabled(unsaved)
            self._discard.set_visibility(unsaved)
            if unsaved:
                self._said.text = ""
        self._conflict.show(self.draft.theirs, typed)
        self.desk.edited(self)

    def _show_time(self) -> None:
        if self._send_time is None:
            return
        problem = self.draft.problem
        text, early = (problem.text, False) if problem else ("", False)
        if isinstance(problem, TooEarly):
            early = problem.position == self.row.position
        elif problem is None and not self.draft.unsaved:
            text, early = self.row.too_early, bool(self.row.too_early)
        first = None if self.draft.unsaved else self.row.first
        self._send_time.show(self.draft.typed, first=first, problem=text, earliest=early)

    def _take_theirs(self) -> None:
        self._forget_typed()
        self.draft.take_theirs()

    def _forget_typed(self) -> None:
        if self._writes:
            self._unsent.forget()

    async def _keep_mine(self) -> None:
        await self.draft.keep_mine()
        await self.desk.refresh()

    def _attachments(self) -> list[Attachment]:
        return [
            Attachment(str(f.id), f.filename, f.bytes, link(self.desk.world, f.id)) for f in self.row.files
        ]
