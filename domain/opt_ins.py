"""What every opt-in record must have."""

from datetime import datetime, timedelta

from domain.problems import Problem

TODAY = timedelta(days=1)
"""Opt-ins of today may lie that far ahead: where they were given the day may be further on."""


class ConsentNeedsSource(Problem):
    """Say where the person opted in, such as the address of the form or the name of the shop."""


class ConsentInFuture(Problem):
    """The time of the opt-in lies in the future. Check the date."""


def of_a_day(at: datetime, now: datetime) -> datetime:
    """When a dated opt-in was given; what is still to come today is now. Raises `ConsentInFuture`."""
    if at > now + TODAY:
        raise ConsentInFuture
    return min(at, now)
