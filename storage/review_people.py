"""The people of a campaign as its review looks at them: chunk by chunk, and what each would get."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, select, true
from sqlmodel import Session, col

from domain import places
from domain.audience import LeftOut
from domain.claim_rules import Cap
from domain.deliveries import State
from domain.merge_fields import values_of
from storage import claim_rules, erasure, members
from storage.audiences import listed
from storage.database import Database
from storage.review_parties import Alike
from storage.review_texts import Script
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

EPOCH = datetime.fromtimestamp(0, UTC)

OPEN_AGAIN = (State.CANCELED, State.QUEUED)
"""Deliveries in these states go out when the campaign goes on."""


@dataclass(slots=True)
class Seen:
    """What was counted of a campaign's list so far."""

    listed: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    people: Counter[Alike] = field(default_factory=Counter)  # all others


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
        grain: timedelta,
    ) -> None:
        self.db, self.campaign, self.scripts, self.cap = db, campaign, scripts, cap
        self.seen = Seen()
        self.fixed = campaign.audience_fixed_at is not None
        self._after, self._block, self._grain = 0, block, grain
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
            had = self._had(session, rows[0].id, rows[-1].id)
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
        had: Mapping[int, tuple[datetime, ...]],
    ) -> None:
        self.seen.listed += 1
        if why is not None:
            self.seen.left_out[why] += 1
            return
        values = self._values(row)
        texts = tuple(
            None if row.id in others else script.count(values)
            for script, others in zip(self.scripts, passed, strict=True)
        )
        block, place = self.seen.listed // self._block, self._place(row)
        self.seen.people[Alike(block, row.zone, place, had.get(row.id, ()), texts)] += 1

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

    def _had(self, session: Session, first: int, last: int) -> Mapping[int, tuple[datetime, ...]]:
        """When the people of the chunk had texts that may count; more than the cap's number never do."""
        begins = [at for script in self.scripts if (at := script.openings.message.begins_at)]
        if self.cap is None or not begins:
            return {}
        since = self.cap.since(min(begins))
        query = select(col(Delivery.contact_id), col(Delivery.sending_since)).where(
            col(Delivery.message_id).in_(claim_rules.recent(session, since)),
            col(Delivery.contact_id).between(first, last),
            col(Delivery.sending_since) >= since,
            col(Delivery.state).in_(claim_rules.GOT),
        )
        found: dict[int, tuple[datetime, ...]] = {}
        for contact_id, at in session.execute(query.order_by(col(Delivery.sending_since))):
            found[contact_id] = (*found.get(contact_id, ()), self._rounded(at))[-self.cap.most :]
        return found

    def _rounded(self, at: datetime) -> datetime:
        """Up, so that nobody is thought to be free before the cap lets them."""
        return at + (EPOCH - at) % self._grain if self._grain else at

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
