"""Attempts whose result can't be known: when the carrier is asked about them, and what its answer proves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from domain.campaigns import Status
from domain.messages import MessageState
from domain.problems import Conflict

FIRST_LOOK_AFTER = timedelta(minutes=1)
"""From the claim to the first look: a call's own time-out is 20 s."""

SETTLES_WITHIN = timedelta(minutes=5)
"""What a carrier does not have so long after the claim, it did not get: its own delay is over by then."""

LOOKS_APART = timedelta(minutes=5)
"""Between the two absences that prove something where an attempt is only found by its looks."""

SEEN_FROM, SEEN_UNTIL = timedelta(minutes=1), timedelta(minutes=10)
"""How long before and after the claim the carrier may say that it took the attempt."""

REPEATABLE_FOR = timedelta(hours=23)
"""How long an attempt may be sent again under its own key; carriers remember keys for 24 h."""

FINAL_AFTER = timedelta(hours=24)
"""From the claim on; then nobody is asked any more, and only a receipt or a person changes it."""


class NoneUnconfirmed(Conflict):
    """Nobody is unconfirmed any more: their receipts have come, or somebody sent to them again."""


class NotSendingAgain(Conflict):
    """Unconfirmed deliveries can't be sent again now."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Unconfirmed deliveries can't be sent again now: {why}")


class Verdict(StrEnum):
    """What one look says about an attempt in doubt."""

    FOUND = "found"  # the carrier has it
    ABSENT = "absent"  # proved: the carrier does not have it, so it may be tried again
    MISSING = "missing"  # it was not there, which proves nothing yet
    OPEN = "open"  # no answer, or one that fits several


def judge(
    sightings: Sequence[object] | None,
    *,
    exact: bool,
    claimed_at: datetime,
    missing_since: datetime | None,
    now: datetime,
) -> Verdict:
    """What a look proves.

    `sightings` are the carrier's messages that may be the attempt and that no other attempt owns; None
    when the answer said nothing. `exact` means that they were found by our own attempt id.
    `missing_since` is the first of the looks in a row that missed it.
    """
    if sightings is None or (len(sightings) > 1 and not exact):
        return Verdict.OPEN
    if sightings:
        return Verdict.FOUND
    if now - claimed_at < SETTLES_WITHIN:
        return Verdict.OPEN
    if exact or (missing_since is not None and now - missing_since >= LOOKS_APART):
        return Verdict.ABSENT
    return Verdict.MISSING


def may_queue(campaign: Status, message: MessageState, *, archived: bool) -> bool:
    """Whether a delivery that is to be tried again may still go out; otherwise it is canceled.

    A message or a campaign that was through opens again for it; one that people ended does not.
    """
    ended = campaign in (Status.DRAFT, Status.STOPPED) or archived
    return not ended and message not in (MessageState.CANCELED, MessageState.SKIPPED)


def may_send_again(campaign: Status, message: MessageState, *, archived: bool) -> bool:
    """Whether a message's unconfirmed deliveries may be sent again."""
    try:
        check_send_again(campaign, message)
    except NotSendingAgain:
        return False
    return not archived


def check_send_again(campaign: Status, message: MessageState) -> None:
    """Raise `NotSendingAgain`, saying why, unless a message's unconfirmed deliveries may be sent again."""
    if campaign is Status.STOPPED:
        raise NotSendingAgain("the campaign is stopped. Restart it first.")
    if campaign in (Status.DRAFT, Status.SCHEDULED):
        raise NotSendingAgain(f"the campaign is {campaign.value}. Wait until it runs.")
    if not may_queue(campaign, message, archived=False):
        raise NotSendingAgain(f"the message was {message.value}.")


def next_look(looks: int) -> timedelta:
    """How long to wait after that many looks: soon at first, in the end once an hour."""
    return _PAUSES[min(looks, len(_PAUSES)) - 1]


_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (4, 5, 10, 20, 40, 60))
