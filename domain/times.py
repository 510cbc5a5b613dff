"""Times as people in the United States write them, on pages and in refusals alike."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def when(moment: datetime, tz: str, now: datetime | None = None) -> str:
    """Date, time and zone: "Mon, Nov 30, 2026, 9:30 AM EST"."""
    return f"{day(moment, tz, now)}, {clock(moment, tz)}"


def wall(moment: datetime, tz: str, now: datetime | None = None) -> str:
    """Date and time as a clock on the wall shows them, without the zone: "Mon, Nov 30, 2026, 9:30 AM"."""
    return f"{day(moment, tz, now)}, {time_of_day(moment.astimezone(ZoneInfo(tz)))}"


def day(moment: datetime, tz: str, now: datetime | None = None) -> str:
    """The date in a zone: "Mon, Nov 30, 2026"; the year is left out when it is `now`'s."""
    local = moment.astimezone(ZoneInfo(tz))
    if now is not None and now.astimezone(ZoneInfo(tz)).year == local.year:
        return f"{local:%a, %b} {local.day}"
    return f"{local:%a}, {calendar_day(local)}"


def clock(moment: datetime, tz: str) -> str:
    """The time of day in a zone, with the zone: "9:30 AM EST"."""
    local = moment.astimezone(ZoneInfo(tz))
    return f"{time_of_day(local)} {zone(local)}"


def calendar_day(found: date) -> str:
    """A day of the calendar: "Nov 30, 2026"."""
    return f"{found:%b} {found.day}, {found.year}"


def time_of_day(found: datetime | time) -> str:
    """A time of day: "9:30 AM"."""
    return f"{found.hour % 12 or 12}:{found:%M %p}"


def zone(local: datetime) -> str:
    """The short name of a moment's zone: "EST", or "GMT+3" where the zone has no letters."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    if minutes == 0:
        return "GMT"
    return f"GMT{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def reader(tz: str) -> Callable[[datetime], str]:
    """Writes any moment as `when` does in that zone."""
    return lambda moment: when(moment, tz)
