"""The table of quiet hours as people type it: days and minutes in words, and what a region means."""

import re
from collections.abc import Sequence
from datetime import date

from domain.places import STATES
from domain.problems import Problem
from domain.quiet_hours import DAY, Rule
from domain.zones import BadDate, BadTime, parse_date, parse_time

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class BadRegion(Problem):
    """Write a country as US or FR, or a state of the United States as US-FL."""


class NoDays(Problem):
    """Choose at least one day."""


class NoSource(Problem):
    """Say where the rule comes from, so that others can check it."""


def days_in_words(days: Sequence[int]) -> str:
    """The days of a rule: "Every day", "Mon to Fri", "Sat, Sun"."""
    if tuple(days) == EVERY_DAY:
        return "Every day"
    names = [DAY_NAMES[day - 1] for day in sorted(days)]
    in_a_row = len(days) > 2 and max(days) - min(days) == len(days) - 1
    return f"{names[0]} to {names[-1]}" if in_a_row else ", ".join(names)


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it; midnight at the day's end is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minute(text: str) -> int:
    """The same read: 08:00, 8 am, 24:00; raises `BadTime`."""
    if text.strip() in ("24:00", "24"):
        return DAY
    found = parse_time(text)
    return found.hour * 60 + found.minute


def region_in_words(region: str) -> str:
    """The region of a rule as people read it."""
    country, _, state = region.partition("-")
    names = {code: name for name, code in STATES.items()}
    return f"{names.get(state, state)} ({region})" if state else country


def rule_of(
    region: str, days: Sequence[int], opens: str, closes: str, since: str, until: str, source: str
) -> Rule:
    """A rule as somebody typed it; raises what is wrong with it."""
    code = region.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}|US-[A-Z]{2}", code) or (
        code.startswith("US-") and code[3:] not in STATES.values()
    ):
        raise BadRegion
    if not days:
        raise NoDays
    if not source.strip():
        raise NoSource
    begins = parse_date(since) if since.strip() else date(2000, 1, 1)
    ends = parse_date(until) if until.strip() else None
    return Rule(code, tuple(sorted(days)), minute(opens), minute(closes), begins, ends, source.strip())


__all__ = ["BadDate", "BadTime", "clock", "days_in_words", "minute", "region_in_words", "rule_of"]
