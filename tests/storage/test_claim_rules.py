"""Rules of the workspace in the claim: how often a person is texted, and texts that expire in quiet hours."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.access import Actor, Role, RoleForbids
from domain.audience import LeftOut, Waits
from domain.claim_rules import BadCap, Cap, ClaimRules
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from storage import campaigns, claim_rules
from storage import review as reviews
from storage.database import Database
from storage.review import fingerprint, review
from storage.review_parties import Alike, outcomes
from storage.review_parties import Outcome as Expected
from storage.review_texts import Script
from storage.tables import Campaign
from tests import arrange, ledger, locks, wait
from tests.conftest import NOW
from tests.storage import test_quiet_hours as quiet

START = ledger.start_of(NOW)
PHONES = arrange.numbers(3)
WEEK = timedelta(days=7)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def capped(db: Database, actor: Actor, most: int, days: int = 7) -> None:
    claim_rules.choose(db, actor, ClaimRules(cap=Cap(most, days)), NOW)


def campaign(db: Database, actor: Actor, name: str, start: int = 0) -> int:
    """Another campaign to the same people; the id of its message, which begins `start` hours later."""
    list_id = arrange.contact_list(db, actor, NOW, PHONES, name)
    first = START + timedelta(hours=start)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id, name=name, first=first)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, first)
    return ledger.message_ids(db, campaign_id)[0]


def test_who_had_enough_texts_is_skipped_with_the_reason(db: Database, actor: Actor) -> None:
    capped(db, actor, 2)
    for place in range(2):
        assert len(ledger.send(db, campaign(db, actor, f"Campaign {place}"), START)) == len(PHONES)
    third = campaign(db, actor, "Campaign 3")
    assert ledger.send(db, third, START) == []
    assert {row.reason for row in ledger.rows(db, third).values()} == {LeftOut.TOO_OFTEN}
    assert set(ledger.states(db, third).values()) == {State.SKIPPED}
    ledger.check_tallies(db)


def test_two_lines_that_claim_at_once_send_nobody_too_many(postgres_db: Database) -> None:
    db = postgres_db
    capped(db, arrange.person(db, NOW), 1)
    actor = arrange.person(db, NOW, name="Bo")
    messages = [campaign(db, actor, name) for name in ("First", "Second")]

    def waiting() -> int:
        here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        query = text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND database = {here}")
        with db.read() as session:
            return int(session.execute(query).scalar_one())

    with ThreadPoolExecutor(2) as lines:
        with locks.held(db, "tally"):  # neither comes to its commit before both have chosen whom to claim
            claims = [lines.submit(ledger.claim, db, message_id, START) for message_id in messages]
            wait.until(lambda: waiting() == 2, what="the wait of both claims")
        claimed = [one.phone for done in claims for one in done.result(30)]
    assert sorted(claimed) == sorted(PHONES)
    ledger.check_tallies(db)


def test_only_texts_of_the_last_days_count(db: Database, actor: Actor) -> None:
    capped(db, actor, 1)
    ledger.send(db, campaign(db, actor, "First"), START)
    ledger.beat(db, START)
    just, after = 7 * 24 - 1, 7 * 24 + 1
    early = campaign(db, actor, "Just before", just)
    assert ledger.send(db, early, START + timedelta(hours=just)) == []
    late = campaign(db, actor, "After", after)
    assert len(ledger.send(db, late, START + timedelta(hours=after))) == len(PHONES)


def test_the_review_counts_the_texts_of_other_campaigns(db: Database, actor: Actor) -> None:
    capped(db, actor, 1)
    ledger.send(db, campaign(db, actor, "First"), START)
    with db.read() as session:
        sent = session.get_one(Campaign, 1)
    days = timedelta(days=6), timedelta(days=8)
    early, late = (
        arrange.draft(
            db, actor, NOW, sent.line_id, sent.list_id or 0, name=f"After {by.days}", first=START + by
        )
        for by in days
    )
    found = [review(db, number, START + timedelta(hours=1)).messages[0] for number in (early, late)]
    assert [(plan.people, plan.capped) for plan in found] == [(0, len(PHONES)), (len(PHONES), 0)]


def test_people_of_a_large_list_are_told_apart_by_the_minute_of_their_texts(
    db: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a million people would each be counted on their own."""
    capped(db, actor, 1)
    first = campaign(db, actor, "First")
    for second in range(1, len(PHONES) + 1):
        ledger.send(db, first, START + timedelta(seconds=second), 1)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    soon = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id, first=START + timedelta(days=1))
    counted: list[int] = []

    def counting(scripts: Sequence[Script], people: Mapping[Alike, int], *rest: Any) -> list[Expected]:
        counted.append(len(people))
        return outcomes(scripts, people, *rest)

    monkeypatch.setattr(reviews, "outcomes", counting)
    exact = review(db, soon, NOW)
    monkeypatch.setattr(reviews, "BLOCKS", len(PHONES) - 1)
    [rounded] = review(db, soon, NOW).messages
    assert (rounded.about, exact.messages[0].about) == (True, False)  # and the review says so
    assert replace(rounded, about=False) == exact.messages[0]
    assert counted == [len(PHONES), 1]


def test_a_review_is_made_anew_when_another_campaign_has_begun(db: Database, actor: Actor) -> None:
    capped(db, actor, 1)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id)
    before = fingerprint(db, campaign_id)
    message_id = campaign(db, actor, "Another")
    begun = fingerprint(db, campaign_id)
    assert begun[0] != before[0]
    ledger.send(db, message_id, START)
    ledger.beat(db, START + timedelta(minutes=1))
    assert fingerprint(db, campaign_id)[0] != begun[0]


def test_what_was_never_sent_does_not_count(db: Database, actor: Actor) -> None:
    capped(db, actor, 1)
    first = campaign(db, actor, "Refused")
    ledger.settle(db, ledger.claim(db, first, START), START, Outcome(Proof.REFUSED, code="30007"))
    assert set(ledger.states(db, first).values()) == {State.FAILED}
    assert len(ledger.send(db, campaign(db, actor, "Second"), START)) == len(PHONES)


def test_without_a_cap_nobody_is_skipped(db: Database, actor: Actor) -> None:
    capped(db, actor, 1)
    claim_rules.choose(db, actor, ClaimRules(), NOW)
    for name in ("One", "Two"):
        assert len(ledger.send(db, campaign(db, actor, name), START)) == len(PHONES)


def test_who_is_outside_their_hours_expires_where_the_workspace_says_so(db: Database) -> None:
    message_id = quiet.begun(db, quiet.DAWN, quiet.NEW_YORK + quiet.LOS_ANGELES)
    admin = arrange.person(db, quiet.DAWN, name="Admin")
    claim_rules.choose(db, admin, ClaimRules(expire=True), quiet.DAWN)
    now = quiet.at(8, "America/New_York")
    assert sorted(quiet.claim(db, message_id, now, limit=50)) == quiet.NEW_YORK
    late = [row for row in quiet.rows(db) if row.phone in quiet.LOS_ANGELES]
    assert {(row.state, row.reason, row.finished_at) for row in late} == {
        (State.EXPIRED, Waits.QUIET_HOURS, now)
    }
    ledger.check_tallies(db)


def test_rules_are_kept_and_audited_once(db: Database, actor: Actor) -> None:
    claim_rules.choose(db, actor, ClaimRules(), NOW)
    assert ledger.audit(db) == []
    for _ in range(2):
        claim_rules.choose(db, actor, ClaimRules(True, Cap(3, 30)), NOW)
    with db.read() as session:
        assert claim_rules.of(session) == ClaimRules(True, Cap(3, 30))
    assert [entry[0] for entry in ledger.audit(db)] == ["choose"]
    with pytest.raises(RoleForbids):
        claim_rules.choose(db, arrange.person(db, NOW, "Bo", Role.MANAGER), ClaimRules(), NOW)


@pytest.mark.parametrize(("most", "days"), [(0, 7), (1_001, 7), (1, 0), (1, 367)])
def test_a_cap_must_make_sense(most: int, days: int) -> None:
    with pytest.raises(BadCap):
        Cap(most, days)
