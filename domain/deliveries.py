"""A delivery's life: one message to one person, its states, and which of them may follow which."""

from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands; the text is what is stored."""

    QUEUED = "queued"  # planned, waiting for its time and its line
    SENDING = "sending"  # claimed; the carrier is being called
    UNKNOWN = "unknown"  # the call's result can't be known; never repeated blindly
    SENT = "sent"  # the carrier accepted it; no final receipt yet
    NO_RECEIPT = "no_receipt"  # accepted three days ago, and no final receipt since
    DELIVERED = "delivered"  # the carrier says it arrived
    UNDELIVERED = "undelivered"  # accepted, then the carrier gave up
    FAILED = "failed"  # the carrier refused it
    SKIPPED = "skipped"  # left out when its turn came, with a reason
    CANCELED = "canceled"  # its schedule was canceled by a stop
    EXPIRED = "expired"  # its time window passed before it could be sent


RANK = {
    State.QUEUED: 0,
    State.SENDING: 10,
    State.UNKNOWN: 15,
    State.SENT: 30,
    State.NO_RECEIPT: 31,
    State.DELIVERED: 40,
    State.UNDELIVERED: 40,
    State.FAILED: 40,
}

FINAL = frozenset(
    {State.DELIVERED, State.UNDELIVERED, State.FAILED, State.SKIPPED, State.CANCELED, State.EXPIRED}
)
OPEN = frozenset({State.QUEUED, State.SENDING})
BESIDE = frozenset({State.SKIPPED, State.CANCELED, State.EXPIRED})
"""Beside the ladder: we did not send, as far as we know."""
LEFT_US = frozenset(State) - BESIDE - {State.QUEUED}
"""The carrier has the text, or was given it, whatever came of that."""

RECEIPT_WITHIN = timedelta(hours=72)
"""How long the carrier has for its final receipt; afterwards there is none, which is no failure."""

LABELS = {
    State.QUEUED: "Queued",
    State.SENDING: "Sending",
    State.UNKNOWN: "Unconfirmed",
    State.SENT: "Sent",
    State.NO_RECEIPT: "No receipt after 72 h",
    State.DELIVERED: "Delivered",
    State.UNDELIVERED: "Undelivered",
    State.FAILED: "Failed",
    State.SKIPPED: "Skipped",
    State.CANCELED: "Canceled",
    State.EXPIRED: "Expired",
}

MEANINGS = {
    State.QUEUED: "Waiting for their turn on the line.",
    State.SENDING: "With the carrier this very moment.",
    State.UNKNOWN: "The connection broke while sending, so they may or may not have been sent. "
    "They are never sent again by themselves.",
    State.SENT: "The carrier accepted them; no receipt yet.",
    State.NO_RECEIPT: "The carrier accepted them, but never said what became of them.",
    State.DELIVERED: "The carrier confirmed that they arrived.",
    State.UNDELIVERED: "The carrier accepted them, then could not deliver them.",
    State.FAILED: "The carrier refused them.",
    State.SKIPPED: "Left out when their turn came.",
    State.CANCELED: "The campaign was stopped before they were sent.",
    State.EXPIRED: "Their time to be sent passed before they could be.",
}


def may_replace(old: State, new: State) -> bool:
    """Whether the carrier's word `new` may replace `old`: up the ladder only, never down.

    Among final states the first one stands, except that delivered replaces undelivered and failed
    (carriers' receipts come in any order). What stands beside the ladder was not sent as far as we know;
    a carrier that took it knows better.
    """
    if new not in RANK:
        return False
    if old in BESIDE:
        return new in _PROVES_SENT
    if RANK[new] > RANK[old]:
        return True
    return new is State.DELIVERED and old in (State.UNDELIVERED, State.FAILED)


def may_replace_late(old: State, new: State) -> bool:
    """The same for the word on an earlier attempt, after another one took its place or was to.

    That it was delivered counts always. Anything else it only says about itself, unless nothing has
    been sent since: then the carrier's having it keeps the person from getting it twice.
    """
    if new is State.DELIVERED or old is State.QUEUED or old in BESIDE:
        return new in _PROVES_SENT and may_replace(old, new)
    return False


_PROVES_SENT = frozenset({State.SENT, State.DELIVERED, State.UNDELIVERED})
