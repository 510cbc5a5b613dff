"""The bar at the foot of the composer: who gets it, whether all is saved, what is missing, and the button."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.access import LineForbidden
from domain.campaigns import Action
from storage.board import Board
from ui.formats import plural
from ui.tags import Tag, icon

NOT_THIS_LINE = LineForbidden().text
SAVED, SAVING = "Saved", "Saving…"


class SendBar(Tag):
    """Stays in sight while the messages scroll."""

    def __init__(self, on_schedule: Callable[[], Awaitable[None]], *, may_send: bool) -> None:
        super().__init__("div", classes="send-bar")
        self._may_send = may_send
        with self:
            with Tag("div", classes="send-bar-facts"):
                self._people = Tag("span", classes="strong two-lines", dir="auto")
                with Tag("span", classes="save-state") as self._saved_line:
                    icon("cloud_done")
                    self._saved = Tag("span")
            self._missing = Tag("p", classes="send-bar-missing", aria_live="polite")
            self._button = ui.button(Action.SCHEDULE.value, on_click=on_schedule)
            self._button.props["aria-describedby"] = self._missing.html_id

    def show(self, board: Board) -> None:
        """Say who gets it and what is missing."""
        self._people.text = audience(board)
        self._people.attributes(title=audience(board))
        self._missing.text = missing(board) if self._may_send else NOT_THIS_LINE
        self._button.set_enabled(board.ready and self._may_send)

    def say(self, text: str) -> None:
        """Say why scheduling was refused."""
        self._missing.text = text
        self._missing.classes(add="is-problem")

    def state(self, *, saving: bool, problem: str) -> None:
        """Whether everything typed is kept."""
        self._saved.text = problem or (SAVING if saving else SAVED)
        self._saved_line.classes(add="is-problem" if problem else "", remove="" if problem else "is-problem")
        self._missing.classes(remove="is-problem")


def audience(board: Board) -> str:
    """Such as "1,200 people on Spring leads"."""
    return f"{plural(board.people, 'person', 'people')} on {board.list_name}"


def missing(board: Board) -> str:
    """What keeps the campaign from being scheduled; "" when nothing does."""
    if board.nothing_to_send:
        return board.nothing_to_send
    lacking = [f"Message {row.position}: {row.missing}" for row in board.rows if row.missing]
    if not lacking:
        return ""
    rest = (
        f" {plural(len(lacking) - 1, 'more message needs', 'more messages need')} attention."
        if lacking[1:]
        else ""
    )
    return lacking[0] + rest
