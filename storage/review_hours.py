"""When people may be sent a message that is being reviewed, as the claim will decide it."""

from datetime import datetime, timedelta

from domain import places
from domain.forecast import Group, Span
from domain.quiet_hours import MARGIN, Hours
from storage.audiences import instants
from storage.tables import Campaign, Message


class Openings:
    """Of one message: by the zone that its time is meant in and by the place whose hours count."""

    def __init__(self, message: Message, campaign: Campaign, hours: Hours | None, *, expire: bool) -> None:
        self.message, self.campaign, self.hours, self.expire = message, campaign, hours, expire
        self._due: dict[str | None, datetime] = {}
        self._spans: dict[tuple[datetime, str], tuple[Span, ...]] = {}
        self._whens: list[tuple[datetime, tuple[Span, ...]]] = []
        self._numbers: dict[tuple[str | None, str], int] = {}

    def due(self, zone: str | None) -> datetime:
        """When somebody of that zone becomes due."""
        if zone not in self._due:
            self._due |= instants(self.message, self.campaign, [zone])
        return self._due[zone]

    def spans(self, zone: str | None, place: str) -> tuple[Span, ...]:
        """When somebody there may be sent to. Where nobody may wait, the first hours are the only ones."""
        due = self.due(zone)
        key = due, place
        if key not in self._spans:
            found = self._found(place, due, due + self._expiry)
            self._spans[key] = tuple(one for one in found if one[0] <= due) if self.expire else found
        return self._spans[key]

    def when(self, zone: str | None, place: str) -> int:
        """When somebody there becomes due, and may be sent to, as a number that stands for it."""
        key = zone, place
        if key not in self._numbers:
            found = self.due(zone), self.spans(zone, place)
            if found not in self._whens:
                self._whens.append(found)
            self._numbers[key] = self._whens.index(found)
        return self._numbers[key]

    def group(self, people: int, when: int, rank: int) -> Group:
        """So many people who are alike, as the forecast takes them."""
        due, spans = self._whens[when]
        return Group(people, due, spans, self._expires(due, spans), rank)

    @property
    def _expiry(self) -> timedelta:
        return timedelta(minutes=self.message.expire_after_minutes)

    def _expires(self, due: datetime, spans: tuple[Span, ...]) -> datetime:
        if self.expire:
            return spans[0][1] if spans else due
        return due + self._expiry

    def _found(self, place: str, due: datetime, expires: datetime) -> tuple[Span, ...]:
        if self.hours is None:
            return ((due, expires),)
        found = self.hours.intervals(places.of_key(place), due, (expires - due).days + 1)
        cut = ((max(due, opens), min(expires, closes - MARGIN)) for opens, closes in found)
        return tuple((opens, closes) for opens, closes in cut if opens < closes)
