"""The charts of a campaign: progress over time, by hour, what went wrong; each with a table for readers."""

from collections.abc import Sequence
from datetime import timedelta

from domain.carrier_errors import explain
from domain.progress import BANDS, Band, Hour, Moment
from domain.tallies import number
from domain.why import TOLD_BY_CARRIER
from storage.progress import Progress
from storage.results import Results
from ui.formats import clock, day, plural, wall
from ui.tags import Tag

WIDTH, HEIGHT = 600, 160
"""Units of the drawing; it is stretched to the room that there is."""

MOST_ERRORS = 8

NAMES = {
    Band.DELIVERED: "Delivered",
    Band.SENT: "Sent, no final receipt",
    Band.UNKNOWN: "Unconfirmed",
    Band.PROBLEM: "Undelivered or failed",
}


class Charts(Tag):
    """Drawn anew whenever what they show has changed, which is every few seconds at most."""

    def __init__(self, zone: str) -> None:
        super().__init__("section", classes="charts")
        self._zone = zone
        self._progress = Progress()
        self._errors: list[tuple[str, int]] = []
        with self:
            heading = Tag("h2", "Charts")
            self._body = Tag("div", classes="charts-grid")
        self.attributes(aria_labelledby=heading.html_id)
        self.set_visibility(False)

    def show(self, progress: Progress) -> None:
        """Draw the progress."""
        if progress != self._progress:
            self._progress = progress
            self._draw()

    def show_errors(self, results: Results) -> None:
        """Draw what went wrong."""
        found = errors(results)
        if found != self._errors:
            self._errors = found
            self._draw()

    def _draw(self) -> None:
        self._body.clear()
        moments, hours = self._progress.moments, self._progress.hours
        drawn = bool(moments and moments[-1].total)
        self.set_visibility(drawn)
        if not drawn:
            return
        with self._body:
            with Tag("figure", classes="panel chart chart-wide"):
                over_time(moments, self._zone)
            with Tag("figure", classes="panel chart"):
                by_hour(hours, self._zone)
            with Tag("figure", classes="panel chart"):
                by_error(self._errors)


def errors(results: Results) -> list[tuple[str, int]]:
    """The carrier's words and how many people they were said about, most first."""
    counts: dict[str, int] = {}
    for message in results.messages:
        for (state, code), count in message.codes.items():
            if state in TOLD_BY_CARRIER:
                title = explain(results.carrier_kind, code).title
                counts[title] = counts.get(title, 0) + count
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_ERRORS]


def over_time(moments: Sequence[Moment], zone: str) -> None:
    """Everybody who was tried, in bands, from the first text until now."""
    highest = max(moment.total for moment in moments)
    Tag("figcaption", "Progress over time")
    with Tag("ul", classes="chart-key", aria_hidden="true"):
        for band in BANDS:
            if any(moment.people.get(band) for moment in moments):
                with Tag("li"):
                    Tag("i", classes=f"swatch state-{band.value}")
                    Tag("span", f"{NAMES[band]} {number(moments[-1].people.get(band, 0))}")
    with Tag("svg", classes="chart-area", viewBox=f"0 0 {WIDTH} {HEIGHT}", preserveAspectRatio="none"):
        for band, path in areas(moments, highest).items():
            Tag("path", d=path, classes=f"area-{band.value}")
    with Tag("div", classes="chart-axis", aria_hidden="true"):
        Tag("span", wall(moments[0].at, zone, moments[-1].at))
        Tag("span", wall(moments[-1].at, zone, moments[-1].at))
        Tag("span", f"Up to {plural(highest, 'text')}", classes="chart-top")
    rows = [
        (wall(moment.at, zone), *(number(moment.people.get(band, 0)) for band in BANDS))
        for moment in spread(moments)
    ]
    _table("Progress over time", ("Time", *NAMES.values()), rows)


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


def by_hour(hours: Sequence[Hour], zone: str) -> None:
    """How many were tried, and how many of them delivered, in each hour."""
    Tag("figcaption", "By hour")
    highest = max((max(one.tried, one.delivered) for one in hours), default=0) or 1
    with Tag("ul", classes="chart-key", aria_hidden="true"):
        for css, name in (("sent", "Handed to the carrier"), ("delivered", "Delivered")):
            with Tag("li"):
                Tag("i", classes=f"swatch state-{css}")
                Tag("span", name)
    with Tag("div", classes="chart-bars", aria_hidden="true"):
        for one in hours:
            words = f"{_hour(one, zone)}: {number(one.tried)} sent, {number(one.delivered)} delivered"
            with Tag("div", classes="chart-pair", title=words):
                Tag("i", classes="bar-sent").style(f"height: {100 * one.tried / highest:.1f}%")
                Tag("i", classes="bar-delivered").style(f"height: {100 * one.delivered / highest:.1f}%")
    with Tag("div", classes="chart-axis", aria_hidden="true"):
        if hours:
            end = hours[-1].at + timedelta(hours=1)
            Tag("span", wall(hours[0].at, zone, end))
            Tag("span", wall(end, zone, end))
            Tag("span", f"Up to {number(highest)} in an hour", classes="chart-top")
    rows = [(_hour(one, zone), number(one.tried), number(one.delivered)) for one in hours]
    _table("Texts by hour", ("Hour", "Handed to the carrier", "Delivered"), rows)


def _hour(one: Hour, zone: str) -> str:
    return f"{day(one.at, zone)}, {clock(one.at, zone)} to {clock(one.at + timedelta(hours=1), zone)}"


def by_error(found: Sequence[tuple[str, int]]) -> None:
    """What the carrier said, most often first."""
    Tag("figcaption", "By error")
    if not found:
        Tag("p", "No errors. Every text that was answered was accepted.", classes="muted chart-none")
        return
    highest = found[0][1]
    with Tag("ul", classes="chart-errors"):
        for title, count in found:
            with Tag("li"):
                Tag("span", title, classes="chart-error")
                Tag("b", number(count), classes="num")
                with Tag("div", classes="chart-track", aria_hidden="true"):
                    Tag("i").style(f"width: {max(1.0, 100 * count / highest):.1f}%")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with Tag("table", classes="sr-only"):
        Tag("caption", title)
        with Tag("thead"), Tag("tr"):
            for head in heads:
                Tag("th", head, scope="col")
        with Tag("tbody"):
            for first, *rest in rows:
                with Tag("tr"):
                    Tag("th", first, scope="row")
                    for cell in rest:
                        Tag("td", cell)
