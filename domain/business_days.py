"""Business days: Monday to Friday. A holiday counts as one, so a clock never runs too slowly."""

from datetime import date, timedelta

SATURDAY = 5


def after(day: date, count: int) -> date:
    """The business day that is `count` business days after `day`."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def left(today: date, due: date) -> int:
    """Business days from today until the due day; 0 on it, negative once it has passed."""
    sign, first, last = (1, today, due) if today <= due else (-1, due, today)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sign * sum(day.weekday() < SATURDAY for day in days)
