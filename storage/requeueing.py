"""Where a delivery goes that is to be tried again: back to its queue, as far as people haven't ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.campaigns import Status
from domain.deliveries import State
from domain.doubts import may_queue
from domain.messages import BEGUN, ENDED, MessageState
from storage import found
from storage.audiences import CANCEL_REASONS, MOVED
from storage.tables import Campaign, Message


@dataclass(slots=True)
class Place:
    """A message, locked, as the place to which its deliveries return."""

    campaign: Campaign
    message: Message

    @property
    def open(self) -> bool:
        """Whether they can be sent from here."""
        return may_queue(self.campaign.status, self.message.state, archived=self.campaign.archived)

    @property
    def state(self) -> State:
        """Their state here."""
        return State.QUEUED if self.open else State.CANCELED

    @property
    def reason(self) -> str | None:
        """Why they are canceled."""
        if self.open:
            return None
        if self.campaign.archived:
            return "The campaign was archived."
        return CANCEL_REASONS.get(self.message.state, CANCEL_REASONS[MessageState.CANCELED])

    @property
    def attempt_id(self) -> str | None:
        """The mark of one that waits for its message's new time; None: it keeps its attempt."""
        return MOVED if self.open and self.message.state not in BEGUN | ENDED else None

    def reopen(self, now: datetime) -> None:
        """Go on with a message, and a campaign, that was through."""
        if self.message.state is MessageState.DONE:
            self.message.state, self.message.finished_at = MessageState.SENDING, None
            self.message.version += 1
        if self.campaign.status is Status.COMPLETED:
            self.campaign.status, self.campaign.status_since = Status.RUNNING, now
            self.campaign.completed_at = None
            self.campaign.version += 1


def places(session: Session, message_ids: Sequence[int]) -> dict[int, Place]:
    """The messages with their campaigns, all locked."""
    return {number: Place(*found.message(session, number)) for number in sorted(message_ids)}
