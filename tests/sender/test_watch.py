"""A campaign that does harm pauses itself, with the reason; one that is resumed gets a fresh start."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Role
from domain.auto_pause import Thresholds
from domain.campaigns import Status
from domain.carrier_codes.sandbox import CODES as SANDBOX
from domain.carrier_codes.words import Kind
from domain.keywords import Kind as Word
from domain.outcomes import Outcome, Proof
from domain.problems import NotAllowed
from sender.watch import Watch
from storage import auto_pause, campaigns, deliveries, inbound
from storage.database import Database
from storage.deliveries import Settled
from storage.inbound import Reply
from storage.tables import AuditEntry, Campaign, CarrierAccount, Inbound
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
ACCEPTED = Outcome(Proof.ACCEPTED, "m-1")
REFUSED = Outcome(Proof.REFUSED, code="http-400")


@pytest.fixture
def campaign_id(db: Database) -> int:
    """A running campaign to 600 people on the sandbox."""
    return ledger.started(db, arrange.person(db, NOW), NOW, arrange.numbers(600))


def send(db: Database, campaign_id: int, accepted: int, failed: int, outcome: Outcome = REFUSED) -> None:
    """Claim so many more, and settle them so."""
    message_id = ledger.message_ids(db, campaign_id)[0]
    claimed = deliveries.claim(db, message_id, accepted + failed, 1, START, "nonce")
    assert len(claimed) == accepted + failed
    outcomes = [ACCEPTED] * accepted + [outcome] * failed
    settled = [
        Settled(one.id, one.attempt_id, what, START + timedelta(minutes=1))
        for one, what in zip(claimed, outcomes, strict=True)
    ]
    deliveries.settle(db, settled, START)


def found(db: Database, campaign_id: int) -> Campaign:
    with db.read() as session:
        return session.get_one(Campaign, campaign_id)


async def test_a_campaign_whose_texts_fail_is_paused_with_the_reason(db: Database, campaign_id: int) -> None:
    watch = Watch(db, lambda: START)
    send(db, campaign_id, accepted=80, failed=20)
    await watch.look()
    assert found(db, campaign_id).status is Status.RUNNING
    send(db, campaign_id, accepted=0, failed=10)
    await watch.look()
    paused = found(db, campaign_id)
    assert paused.status is Status.PAUSED
    assert paused.pause_reason is not None
    assert "30 of the last 110 texts" in paused.pause_reason
    with db.read() as session:
        entry = session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "pause")).one()
    assert (entry.user_name, entry.object_id) == ("SMS Campaigns", campaign_id)
    await watch.look()  # nothing runs any more


async def test_whoever_resumes_it_gets_a_fresh_start(db: Database, campaign_id: int) -> None:
    watch = Watch(db, lambda: START)
    send(db, campaign_id, accepted=40, failed=20)
    await watch.look()
    assert found(db, campaign_id).status is Status.PAUSED
    campaigns.resume(db, arrange.person(db, NOW, name="Bo Lind"), campaign_id, START + timedelta(minutes=5))
    for look in (watch, Watch(db, lambda: START)):  # also in a program that was started anew
        await look.look()
        assert found(db, campaign_id).status is Status.RUNNING
    send(db, campaign_id, accepted=30, failed=20)
    await watch.look()
    assert found(db, campaign_id).status is Status.PAUSED


async def test_harm_done_before_the_program_was_started_anew_counts(db: Database, campaign_id: int) -> None:
    send(db, campaign_id, accepted=40, failed=20)
    await Watch(db, lambda: START).look()
    assert found(db, campaign_id).status is Status.PAUSED


async def test_carriers_filtering_alone_is_enough(db: Database, campaign_id: int) -> None:
    code = next(code for code, words in SANDBOX.items() if words.kind is Kind.FILTERED)
    send(db, campaign_id, accepted=85, failed=15, outcome=Outcome(Proof.REFUSED, code=code))
    await Watch(db, lambda: START).look()
    reason = found(db, campaign_id).pause_reason
    assert reason is not None
    assert "15 of the last 100 texts were filtered by carriers as spam" in reason


async def test_opt_outs_alone_are_enough(db: Database, campaign_id: int) -> None:
    send(db, campaign_id, accepted=60, failed=0)
    message_id = ledger.message_ids(db, campaign_id)[0]
    with db.write() as session:
        account_id = session.scalars(select(CarrierAccount)).one().id or 0
        for number in range(4):
            session.add(
                Inbound(
                    account_id=account_id,
                    dedupe_key=f"stop-{number}",
                    from_phone=f"+1212600{number:04}",
                    to_number="+14155550100",
                    text="STOP",
                    kind=Word.STOP.value,
                    received_at=START,
                    message_id=message_id,
                )
            )
    await Watch(db, lambda: START).look()
    reason = found(db, campaign_id).pause_reason
    assert reason is not None
    assert "4 of the last 60 texts led to an opt-out" in reason


async def test_opt_outs_in_plain_words_count_as_well(db: Database, campaign_id: int) -> None:
    send(db, campaign_id, accepted=60, failed=0)
    for number in range(4):
        phone = arrange.numbers(600)[number]
        inbound.take(db, Reply(1, phone, phone, "+14155550100", "please leave me alone"), START)
    await Watch(db, lambda: START).look()
    assert found(db, campaign_id).status is Status.PAUSED


async def test_the_workspace_decides_how_much_is_too_much(db: Database, campaign_id: int) -> None:
    auto_pause.allow(db, arrange.person(db, NOW, name="Admin"), Thresholds(0.5, 1, 1), START)
    send(db, campaign_id, accepted=60, failed=40)
    await Watch(db, lambda: START).look()
    assert found(db, campaign_id).status is Status.RUNNING
    with pytest.raises(NotAllowed):
        auto_pause.allow(
            db, arrange.person(db, NOW, name="Mel", role=Role.MANAGER), Thresholds(1, 1, 1), START
        )
