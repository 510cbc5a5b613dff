"""Campaign times: what a person typed, in which time zone, and the instant that it means."""

import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
import phonenumbers.timezone

from domain import times
from domain.mobiles import country_of
from domain.problems import Problem

YEARS = range(2000, 2100)
"""The years that a date may lie in: beyond them it is a slip of the finger, and no time zone is known."""


class UnknownZone(Problem):
    """There is no such time zone. Choose one such as America/New_York."""


class BadDate(Problem):
    """Write the date as 2026-11-30."""


class BadTime(Problem):
    """Write the time as 09:30, or as 9:30 am."""


class Kind(StrEnum):
    """How a wall-clock time lies to its zone's clock changes."""

    EXACT = "exact"
    GAP = "gap"  # clocks go forward over it: it does not exist
    OVERLAP = "overlap"  # clocks go back over it: it happens twice


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time resolved: the instant in UTC, and whether it was a clear one."""

    instant: datetime
    kind: Kind


def resolve(wall: datetime, zone_name: str) -> Moment:
    """Give the instant of a naive local time as RFC 5545 (3.3.5) does; raises UnknownZone.

    In a gap the offset before the gap counts, so 02:30 becomes 03:30; in an overlap the first of the two.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall-clock time has no zone of its own")
    first = wall.replace(tzinfo=zone(zone_name), fold=0)
    return Moment(first.astimezone(UTC), _kind(first))


def explain(moment: Moment, wall: datetime, zone_name: str) -> str | None:
    """Say in a sentence what became of a time in a gap or an overlap; None for a clear one."""
    if moment.kind is Kind.EXACT:
        return None
    where = f"on {times.calendar_day(wall)} in {_place(zone_name)}"
    if moment.kind is Kind.OVERLAP:
        first = times.zone(_local(moment.instant, zone_name))
        return (
            f"{times.time_of_day(wall)} happens twice {where} because clocks go back; "
            f"the message goes out the first time ({first})."
        )
    sent = _local(moment.instant, zone_name)
    day = "" if sent.date() == wall.date() else f" on {times.calendar_day(sent)}"
    return (
        f"{times.time_of_day(wall)} does not exist {where} because clocks go forward; "
        f"the message goes out at {times.time_of_day(sent)}{day}."
    )


def wall(instant: datetime, zone_name: str) -> datetime:
    """Give the naive local time of an aware instant; raises UnknownZone."""
    return _local(instant, zone_name).replace(tzinfo=None, fold=0)


def local_span(wall: datetime, zone_names: Iterable[str]) -> tuple[datetime, datetime]:
    """Give the first and the last instant at which it is this wall-clock time in one or more zones."""
    instants = [resolve(wall, name).instant for name in zone_names]
    return min(instants), max(instants)


def parse_date(typed: str) -> date:
    """Read a date such as 2026-11-30; raises BadDate."""
    found = _DATE.fullmatch(typed.strip())
    if found is None:
        raise BadDate
    year, month, day = map(int, found.groups())
    if year not in YEARS:
        raise BadDate(f"The year must be from {YEARS[0]} to {YEARS[-1]}. Write the date as 2026-11-30.")
    try:
        return date(year, month, day)
    except ValueError:
        raise BadDate(f"{found[0]} is not in the calendar. Write the date as 2026-11-30.") from None


def parse_time(typed: str) -> time:
    """Read a time of day such as 09:30, 9:30, 0930, 9:30 pm or 9 pm; raises BadTime."""
    found = _TIME.fullmatch(" ".join(typed.lower().split()))
    if found is None:
        raise BadTime
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := found["half"]:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 24
    elif found["minute"] is None:
        raise BadTime
    if hour > 23 or minute > 59:
        raise BadTime(f"{typed.strip()} is not a time of day. Write the time as 09:30, or as 9:30 am.")
    return time(hour, minute)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Give the time zone of this IANA name; raises UnknownZone."""
    if name not in _known_zones():
        raise UnknownZone(f"There is no time zone “{name[:40]}”. Choose one such as America/New_York.")
    return ZoneInfo(name)


def zone_names() -> list[str]:
    """List the zones to choose from: those named by region and city, and UTC."""
    return sorted(name for name in _known_zones() if name == "UTC" or name.split("/")[0] in _REGIONS)


def zone_of(contact_zone: str | None, number: str, fallback: str) -> str:
    """Give the contact's zone, else its number's if that lies in exactly one, else `fallback`.

    A contact's zone that nobody knows counts as none.
    """
    if contact_zone and contact_zone in _known_zones():
        return contact_zone
    zones = zones_of_number(number)
    return zones[0] if len(zones) == 1 else fallback


def zone_names_known() -> frozenset[str]:
    """Every zone that this program can reckon with."""
    return _known_zones()


def zones_of_number(e164: str) -> tuple[str, ...]:
    """List the zones that a number's prefix lies in (libphonenumber's table); none if unknown."""
    if len(e164) == 12 and e164.startswith("+1"):  # what lies behind area code and exchange decides nothing
        return _zones_of_exchange(e164[:8])
    return _zones_of(e164)


@lru_cache(maxsize=65_536)
def _zones_of_exchange(prefix: str) -> tuple[str, ...]:
    return _zones_of(f"{prefix}0100")


def _zones_of(e164: str) -> tuple[str, ...]:
    country = country_of(e164)
    if country is not None:
        return _known(country.zones)
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return ()
    return _known(tuple(phonenumbers.timezone.time_zones_for_number(number)))


@lru_cache(maxsize=4096)
def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name in _known_zones())


_DATE = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(r"(?P<hour>[0-9]{1,2})(?::?(?P<minute>[0-9]{2}))?(?: ?(?P<half>[ap])\.?(?:m\.?)?)?")
_REGIONS = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)  # the areas of the tz database that hold places
_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - _NOT_PLACES)


def _kind(first: datetime) -> Kind:
    """Compare the offsets of both readings (PEP 495): they differ only at a clock change."""
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before is None or after is None or before == after:
        return Kind.EXACT
    return Kind.GAP if before < after else Kind.OVERLAP


def _local(instant: datetime, zone_name: str) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(zone(zone_name))


def _place(zone_name: str) -> str:
    """Turn America/North_Dakota/Center into "Center, North Dakota"."""
    return ", ".join(reversed(zone_name.replace("_", " ").split("/")[1:])) or zone_name
