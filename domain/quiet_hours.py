"""Quiet hours: in which local hours a person may be texted, wherever they may be.

Rules are data with a date and a source. All that apply to a person hold together: the workspace's own
window, their country's, their state's; and where a number may lie in several zones, in each of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.places import Place
from domain.problems import Problem
from domain.zones import resolve, wall

DAY = 24 * 60
EVERYWHERE = ""
"""The region of the workspace's own window."""

LOOK_AHEAD = timedelta(days=9)
"""How far an opening is looked for: rules repeat weekly."""

MARGIN = timedelta(minutes=1)
"""Nothing is claimed so shortly before a window closes: what is claimed may wait for its line's pace."""


class BadWindow(Problem):
    """A window must open before it closes, within one day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """In one region, on some days of the week, texts are allowed from `opens` to `closes`.

    A region that has rules is closed on the days that none of them names. Minutes count from midnight,
    local time; days are 1 (Monday) to 7.
    """

    region: str  # "" everywhere, "US" a country, "US-FL" a state
    days: tuple[int, ...]
    opens: int
    closes: int
    since: date = date(2000, 1, 1)  # the first day on which it counts
    until: date | None = None  # the last one
    source: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY:
            raise BadWindow

    def counts(self, day: date) -> bool:
        """Whether it is in force on that date."""
        return self.since <= day and (self.until is None or day <= self.until)


class Hours:
    """The rules of a workspace, and the zone that counts for people of whom nothing is known."""

    def __init__(self, rules: Iterable[Rule], zone: str) -> None:
        self.rules = tuple(rules)
        self.zone = zone
        self._windows: dict[tuple[date, tuple[str, ...]], tuple[int, int]] = {}

    def allows(self, instant: datetime, place: Place) -> bool:
        """Whether a person at `place` may be sent to at this instant, and a minute later still."""
        return all(self._open(moment, place) for moment in (instant, instant + MARGIN))

    def opening(self, instant: datetime, place: Place) -> datetime | None:
        """The first instant, not before this one, at which the person may be sent to.

        None when there is none within nine days: the rules leave no hour that is allowed everywhere.
        """
        moment, end = instant.astimezone(UTC), instant + LOOK_AHEAD
        while moment <= end:
            later = max(self._next_opening(moment, zone, place.regions) for zone in self._zones(place))
            if later == moment:
                return moment
            moment = later
        return None

    def window(self, day: date, regions: tuple[str, ...]) -> tuple[int, int]:
        """The minutes of a local day in which all rules that count there allow texts; (0, 0) for none."""
        found = self._windows.get((day, regions))
        if found is None:
            each = [_of_region(self.rules, region, day) for region in (EVERYWHERE, *regions)]
            opens, closes = max(opens for opens, _ in each), min(closes for _, closes in each)
            found = self._windows[day, regions] = (opens, closes) if opens < closes else (0, 0)
        return found

    def intervals(self, place: Place, start: datetime, days: int) -> list[tuple[datetime, datetime]]:
        """When the person may be sent to, from `start` on for so many days: openings and closings."""
        found: list[tuple[datetime, datetime]] = [(start, start + timedelta(days=days))]
        for zone in self._zones(place):
            found = list(_intersection(found, self._of_zone(zone, place.regions, start, days)))
        return found

    def _of_zone(
        self, zone: str, regions: tuple[str, ...], start: datetime, days: int
    ) -> Iterator[tuple[datetime, datetime]]:
        first = wall(start, zone).date() - timedelta(days=1)
        for ahead in range(days + 3):
            day = first + timedelta(days=ahead)
            opens, closes = self.window(day, regions)
            if opens < closes:
                yield _instant(day, opens, zone), _instant(day, closes, zone)

    def _open(self, moment: datetime, place: Place) -> bool:
        return all(self._next_opening(moment, zone, place.regions) == moment for zone in self._zones(place))

    def _zones(self, place: Place) -> Sequence[str]:
        return place.zones or (self.zone,)

    def _next_opening(self, moment: datetime, zone: str, regions: tuple[str, ...]) -> datetime:
        """The first moment not before this one inside the zone's window; far away when there is none."""
        local = wall(moment, zone)
        for ahead in range(LOOK_AHEAD.days + 1):
            day = local.date() + timedelta(days=ahead)
            opens, closes = self.window(day, regions)
            if opens >= closes:
                continue
            minute = local.hour * 60 + local.minute if not ahead else -1
            if minute >= closes:
                continue
            return moment if minute >= opens else _instant(day, opens, zone)
        return moment + 2 * LOOK_AHEAD


def _of_region(rules: Iterable[Rule], region: str, day: date) -> tuple[int, int]:
    """The region's own window on that day; the whole day when the region has no rules."""
    here = [rule for rule in rules if rule.region == region and rule.counts(day)]
    if not here:
        return (0, DAY)
    todays = [rule for rule in here if day.isoweekday() in rule.days]
    return max((r.opens for r in todays), default=0), min((r.closes for r in todays), default=0)


def _instant(day: date, minute: int, zone: str) -> datetime:
    start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    return resolve(start, zone).instant


def _intersection(
    some: Iterable[tuple[datetime, datetime]], others: Iterable[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """The spans that lie in one of each; both run forward in time."""
    others = list(others)
    for opens, closes in some:
        for other_opens, other_closes in others:
            first, last = max(opens, other_opens), min(closes, other_closes)
            if first < last:
                yield first, last


def closed(hours: Hours, now: datetime, places: Mapping[int, Place]) -> dict[int, datetime | None]:
    """The places where nothing may be sent now, each with the instant of its next opening."""
    return {
        number: hours.opening(now + MARGIN, place)
        for number, place in places.items()
        if not hours.allows(now, place)
    }


def regions(rules: Iterable[Rule]) -> list[str]:
    """The regions that have rules, from the widest to the narrowest."""
    return sorted({rule.region for rule in rules})
