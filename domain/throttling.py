"""How often a sign-in may be tried, for each account and for each address that tries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.problems import NotAllowed

WINDOW = timedelta(minutes=15)


class Scope(StrEnum):
    """What attempts are counted by."""

    ACCOUNT = "account"
    ADDRESS = "address"


MOST = {Scope.ACCOUNT: 5, Scope.ADDRESS: 20}
"""Attempts in one window; a success gives its own back."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many there were since the window began."""

    count: int
    since: datetime


class TooManyAttempts(NotAllowed):
    """Too many attempts. Try again in 15 minutes."""


def one_more(so_far: Attempts | None, scope: Scope, now: datetime) -> Attempts:
    """The count with this attempt; raises `TooManyAttempts` where it may not be made."""
    if so_far is None or not timedelta() <= now - so_far.since < WINDOW:
        return Attempts(1, now)
    if so_far.count >= MOST[scope]:
        minutes = -((now - so_far.since - WINDOW) // timedelta(minutes=1))
        unit = "minute" if minutes == 1 else "minutes"
        raise TooManyAttempts(f"Too many attempts. Try again in {minutes} {unit}.")
    return Attempts(so_far.count + 1, so_far.since)
