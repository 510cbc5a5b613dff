"""What stands above the messages of a campaign that is no draft: what is locked, and the way on."""

from nicegui import ui

from domain.access import SENDING
from domain.campaigns import Action, Status, allows
from storage.board import Board, Row
from ui import actions
from ui.actions import Subject
from ui.formats import number, when
from ui.tags import Tag, icon
from ui.world import World

WAYS_ON = (Action.UNARCHIVE, Action.RESTART, Action.RESUME, Action.VIEW)


def banner(world: World, board: Board, *, may_edit: bool, may_send: bool) -> None:
    """Say what may be changed and offer what leads on; nothing for a draft one may edit."""
    text = words(board, may_edit=may_edit)
    if not text:
        return
    offered = {one for one in WAYS_ON if allows(one, board.standing) and (may_edit or one is Action.VIEW)}
    if board.standing.restarting:
        offered.discard(Action.RESTART)
    if not may_send:
        offered -= SENDING
    with Tag("div", classes="banner"):
        icon("lock" if board.status is not Status.PAUSED else "pause_circle")
        Tag("p", text, classes="grow")
        with Tag("div", classes="line"):
            for action in WAYS_ON:
                if action in offered:
                    _way_on(world, board, action)


def words(board: Board, *, may_edit: bool) -> str:
    """The sentence of the banner."""
    if board.standing.archived:
        return "This campaign is archived, so nothing in it can be changed."
    if not may_edit:
        return "You can look at this campaign but not change it. Ask an administrator of your workspace."
    match board.status:
        case Status.DRAFT:
            return ""
        case Status.SCHEDULED | Status.RUNNING:
            return (
                f"The campaign is {board.status.value}, so its details, texts and attachments are locked. "
                "The times of messages that have not been sent can still be changed."
            )
        case Status.PAUSED:
            return (
                "The campaign is paused. What has not been sent yet can be changed: save each message, "
                "then resume the campaign."
            )
        case Status.STOPPED if board.standing.restarting:
            return (
                "Set new times for the messages that should still go out. Nobody gets the same message "
                "twice. Texts, attachments and details can't be changed."
            )
        case Status.STOPPED:
            return "The campaign is stopped. Restart it to give its unsent messages new times."
        case _:
            return "Every message has been sent, so nothing can be changed any more."


def restart_summary(board: Board) -> None:
    """Who already has which message, and who would get what."""
    heading = Tag("h2", "Who has what so far")
    with Tag("div", classes="table-scroll"), Tag("table", classes="plain", aria_labelledby=heading.html_id):
        with Tag("thead"), Tag("tr"):
            for label in ("Message", "Have it or were tried", "Would still get it", "Plan"):
                Tag("th", label, scope="col")
        with Tag("tbody"):
            for row in board.rows:
                with Tag("tr"):
                    Tag("th", f"Message {row.position}", scope="row")
                    Tag("td", number(row.reached))
                    Tag("td", number(max(0, board.people - row.reached)) if row.edits_time else "0")
                    Tag("td", _plan(board, row), classes="muted")


def _plan(board: Board, row: Row) -> str:
    if not row.edits_time:
        return "Done"
    if row.to_send and row.first:
        return f"Goes out {when(row.first, board.timezone)}"
    return "Goes out once it has a new time"


def _way_on(world: World, board: Board, action: Action) -> None:
    subject = Subject(board.id, board.name)
    if action is Action.VIEW:
        Tag("a", action.value, href=subject.path, classes="strong nowrap")
        return
    ui.button(action.value, on_click=lambda: actions.perform(world, action, subject)).props("outline")
