"""The people of a campaign as its review looks at them: chunk by chunk, and what each would get."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, select, true
from sqlmodel import Session, col

from domain import expected_segments, places, segments, short_links
from domain.audience import LeftOut
from domain.claim_rules import Cap
from domain.deliveries import State
from domain.forecast import Sending
from domain.line_time import Cost
from domain.merge_fields import Template, template, values_of
from domain.segments import Encoding
from storage import claim_rules, erasure, members
from storage.audiences import listed
from storage.database import Database
from storage.review_hours import Openings
from storage.tables import (
    AudienceMember,
    Campaign,
    Consent,
    Contact,
    Delivery,
    Place,
    Suppression,
)

CHUNK = 2_000
"""People looked at in one read."""

OPEN_AGAIN = (State.CANCELED, State.QUEUED)
"""Deliveries in these states go out when the campaign goes on."""

REMEMBERED = 50_000
"""Counted texts that are kept, for people who share a name."""


@dataclass(slots=True)
class Seen:
    """What was counted of a campaign's list so far."""

    listed: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)


class Script:
    """One message's text, counted for one person after the other."""

    def __init__(self, openings: Openings, links: str) -> None:
        self._links = links if openings.message.shorten_links else ""
        self._shorten = short_links.stand_in(links) if self._links else None
        self.openings, self.message_id = openings, openings.message.id or 0
        self.capped = 0  # people who will have had enough texts by then
        self.template: Template = template(openings.message.text)
        self.names = sorted({one.name for one in self.template.fields})
        self.segments: Counter[int] = Counter()
        self.encodings: Counter[Encoding] = Counter()
        self.missing: Counter[str] = Counter()
        self.where: Counter[tuple[int, str | None, str]] = Counter()  # people by block, zone and place
        self._known: set[str] = set()
        self._counted: dict[tuple[str, ...], tuple[int, Encoding, list[str]]] = {}

    @property
    def unknown(self) -> list[str]:
        """The text's fields that nobody has."""
        return [name for name in self.names if name not in self._known]

    @property
    def parts(self) -> int:
        """The segments of all people together."""
        return sum(count * of for count, of in self.segments.items())

    @property
    def turn(self) -> tuple[datetime | None, int]:
        """Where the message stands among those of its line."""
        return self.openings.message.send_at, self.message_id

    def sending(self) -> Sending:
        """The message as the forecast takes it."""
        text, links = self.openings.message.text, self._links
        usual = self.parts / self.segments.total() if self.segments else 1.0
        return Sending(self.openings.groups(self.where), Cost(usual, expected_segments.claimed(text, links)))

    def take(self, values: Mapping[str, str], block: int, zone: str | None, place: str) -> None:
        """Count one person's text; `block` is the part of the list in which the person is."""
        key = tuple(values.get(name, "") for name in self.names)
        found = self._counted.get(key)
        if found is None:
            if len(self._counted) >= REMEMBERED:
                self._counted.clear()
            self._known.update(name for name in self.names if name in values)
            count = segments.count(self._written(values))
            missing = sorted(set(self.template.missing(values)))
            found = self._counted[key] = (max(1, count.segments), count.encoding, missing)
        self.segments[found[0]] += 1
        self.encodings[found[1]] += 1
        self.missing.update(found[2])
        self.where[block, zone, place] += 1

    def _written(self, values: Mapping[str, str]) -> str:
        if self._shorten is None:
            return self.template.render(values)
        return short_links.written(self.openings.message.text, values, self._shorten)


class Walk:
    """Goes through a campaign's people in the order of the contacts, a short read for each chunk."""

    def __init__(
        self,
        db: Database,
        campaign: Campaign,
        scripts: Sequence[Script],
        *,
        consent: bool,
        cap: Cap | None,
        block: int,
    ) -> None:
        self.db, self.campaign, self.scripts, self.cap = db, campaign, scripts, cap
        self.seen = Seen()
        self.fixed = campaign.audience_fixed_at is not None
        self._after, self._block = 0, block
        self._consent = consent
        self._fields = any(script.template.fields for script in scripts)
        self._keys: dict[int, str] = {}

    def chunk(self) -> bool:
        """Look at the next people; returns whether there may be more."""
        with self.db.read() as session:
            rows = session.execute(self._query(session)).all()
            if not rows:
                return False
            phones = (row.phone for row in rows)
            erased = {} if self.fixed else erasure.remembered(session, self.db, phones)
            passed = [self._passed(session, script, rows[0].id, rows[-1].id) for script in self.scripts]
            had = [self._had(session, script, rows[0].id, rows[-1].id) for script in self.scripts]
            self._know_places(session, {row.place_id for row in rows})
        for row in rows:
            if row.listed:
                self._look_at(row, _why(row, erased), passed, had)
        self._after = rows[-1].id
        return len(rows) == CHUNK

    def _look_at(
        self,
        row: Any,
        why: LeftOut | None,
        passed: Sequence[set[int]],
        had: Sequence[Mapping[int, list[datetime]]],
    ) -> None:
        self.seen.listed += 1
        if why is not None:
            self.seen.left_out[why] += 1
            return
        place, values = self._place(row), self._values(row)
        taken: list[datetime] = []
        for script, others, before in zip(self.scripts, passed, had, strict=True):
            if row.id in others:
                continue
            at = script.openings.first(row.zone, place) if self.cap else None
            if at is not None and self._has_enough([*before.get(row.id, ()), *taken], at):
                script.capped += 1
                continue
            script.take(values, self.seen.listed // self._block, row.zone, place)
            if at is not None:
                taken.append(at)

    def _has_enough(self, texts: Sequence[datetime], at: datetime) -> bool:
        """Whether the cap leaves no text at that instant for somebody who gets others at those."""
        if self.cap is None:
            return False
        since = claim_rules.since(self.cap, at)
        return sum(since <= one <= at for one in texts) >= self.cap.most

    def _place(self, row: Any) -> str:
        key = self._keys.get(row.place_id) if row.place_id is not None else None
        return key if key is not None else places.of(row.timezone, row.phone).key

    def _values(self, row: Any) -> Mapping[str, str]:
        if not self._fields:
            return {}
        return values_of(
            row.first_name or "", row.last_name or "", row.email or "", row.phone, row.fields or {}
        )

    def _know_places(self, session: Session, ids: set[int | None]) -> None:
        new = sorted(number for number in ids if number is not None and number not in self._keys)
        if new:
            query = select(col(Place.id), col(Place.key)).where(col(Place.id).in_(new))
            self._keys |= {number or 0: key for number, key in session.execute(query)}

    def _passed(self, session: Session, script: Script, first: int, last: int) -> set[int]:
        """Those of the chunk whose turn has come and gone: they have the message, or never get it."""
        if not self.fixed:
            return set()
        query = select(col(Delivery.contact_id)).where(
            col(Delivery.message_id) == script.message_id,
            col(Delivery.contact_id).between(first, last),
            col(Delivery.state).not_in(OPEN_AGAIN),
        )
        return set(session.scalars(query))

    def _had(self, session: Session, script: Script, first: int, last: int) -> Mapping[int, list[datetime]]:
        """When the people of the chunk had texts that may count when the message goes out."""
        if self.cap is None:
            return {}
        begins = script.openings.message.begins_at
        since = claim_rules.since(self.cap, begins) if begins else datetime.min.replace(tzinfo=UTC)
        query = select(col(Delivery.contact_id), col(Delivery.sending_since)).where(
            col(Delivery.message_id).in_(claim_rules.recent(session, since)),
            col(Delivery.contact_id).between(first, last),
            col(Delivery.sending_since) >= since,
            col(Delivery.state).in_(claim_rules.GOT),
        )
        found: dict[int, list[datetime]] = {}
        for contact_id, at in session.execute(query):
            found.setdefault(contact_id, []).append(at)
        return found

    def _query(self, session: Session) -> Any:
        return (self._of_audience() if self.fixed else self._of_list(session)).limit(CHUNK)

    def _of_list(self, session: Session) -> Any:
        everybody = members.of(session, self.campaign.list_id).subquery()
        columns = (
            col(Contact.id).label("id"),
            col(Contact.phone).label("phone"),
            func.coalesce(col(Contact.timezone), col(Contact.number_zone)).label("zone"),
            col(Contact.timezone).label("timezone"),
            col(Contact.place_id).label("place_id"),
            true().label("listed"),
            col(Contact.invalid_reason).is_not(None).label("invalid"),
            *self._checks(col(Contact.phone)),
            *(self._words() if self._fields else ()),
        )
        return (
            select(*columns)
            .select_from(everybody)
            .join(Contact, col(Contact.id) == everybody.c.contact_id)
            .where(everybody.c.contact_id > self._after)
            .order_by(everybody.c.contact_id)
        )

    def _of_audience(self) -> Any:
        columns = (
            col(AudienceMember.contact_id).label("id"),
            col(AudienceMember.phone).label("phone"),
            col(AudienceMember.zone).label("zone"),
            col(AudienceMember.place_id).label("place_id"),
            listed(self.campaign).label("listed"),
            col(AudienceMember.left_out).label("left_out"),
            *self._checks(col(AudienceMember.phone)),
            *(self._words() if self._fields else ()),
        )
        return (
            select(*columns)
            .outerjoin(Contact, col(Contact.id) == col(AudienceMember.contact_id))
            .where(
                col(AudienceMember.campaign_id) == self.campaign.id,
                col(AudienceMember.contact_id) > self._after,
            )
            .order_by(col(AudienceMember.contact_id))
        )

    def _checks(self, phone: Any) -> Iterator[ColumnElement[bool]]:
        yield exists().where(col(Suppression.phone) == phone).label("opted_out")
        bare = ~exists().where(col(Consent.phone) == phone) if self._consent else false()
        yield bare.label("no_consent")

    def _words(self) -> Iterator[ColumnElement[Any]]:
        for name in ("first_name", "last_name", "email", "fields"):
            yield col(getattr(Contact, name)).label(name)


def _why(row: Any, erased: Mapping[str, str]) -> LeftOut | None:
    """Why the person would not be sent to; the first reason counts, as when the audience is fixed."""
    kept = getattr(row, "left_out", None)
    if kept is not None:
        return LeftOut(kept)
    if getattr(row, "invalid", False):
        return LeftOut.INVALID
    if row.opted_out or row.phone in erased:
        return LeftOut.OPTED_OUT
    return LeftOut.NO_CONSENT if row.no_consent else None
