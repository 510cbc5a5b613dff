"""Numbers, times, money and phone numbers as people in the United States write them."""

from datetime import datetime
from decimal import Decimal

import phonenumbers

from domain.tallies import number, percent
from domain.times import calendar_day, clock, day, time_of_day, wall, when

__all__ = [
    "calendar_day",
    "clock",
    "day",
    "money",
    "number",
    "percent",
    "phone",
    "plural",
    "relative",
    "size",
    "time_of_day",
    "wall",
    "when",
]

SYMBOLS = {"USD": "$", "CAD": "CA$", "AUD": "A$", "EUR": "€", "GBP": "£"}


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 message", "12,408 contacts"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def minutes(count: int) -> str:
    """A stretch of time in its largest whole unit: "90 minutes", "24 hours", "3 days"."""
    if count % (24 * 60) == 0 and count > 24 * 60:
        return plural(count // (24 * 60), "day")
    return plural(count, "minute") if count % 60 else plural(count // 60, "hour")


def money(amount: Decimal, currency: str = "USD") -> str:
    """An amount; a price below a cent keeps its digits: "$12,408.50", "$0.0079"."""
    exact = -int(amount.normalize().as_tuple().exponent)
    digits = min(max(exact, 2), 4) if 0 < abs(amount) < 1 else 2
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{abs(amount):,.{digits}f}"


def size(count: int) -> str:
    """Bytes as people read them: "640 KB", "1.2 MB"."""
    if count < 1000:
        return plural(count, "byte")
    if count < 999_500:
        return f"{count / 1000:.0f} KB"
    return f"{count / 1_000_000:.1f} MB"


def phone(e164: str) -> str:
    """A number as people write it: "+1 415-555-0100"; a sender name or a short code stays as it is."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def relative(moment: datetime, now: datetime) -> str:
    """How far away a moment is: "in 3 min", "2 h ago", "just now"."""
    seconds = (moment - now).total_seconds()
    span = distance(abs(seconds))
    if not span:
        return "just now" if seconds <= 0 else "in a moment"
    return f"in {span}" if seconds > 0 else f"{span} ago"


def distance(seconds: float) -> str:
    """A span in its largest fitting unit; "" below half a minute."""
    minutes = round(seconds / 60)
    if seconds < 30:
        return ""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 36 * 60:
        return f"{round(minutes / 60)} h"
    return plural(round(minutes / 60 / 24), "day")
