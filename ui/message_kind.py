"""What a person can do with a message as its campaign stands, and where the message stands in words."""

from enum import Enum

from domain.campaigns import Status
from domain.messages import MessageState
from storage.board import Board, Row
from ui import formats


class Kind(Enum):
    """What a person can do with a message."""

    WRITE = "write"  # a draft: everything, saved by itself
    PLAN = "plan"  # after a restart: its time, saved by itself
    RETIME = "retime"  # scheduled: its time, saved on demand
    REVISE = "revise"  # paused: text, attachments and time, saved on demand
    READ = "read"


def kind(board: Board, row: Row, *, may_edit: bool) -> Kind:
    """What can be done with this message now."""
    match board.status:
        case _ if not may_edit or board.standing.archived:
            return Kind.READ
        case Status.DRAFT:
            return Kind.WRITE
        case Status.STOPPED if row.edits_time:
            return Kind.PLAN
        case Status.PAUSED if row.edits_content:
            return Kind.REVISE
        case Status.SCHEDULED | Status.RUNNING if row.edits_time:
            return Kind.RETIME
        case _:
            return Kind.READ


def state_words(board: Board, row: Row) -> str:
    """Where a message stands, when that is more than being written."""
    at = formats.when(row.send_at, board.timezone) if row.send_at else ""
    match row.state:
        case MessageState.DRAFT:
            return ""
        case MessageState.SCHEDULED if row.edits_time or board.status is Status.PAUSED:
            return f"Scheduled for {at}"
        case MessageState.SCHEDULED:
            return f"About to be sent, planned for {at}"
        case MessageState.PLANNING | MessageState.SENDING:
            return f"Being sent since {at}"
        case MessageState.MISSED:
            return f"Missed, was planned for {at}"
        case MessageState.DONE:
            return f"Sent {at}"
        case MessageState.CANCELED if at and not (board.standing.restarting and row.local_date):
            return f"Canceled, was planned for {at}"
        case MessageState.CANCELED:
            return "To be sent again" if row.to_send else "Canceled"
        case _:
            return "Skipped"
