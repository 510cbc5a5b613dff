"""The dialog that sends a message to one's own number and shows live what becomes of it."""

from functools import partial

from nicegui import ui

from domain.problems import Problem
from storage import test_sends, workspace
from storage.test_sends import Came, QuietThere
from ui import notices
from ui.fields import Field
from ui.formats import phone
from ui.tags import Tag, icon
from ui.world import World

SYMBOLS = {True: "check_circle", False: "error", None: "schedule"}


LEAD = (
    "The message goes out once, as it stands, through the campaign's line. It is billed like any other, and "
    "counts in no result."
)
LINKS = " In a test, links stay as they are written."


async def ask(world: World, message_id: int, text: str, *, shortens: bool) -> None:
    """Ask for the number, send, and stay until it is closed."""
    kept = await world.db.run(workspace.kept_form, world.actor(), test_sends.FORM)
    lead = LEAD + (LINKS if shortens else "")
    shown = _TestSend(world, message_id, text, str(kept.get("phone", "")), lead)
    await shown.dialog
    notices.remove(shown.dialog)


class _TestSend:
    """The dialog."""

    def __init__(self, world: World, message_id: int, text: str, number: str, lead: str) -> None:
        self._world, self._message_id, self._text = world, message_id, text
        self._anyway = False
        with ui.dialog() as self.dialog, ui.card().classes("confirm"):
            heading = Tag("h2", "Send a test")
            Tag("p", lead, classes="confirm-text")
            self._field = Field("Your number", wide=True)
            with self._field:
                self._number = ui.input(value=phone(number) if number else "", on_change=self._typed)
                self._number.props("autofocus type=tel autocomplete=tel maxlength=40")
            self._field.hold(self._number)
            self._number.on("keydown.enter", self._send, args=[])
            self._outcome = Tag("p", classes="test-outcome", role="status")
            self._watch = Tag("div")
            with Tag("div", classes="confirm-actions"):
                ui.button("Close", on_click=lambda: self.dialog.submit(None)).props("outline")
                self._button = ui.button("Send test", on_click=self._send)
        self._outcome.set_visibility(False)
        self.dialog.props["aria-labelledby"] = heading.html_id

    def _typed(self) -> None:
        self._field.problem = ""
        self._ask_again(anyway=False)

    def _ask_again(self, *, anyway: bool) -> None:
        self._anyway = anyway
        self._button.text = "Send anyway" if anyway else "Send test"

    async def _send(self) -> None:
        world, number = self._world, self._number.value or ""
        self._button.disable()  # a double click is one test
        try:
            send = partial(test_sends.send, at_any_hour=self._anyway)
            made = await world.db.run(
                send, world.actor(), self._message_id, self._text, number, world.clock()
            )
        except Problem as problem:
            self._field.problem = problem.text
            self._ask_again(anyway=isinstance(problem, QuietThere))
            return
        finally:
            self._button.enable()
        self._field.problem = ""
        self._ask_again(anyway=False)
        read = partial(test_sends.came, test_id=made)
        self._show(await world.db.run(read))
        self._watch.clear()
        with self._watch:
            world.feed.watch(("test send", made), read, self._show)

    def _show(self, came: Came | Problem) -> None:
        if self.dialog.is_deleted or isinstance(came, Problem):
            return
        self._outcome.clear()
        self._outcome.set_visibility(True)
        good = came.good if came.over or came.good else None
        self._outcome.classes(remove="is-good is-bad")
        if good is not None:
            self._outcome.classes("is-good" if good else "is-bad")
        with self._outcome:
            icon(SYMBOLS[good])
            Tag("span", " · ".join(filter(None, (came.label, came.detail))))
