"""What else can be done with a message's text: the buttons below it."""

from typing import Protocol

from nicegui import ui

from storage.board import Row
from ui import notices, templates, test_send
from ui.draft import Draft, Field
from ui.fields import Tick
from ui.tags import Tag
from ui.world import World


class Desk(Protocol):
    """The page around the card."""

    world: World

    @property
    def may_send(self) -> bool: ...  # noqa: D102


class Card(Protocol):
    """The message that the buttons belong to."""

    draft: Draft
    row: Row

    @property
    def desk(self) -> Desk: ...  # noqa: D102

    @property
    def is_deleted(self) -> bool: ...  # noqa: D102

    def write(self, text: str) -> None: ...  # noqa: D102

    def type(self, name: Field, value: object) -> None: ...  # noqa: D102

    async def leave(self) -> None: ...  # noqa: D102


class More(Tag):
    """The row of buttons, and the switch for short links."""

    def __init__(self, card: Card) -> None:
        super().__init__("div", classes="message-more")
        self._card = card
        with self:
            ui.button("Use a template", on_click=self._use).props("outline dense")
            ui.button("Save as template", on_click=self._keep).props("flat dense")
            if card.desk.may_send:
                ui.button("Send a test", on_click=self._try).props("flat dense")
            self._shortens = Tick("Shorten and count links", self._switch)

    def show(self, *, shortens: bool) -> None:
        """Show whether links are shortened."""
        if self._shortens.value != shortens:
            self._shortens.value = shortens

    async def _switch(self) -> None:
        self._card.type("shorten_links", self._shortens.value)
        await self._card.leave()

    async def _use(self) -> None:
        before = self._card.draft.typed["text"]
        text = await templates.choose(self._card.desk.world)
        if text is None or self._card.is_deleted:
            return
        self._card.write(text)
        if before.strip() and before != text:
            notices.undo("The template took the place of the text.", lambda: self._card.write(before))

    async def _keep(self) -> None:
        await templates.keep(self._card.desk.world, self._card.draft.typed["text"])

    async def _try(self) -> None:
        typed = self._card.draft.typed
        shortens = bool(typed["shorten_links"])
        await test_send.ask(self._card.desk.world, self._card.row.id, typed["text"], shortens=shortens)
