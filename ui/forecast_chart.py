"""The send forecast as a chart: how many go out when; a table says the same to who can't see it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.forecast import Slot, bars
from ui import formats
from ui.formats import number, plural
from ui.tags import Tag

MOST = 48
"""Bars at most: more would be too thin to point at."""


def draw(slots: Sequence[Slot], zone: str, title: str) -> None:
    """Draw the chart; nothing where all go out at once, as the start says that already."""
    if len(slots) < 2:
        return
    shown, width = bars(slots, MOST)
    highest = max(slot.people for slot in shown)
    with Tag("figure", classes="forecast"):
        with Tag("div", classes="forecast-bars", aria_hidden="true"):
            for slot in shown:
                height = max(3.0, 100 * slot.people / highest) if slot.people else 0
                words = f"{_span(slot.at, width, zone)}: {plural(slot.people, 'person', 'people')}"
                Tag("i", title=words).style(f"height: {height:.1f}%")
        with Tag("div", classes="forecast-axis", aria_hidden="true"):
            Tag("span", formats.wall(shown[0].at, zone))
            Tag("span", f"Up to {number(highest)} in {_long(width)}", classes="forecast-top")
            Tag("span", formats.wall(shown[-1].at + width, zone))
        _table(shown, width, zone, title)


def _table(shown: Sequence[Slot], width: timedelta, zone: str, title: str) -> None:
    with Tag("table", classes="sr-only"):
        Tag("caption", title)
        with Tag("thead"), Tag("tr"):
            Tag("th", "Time", scope="col")
            Tag("th", "People", scope="col")
        with Tag("tbody"):
            for slot in shown:
                if slot.people:
                    with Tag("tr"):
                        Tag("td", _span(slot.at, width, zone))
                        Tag("td", number(slot.people))


def _span(at: datetime, width: timedelta, zone: str) -> str:
    return f"{formats.wall(at, zone)} to {formats.clock(at + width, zone)}"


def _long(width: timedelta) -> str:
    minutes = int(width.total_seconds()) // 60
    return f"{minutes} minutes" if minutes < 60 else plural(minutes // 60, "hour")
