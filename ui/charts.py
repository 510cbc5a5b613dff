"""The charts of a campaign: progress over time, by hour, what went wrong; each with a table for readers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from nicegui import ui

from domain.carrier_errors import explain
from domain.progress import BANDS, Band, Hour, Moment
from domain.tallies import number
from domain.why import TOLD_BY_CARRIER
from storage.progress import Progress
from storage.results import Results
from ui.formats import clock, day, plural, wall

Payload = dict[str, object]

WIDTH, HEIGHT = 600, 160
"""Units of the drawing; it is stretched to the room that there is."""

MOST_ERRORS = 8

NAMES = {
    Band.DELIVERED: "Delivered",
    Band.SENT: "Sent, no final receipt",
    Band.UNKNOWN: "Unconfirmed",
    Band.PROBLEM: "Undelivered or failed",
}


class Charts(ui.element, component="components/charts.js"):
    """One element however much it shows, so that fifty open pages can follow a campaign.

    It appears with the first text.
    """

    def show(self, progress: Payload | None) -> None:
        """Draw the progress, which is a `payload`."""
        self.props["progress"] = progress

    def show_errors(self, results: Results) -> None:
        """Draw what went wrong."""
        found = by_error(errors(results))
        if found != self.props.get("errors"):
            self.props["errors"] = found


@lru_cache(maxsize=256)
def payload(progress: Progress, zone: str) -> Payload | None:
    """What the charts' component draws; None before the first text. Made once for all who look."""
    moments = progress.moments
    if not moments or not moments[-1].total:
        return None
    return {"over_time": over_time(moments, zone), "by_hour": by_hour(progress.hours, zone)}


def errors(results: Results) -> list[tuple[str, int]]:
    """The carrier's words and how many people they were said about, most first."""
    counts: dict[str, int] = {}
    for message in results.messages:
        for (state, code), count in message.codes.items():
            if state in TOLD_BY_CARRIER:
                title = explain(results.carrier_kind, code).title
                counts[title] = counts.get(title, 0) + count
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_ERRORS]


def over_time(moments: Sequence[Moment], zone: str) -> Payload:
    """Everybody who was tried, in bands, from the first text until now."""
    first, last = moments[0], moments[-1]
    highest = max(moment.total for moment in moments)
    rows = [
        (wall(moment.at, zone), *(number(moment.people.get(band, 0)) for band in BANDS))
        for moment in spread(moments)
    ]
    return {
        "key": [
            {"state": band.value, "words": f"{NAMES[band]} {number(last.people.get(band, 0))}"}
            for band in BANDS
            if any(moment.people.get(band) for moment in moments)
        ],
        "box": f"0 0 {WIDTH} {HEIGHT}",
        "areas": [{"band": band.value, "path": path} for band, path in areas(moments, highest).items()],
        "axis": _axis(first.at, last.at, zone, f"Up to {plural(highest, 'text')}"),
        "table": _table("Progress over time", ("Time", *NAMES.values()), rows),
    }


def areas(moments: Sequence[Moment], highest: int) -> dict[Band, str]:
    """The outline of each band that holds somebody, stacked from the ground up."""
    first, length = moments[0].at, (moments[-1].at - moments[0].at) or timedelta(seconds=1)
    places = [WIDTH * ((moment.at - first) / length) for moment in moments]
    if len(moments) == 1:
        places = [0.0, float(WIDTH)]
        moments = [moments[0], moments[0]]
    ground, found = [0] * len(moments), {}
    for band in BANDS:
        top = [low + moment.people.get(band, 0) for low, moment in zip(ground, moments, strict=True)]
        if top != ground:
            there = _line(places, top, highest)
            back = _line(places[::-1], ground[::-1], highest)
            found[band] = f"M{there}L{back}Z"
        ground = top
    return found


def _line(places: Sequence[float], heights: Sequence[int], highest: int) -> str:
    return "L".join(
        f"{place:.1f},{HEIGHT * (1 - height / highest):.1f}"
        for place, height in zip(places, heights, strict=True)
    )


def spread(moments: Sequence[Moment], most: int = 12) -> list[Moment]:
    """A few moments, the first and the last among them, to be read as a table."""
    if len(moments) <= most:
        return list(moments)
    return [moments[round(place * (len(moments) - 1) / (most - 1))] for place in range(most)]


def by_hour(hours: Sequence[Hour], zone: str) -> Payload:
    """How many were tried, and how many of them delivered, in each hour."""
    highest = max((max(one.tried, one.delivered) for one in hours), default=0) or 1
    end = hours[-1].at + timedelta(hours=1) if hours else None
    rows = [(_hour(one, zone), number(one.tried), number(one.delivered)) for one in hours]
    return {
        "key": [
            {"state": "sent", "words": "Handed to the carrier"},
            {"state": "delivered", "words": "Delivered"},
        ],
        "pairs": [
            {
                "words": f"{hour}: {tried} sent, {delivered} delivered",
                "sent": round(100 * one.tried / highest, 1),
                "delivered": round(100 * one.delivered / highest, 1),
            }
            for one, (hour, tried, delivered) in zip(hours, rows, strict=True)
        ],
        "axis": _axis(hours[0].at, end, zone, f"Up to {number(highest)} in an hour") if end else None,
        "table": _table("Texts by hour", ("Hour", "Handed to the carrier", "Delivered"), rows),
    }


def by_error(found: Sequence[tuple[str, int]]) -> list[Payload]:
    """What the carrier said, most often first."""
    return [
        {
            "title": title,
            "number": number(count),
            "width": round(max(1.0, 100 * count / found[0][1]), 1),
        }
        for title, count in found
    ]


def _hour(one: Hour, zone: str) -> str:
    return f"{day(one.at, zone)}, {clock(one.at, zone)} to {clock(one.at + timedelta(hours=1), zone)}"


def _axis(first: datetime, last: datetime, zone: str, top: str) -> Payload:
    return {"from": wall(first, zone, last), "until": wall(last, zone, last), "top": top}


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Payload:
    return {"title": title, "heads": heads, "rows": rows}
