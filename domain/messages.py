"""A message of a campaign's sequence: its states, what may be changed when, and what it must have."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.campaigns import Status
from domain.problems import Conflict, Problem

STANDARD = "Standard Messages"
"""The one message type."""

DEFAULT_EXPIRY_MINUTES = 24 * 60
"""How long after its time a message may still go out, unless it says otherwise."""

MAX_MESSAGES = 50
"""Messages in one campaign."""


class MessageState(StrEnum):
    """Where a message stands; the text is what is stored."""

    DRAFT = "draft"  # being written; its time binds nothing yet
    SCHEDULED = "scheduled"
    PLANNING = "planning"  # its time has come; the deliveries are being written
    SENDING = "sending"
    DONE = "done"  # everyone's turn has come
    CANCELED = "canceled"  # the campaign was stopped before it was done
    MISSED = "missed"  # the program was down at its time; a person decides what becomes of the rest
    SKIPPED = "skipped"  # a person chose not to send it any more

    @property
    def label(self) -> str:
        """The word on screen."""
        return self.value.capitalize()


UNBEGUN = frozenset({MessageState.DRAFT, MessageState.SCHEDULED})
BEGUN = frozenset({MessageState.PLANNING, MessageState.SENDING})
UNDECIDED = frozenset({MessageState.MISSED})
ENDED = frozenset({MessageState.DONE, MessageState.CANCELED, MessageState.SKIPPED})


MISSED_AFTER = timedelta(hours=1)
"""A message that is later than this is not sent by itself: by now its words may be wrong."""


class MessageEmpty(Problem):
    """Write a text or add an attachment."""


class MessageLocked(Conflict):
    """The campaign's details are locked, so this message's text and attachments can't be changed."""


class TimeHasCome(Conflict):
    """This message's time has come, so it can't be moved any more."""


class TooManyMessages(Problem):
    """A campaign can have 50 messages at most."""


class ChangedElsewhere(Conflict):
    """This message was changed in another window in the meantime. Nothing was overwritten."""


class Choice(StrEnum):
    """What a person can decide about a message whose time passed, beside giving it a new time."""

    SEND_NOW = "send_now"
    SKIP = "skip"


class ResumeFirst(Conflict):
    """The campaign is paused. Resume it: it then asks what should become of this message."""


class NotMissed(Conflict):
    """This message is not waiting for a decision any more. Somebody may have made it a moment ago."""


def is_missed(begins_at: datetime, now: datetime) -> bool:
    """Whether a message that has not begun is too late to begin by itself."""
    return now - begins_at > MISSED_AFTER


def may_edit_content(campaign: Status, message: MessageState) -> bool:
    """Whether text and attachments may change: in a draft, or while paused if not all of it is sent."""
    if campaign is Status.DRAFT:
        return True
    return campaign is Status.PAUSED and message not in ENDED


def may_move(campaign: Status, message: MessageState, *, time_has_come: bool, restarting: bool) -> bool:
    """Whether the message's time may change.

    In a draft always; once scheduled until its time has come, or when it was missed; while paused as
    long as part of it is unsent; after a restart when the stop canceled it.
    """
    match campaign:
        case Status.DRAFT:
            return True
        case Status.SCHEDULED | Status.RUNNING:
            return message is MessageState.MISSED or (message is MessageState.SCHEDULED and not time_has_come)
        case Status.PAUSED:
            return message not in ENDED
        case Status.STOPPED:
            return restarting and message in UNBEGUN | {MessageState.CANCELED}
        case _:
            return False
