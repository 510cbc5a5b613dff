"""Every number of the pre-flight review is what then happens, when nothing changes in between."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from domain.access import Actor
from domain.audience import LeftOut, Waits
from domain.claim_rules import Cap, ClaimRules
from domain.deliveries import State
from domain.forecast import STEP
from domain.preflight import MessagePlan, Review
from domain.segments import segments
from sender import sandbox as sandboxes
from sender.pump import Pump, Sending
from sender.sandbox import Sandbox
from sender.transport import open_transport
from storage import choices, claim_rules, contacts, messages, places, quiet_hours
from storage import review as reviews
from storage.campaigns import schedule
from storage.consents import Given, Via, record_all
from storage.contacts import Entry
from storage.database import Database
from storage.messages import Change
from storage.tables import AudienceMember, Contact, Delivery, Line, Message, Setting
from tests import arrange, ledger

NOW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)  # noon in New York
PRICE = 7_900
AREAS = ("212", "213", "305", "208", "808", "907", "800", "876", "214", "401")
ABROAD = ("+33612345{:03d}", "+61412345{:03d}", "+447400123{:03d}")
NAMES = ("", "Bo", "Maximiliana-Alexandra", "Zoë", "Żaneta", "Ann 🎉", "María José")
ZONES = (None, None, None, "Europe/Paris", "America/Denver", "Asia/Tokyo")
TEXT = "{first_name|there}, your {Tier} deal ends soon. " + "Come and see. " * 7 + "Reply STOP to opt out."


RULES = (ClaimRules(), ClaimRules(expire=True), ClaimRules(cap=Cap(1, 2)), ClaimRules(True, Cap(2, 30)))


class Clock:
    """Shows what a test sets."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = sandboxes.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
async def transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = open_transport()
    yield transport
    await transport.aclose()


def mixed_list(db: Database, actor: Actor, random: Random) -> int:
    """People of every kind: near and far, with names that cost, invalid, opted out, without an opt-in."""
    list_id = contacts.create_list(db, actor, "Everybody", NOW)
    entries = [
        Entry(
            random.choice(ABROAD).format(number) if number % 6 == 0 else _american(random, number),
            random.choice(NAMES),
            timezone=random.choice(ZONES) or "",
            fields=random.choice(({}, {"Tier": "Gold"}, {"tier": "Silver plus"})),
        )
        for number in range(90)
    ]
    contacts.add(db, actor, list_id, entries, NOW)
    with db.write() as session:
        people = session.scalars(select(Contact)).all()
        for person in people:
            if random.random() < 0.1:
                person.invalid_reason = "The number is a landline"
            if random.random() < 0.1:
                contacts.suppress_number(session, person.phone, "Asked", "team", NOW)
        with_opt_in = [Given(p.phone, NOW, "shop.example") for p in people if random.random() < 0.9]
        record_all(session, actor, with_opt_in, Via.IMPORT, NOW)
    return list_id


def _american(random: Random, number: int) -> str:
    return f"+1{random.choice(AREAS)}{random.randrange(200, 999)}{1000 + number:04}"


PLAIN = ("Come and see. " * 12 + "Reply STOP to opt out.", "See you there!", "Last call")
OWN = (TEXT, "See you there!", "Last call, {last_name}")


def planned(
    db: Database,
    actor: Actor,
    random: Random,
    texts: Sequence[str] = OWN,
    rules: Sequence[ClaimRules] = RULES,
    apart: timedelta = timedelta(hours=40),
    **caps: Any,
) -> int:
    """Three messages: two at the campaign's time, one at the recipients', two that expire early."""
    with db.write() as session:
        session.delete(session.get_one(Setting, quiet_hours.NAME))
    choices.require_consent(db, actor, True, NOW)
    claim_rules.choose(db, actor, random.choice(rules), NOW)
    list_id = mixed_list(db, actor, random)
    line_id = arrange.line(db, NOW, price_micros=PRICE)
    with db.write() as session:
        session.get_one(Line, line_id).sqlmodel_update(caps)
    start = NOW + timedelta(hours=random.randrange(1, 9))
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=texts, first=start, apart=apart)
    first, second, last = ledger.message_ids(db, campaign_id)
    local = Change(local_time=f"{random.randrange(24):02}:30", recipient_local=True)
    messages.save(db, actor, last, local, NOW)
    with db.write() as session:
        session.get_one(Message, first).expire_after_minutes = random.choice((60, 600, 1440))
        session.get_one(Message, second).expire_after_minutes = 300
    return campaign_id


SOON = timedelta(minutes=1)
"""Caps per minute and per day have room again on a full minute of these clocks."""


async def play(db: Database, sending: Sending, clock: Clock, campaign_id: int) -> dict[int, set[int]]:
    """Let everything happen; returns whom quiet hours held, by message."""
    held: dict[int, set[int]] = {number: set() for number in ledger.message_ids(db, campaign_id)}
    while (soonest := next_instant(db)) is not None:
        if soonest <= clock.now:  # who is due waits for a cap of the line
            soonest = clock.now + SOON
        clock.now = soonest
        places.refresh(db, clock.now)
        ledger.beat(db, clock.now)
        while await Pump(sending, 1).run():
            pass
        with db.read() as session:
            waiting = select(Delivery).where(
                col(Delivery.reason) == Waits.QUIET_HOURS, col(Delivery.state) == State.QUEUED
            )
            for row in session.scalars(waiting):
                held[row.message_id].add(row.contact_id)
    return held


def next_instant(db: Database) -> datetime | None:
    """When something is due next: a message that has not begun, or somebody who is queued."""
    with db.read() as session:
        begins = session.scalar(
            select(func.min(col(Message.begins_at))).where(col(Message.state) == "scheduled")
        )
        due = session.scalar(
            select(func.min(col(Delivery.due_at))).where(col(Delivery.state) == State.QUEUED)
        )
    return min((at for at in (begins, due) if at is not None), default=None)


def check_audience(db: Database, review: Review) -> None:
    with db.read() as session:
        reasons = Counter(session.scalars(select(col(AudienceMember.left_out))))
    who = review.audience
    assert (who.invalid, who.opted_out, who.no_consent, who.to_send) == (
        reasons[LeftOut.INVALID],
        reasons[LeftOut.OPTED_OUT],
        reasons[LeftOut.NO_CONSENT],
        reasons[None],
    )
    assert who.listed == reasons.total()
    assert who.listed == who.duplicates + who.invalid + who.opted_out + who.no_consent + who.to_send


def check_message(db: Database, plan: MessagePlan, held: set[int]) -> None:
    rows = ledger.rows(db, plan.id).values()
    sent = [row for row in rows if row.attempts]
    expired = [row for row in rows if row.state is State.EXPIRED]
    capped = [row for row in rows if row.reason == LeftOut.TOO_OFTEN]
    assert (plan.people, plan.capped) == (len(rows) - len(capped), len(capped))
    held -= {row.contact_id for row in capped}
    assert (plan.held, plan.expiring) == (len(held), len(expired))
    assert plan.people == len(sent) + len(expired)
    assert sum(slot.people for slot in plan.slots) == len(sent)
    times = [row.sending_since for row in sent if row.sending_since]
    if times:
        assert plan.ends_at == max(times)
    for slot in plan.slots:
        assert slot.at in times
        assert slot.people == sum(slot.at <= at < slot.at + STEP for at in times)
    texts = Counter(segments(plan.text if row.text is None else row.text) for row in sent)
    if not expired:
        assert plan.segments == texts
        assert plan.cost_micros == PRICE * sum(count * people for count, people in texts.items())


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a campaign is reviewed and then played to the end."""

    db: Database
    clock: Clock
    sandbox: Sandbox
    transport: httpx.AsyncBaseTransport

    async def check(self, seed: int, *plan: Any, **caps: Any) -> Review:
        """Compare the review of a campaign, `planned` like that, with what then happens; returns it."""
        db, random = self.db, Random(seed)  # noqa: S311
        actor = arrange.person(db, NOW)
        arrange.no_pause(db, actor, NOW)
        campaign_id = planned(db, actor, random, *plan, **caps)
        review = reviews.review(db, campaign_id, NOW)
        schedule(db, actor, campaign_id, NOW)
        sending = Sending(
            db, self.clock, self.transport, "http://127.0.0.1:1", "s" * 40, self.sandbox.base_url
        )
        held = await play(db, sending, self.clock, campaign_id)
        check_audience(db, review)
        for message in review.messages:
            check_message(db, message, held[message.id])
        return review


@pytest.fixture
def stage(sqlite_db: Database, clock: Clock, sandbox: Sandbox, transport: httpx.AsyncBaseTransport) -> Stage:
    return Stage(sqlite_db, clock, sandbox, transport)


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_reviewed_is_what_happens(stage: Stage, seed: int) -> None:
    review = await stage.check(seed)
    assert review.messages[0].missing["tier"] > 0


CAPS = pytest.mark.parametrize(
    "caps", [{"minute_cap": 10}, {"daily_cap": 60, "day_zone": "America/New_York"}], ids=["minute", "day"]
)


@pytest.mark.parametrize("seed", range(3))
@CAPS
async def test_with_caps_too(stage: Stage, seed: int, caps: Mapping[str, Any]) -> None:
    """The three messages share what the line may send in a minute or a day."""
    await stage.check(seed, PLAIN, **caps)


CLOSE = timedelta(days=1, minutes=4)
"""Apart by a bit more than the cap's day: who got one text late has had enough when the next comes early."""


@pytest.mark.parametrize("seed", range(3))
@CAPS
async def test_whom_a_frequency_cap_leaves_out_is_known_person_by_person(
    stage: Stage, seed: int, caps: Mapping[str, Any]
) -> None:
    """When the line comes to somebody decides whether they have had enough by then."""
    rules = [ClaimRules(expire, Cap(most, 1)) for expire in (False, True) for most in (1, 2)]
    await stage.check(seed, PLAIN, rules, CLOSE, **caps)
