"""Outgoing webhooks: every event is written with what happened, told once, logged and replayed."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.outcomes import Outcome, Proof
from domain.outgoing_webhooks import BadAddress, CallNotFound, Kind, NoKinds, WebhookNotFound
from storage import campaigns, contacts, erasure, events, inbound, outgoing_webhooks, receipts, webhook_log
from storage.database import Database
from storage.inbound import Reply
from storage.outgoing_webhooks import Made
from storage.tables import Campaign, Contact, OutgoingWebhook, WebhookCall
from storage.vault import Vault, is_sealed
from tests import arrange, ledger
from tests.conftest import NOW, SECRET

START = ledger.start_of(NOW)
URL = "https://example.com/events"
EVERYTHING = [kind.value for kind in Kind]


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def told(db: Database, kind: Kind | None = None) -> list[dict[str, Any]]:
    """What is to be told, oldest first: the bodies' data."""
    with db.read() as session:
        calls = session.scalars(select(WebhookCall).order_by(col(WebhookCall.id))).all()
    bodies = [json.loads(call.body) for call in calls]
    assert [body["type"] for body in bodies] == [call.kind for call in calls]
    return [body["data"] for body in bodies if kind is None or body["type"] == kind]


def asked(db: Database, actor: Actor, *kinds: str) -> int:
    return outgoing_webhooks.add(db, actor, URL, kinds or EVERYTHING, NOW)[0]


def finished(db: Database) -> list[tuple[str, str, str | None]]:
    """Deliveries that were told of, as (phone, state, code)."""
    data = told(db, Kind.DELIVERIES)
    return [(one["phone"], one["state"], one["error_code"]) for some in data for one in some["deliveries"]]


def test_every_status_of_a_campaign_is_told(db: Database, actor: Actor) -> None:
    asked(db, actor, Kind.CAMPAIGN)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(2))
    campaigns.pause(db, actor, campaign_id, START, "Too many failed.")
    campaigns.resume(db, actor, campaign_id, START)
    ledger.send(db, ledger.message_ids(db, campaign_id)[0], START)
    ledger.beat(db, START)
    moves = [(one["before"], one["status"]) for one in told(db)]
    assert moves == [
        ("draft", "scheduled"),
        ("scheduled", "running"),
        ("running", "paused"),
        ("paused", "running"),
        ("running", "completed"),
    ]
    assert [one["reason"] for one in told(db)] == [None, None, "Too many failed.", None, None]
    assert {(one["campaign_id"], one["name"]) for one in told(db)} == {(campaign_id, "Spring sale")}


def test_every_final_state_is_told_once_and_no_other(db: Database, actor: Actor) -> None:
    asked(db, actor, Kind.DELIVERIES)
    phones = arrange.numbers(7)
    contacts.suppress(db, actor, phones[6], "Asked to", "team", NOW)
    campaign_id = ledger.started(db, actor, NOW, phones[:6])
    message_id = ledger.message_ids(db, campaign_id)[0]
    contacts.suppress(db, actor, phones[5], "Asked to", "team", NOW)
    delivered, undelivered, refused, waiting = ledger.claim(db, message_id, START, 4)
    ledger.settle(db, [delivered, undelivered], START)
    ledger.settle(db, [refused], START, Outcome(Proof.REFUSED, code="landline"))
    ledger.settle(db, [waiting], START, Outcome(Proof.TOO_FAST))
    assert finished(db) == [(refused.phone, "failed", "landline")]
    sent = [
        ledger.receipt(db, delivered),
        ledger.receipt(db, undelivered, State.UNDELIVERED, code="unreachable"),
    ]
    receipts.take(db, sent, START)
    receipts.take(db, sent, START)  # the carrier repeats itself
    assert finished(db)[1:] == [
        (delivered.phone, "delivered", None),
        (undelivered.phone, "undelivered", "unreachable"),
    ]
    ledger.claim(db, message_id, START, 1)
    ledger.claim(db, message_id, START)  # comes to who has opted out
    assert finished(db)[3:] == [(phones[5], "skipped", None)]
    campaigns.stop(db, actor, campaign_id, START)
    ledger.beat(db, START)
    assert {(phone, state) for phone, state, _code in finished(db)[4:]} == {(waiting.phone, "canceled")}


def test_many_deliveries_share_a_call(db: Database, actor: Actor) -> None:
    asked(db, actor, Kind.DELIVERIES)
    rows = [{"id": n, "message_id": 1, "phone": str(n), "state": State.CANCELED} for n in range(1_200)]
    with db.write() as session:
        events.finished(session, [*rows, {**rows[0], "state": State.SENT}], NOW)
    assert [len(one["deliveries"]) for one in told(db)] == [500, 500, 200]


def test_small_calls_about_deliveries_are_gathered_and_tried_ones_stay(db: Database, actor: Actor) -> None:
    first, second = asked(db, actor), asked(db, actor, Kind.DELIVERIES)

    def happen(numbers: range) -> None:
        rows = [{"id": n, "message_id": 1, "phone": str(n), "state": State.CANCELED} for n in numbers]
        with db.write() as session:
            events.finished(session, rows, NOW)

    happen(range(2))
    tried = outgoing_webhooks.claim(db, 10, NOW)
    outgoing_webhooks.record(db, [Made(call.id, False, NOW, 500) for call in tried], NOW)
    for number in range(10, 13):
        happen(range(number, number + 1))
    happen(range(100, 599))
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    assert outgoing_webhooks.gather(db, NOW) == 4  # of each address two
    assert outgoing_webhooks.gather(db, NOW) == 0

    def sizes(webhook_id: int) -> list[int]:
        calls = reversed(outgoing_webhooks.calls(db, actor, webhook_id, 10))
        return [len(json.loads(call.body)["data"].get("deliveries", ())) for call in calls]

    assert (sizes(first), sizes(second)) == ([2, 3, 499, 0], [2, 3, 499])
    assert [phone for phone, *_ in finished(db)][4:7] == ["10", "11", "12"]


def test_opt_outs_and_replies_are_told(db: Database, actor: Actor) -> None:
    asked(db, actor, Kind.OPT_OUT, Kind.REPLY)
    arrange.line(db, NOW)
    anna, ben = arrange.numbers(2)
    inbound.take(db, Reply(1, "1", anna, "+14155550100", "Hello?"), NOW)
    for _ in range(2):  # a repetition is no news
        inbound.take(db, Reply(1, "2", anna, "+14155550100", "STOP"), NOW)
        contacts.suppress(db, actor, ben, "Asked on the phone", "team", NOW)
    assert [(one["from"], one["text"], one["kind"]) for one in told(db, Kind.REPLY)] == [
        (anna, "Hello?", "reply"),
        (anna, "STOP", "stop"),
    ]
    assert [(one["phone"], one["reason"]) for one in told(db, Kind.OPT_OUT)] == [
        (anna, "Replied STOP"),
        (ben, "Asked on the phone"),
    ]


def test_what_did_not_happen_is_not_told(db: Database, actor: Actor) -> None:
    asked(db, actor)

    def fail(session: Session) -> None:
        events.opted_out(session, arrange.numbers(1)[0], "why", "team", NOW)
        raise KeyError

    with pytest.raises(KeyError), db.write() as session:
        fail(session)
    assert told(db) == []


def test_only_who_asked_for_a_kind_and_is_active_is_told(db: Database, actor: Actor) -> None:
    one, other = asked(db, actor, Kind.REPLY), asked(db, actor, Kind.OPT_OUT)
    paused = asked(db, actor, Kind.OPT_OUT)
    outgoing_webhooks.switch(db, actor, paused, False, NOW)
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    with db.read() as session:
        assert [call.webhook_id for call in session.scalars(select(WebhookCall))] == [other]
    assert [hook.waiting for hook in outgoing_webhooks.listed(db, actor)] == [0, 1, 0]
    assert one != other


def test_a_call_is_claimed_once_and_comes_back_when_its_owner_dies(db: Database, actor: Actor) -> None:
    number, secret = outgoing_webhooks.add(db, actor, URL, [Kind.OPT_OUT], NOW)
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    assert outgoing_webhooks.are_due(db, NOW)
    (call,) = outgoing_webhooks.claim(db, 10, NOW)
    assert (call.url, call.secret, call.attempts) == (URL, secret, 1)
    assert not outgoing_webhooks.are_due(db, NOW)
    assert outgoing_webhooks.claim(db, 10, NOW) == []
    later = NOW + outgoing_webhooks.LEASE
    (again,) = outgoing_webhooks.claim(db, 10, later)
    assert (again.event_id, again.attempts) == (call.event_id, 2)
    outgoing_webhooks.record(db, [Made(call.id, True, None, 204)], later)
    (kept,) = outgoing_webhooks.calls(db, actor, number, 10)
    assert (kept.state, kept.status, kept.finished_at) == ("delivered", 204, later)
    assert outgoing_webhooks.claim(db, 10, later + timedelta(days=1)) == []


def test_a_failed_call_waits_then_fails_for_good_and_can_be_replayed(db: Database, actor: Actor) -> None:
    number = asked(db, actor, Kind.OPT_OUT)
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    (call,) = outgoing_webhooks.claim(db, 10, NOW)
    soon = NOW + timedelta(seconds=5)
    outgoing_webhooks.record(db, [Made(call.id, False, soon, 500)], NOW)
    assert outgoing_webhooks.claim(db, 10, NOW) == []
    outgoing_webhooks.claim(db, 10, soon)
    outgoing_webhooks.record(db, [Made(call.id, False, None, None, "No answer.")], soon)
    (hook,) = outgoing_webhooks.listed(db, actor)
    assert (hook.waiting, hook.failed) == (0, 1)
    outgoing_webhooks.replay(db, actor, call.id, soon)
    (again,) = outgoing_webhooks.claim(db, 10, soon)
    assert (again.event_id, again.attempts) == (call.event_id, 1)
    assert ("replay", "webhook call", call.id) in ledger.audit(db)
    with pytest.raises(CallNotFound):
        outgoing_webhooks.replay(db, actor, 4711, NOW)
    assert [one.id for one in outgoing_webhooks.calls(db, actor, number, 10)] == [call.id]
    assert outgoing_webhooks.calls(db, actor, number, 10, before=call.id) == []


def test_a_paused_webhook_is_called_no_more_and_a_removed_one_is_forgotten(
    db: Database, actor: Actor
) -> None:
    number = asked(db, actor, Kind.OPT_OUT)
    contacts.suppress(db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    outgoing_webhooks.switch(db, actor, number, False, NOW)
    assert not outgoing_webhooks.are_due(db, NOW)
    outgoing_webhooks.switch(db, actor, number, True, NOW)
    assert outgoing_webhooks.are_due(db, NOW)
    outgoing_webhooks.remove(db, actor, number, NOW)
    assert told(db) == []
    assert outgoing_webhooks.listed(db, actor) == []
    with pytest.raises(WebhookNotFound):
        outgoing_webhooks.remove(db, actor, number, NOW)
    with pytest.raises(WebhookNotFound):
        outgoing_webhooks.switch(db, actor, number, True, NOW)
    assert [action for action, kind, _id in ledger.audit(db) if kind == "outgoing webhook"] == [
        *("create", "pause", "resume", "delete"),
    ]


def test_a_bad_address_or_none_of_the_kinds_is_refused(db: Database, actor: Actor) -> None:
    with pytest.raises(BadAddress):
        outgoing_webhooks.add(db, actor, "http://127.0.0.1:1/", EVERYTHING, NOW)
    with pytest.raises(NoKinds):
        outgoing_webhooks.add(db, actor, URL, [], NOW)
    assert outgoing_webhooks.add(db, actor, "http://127.0.0.1:1/", EVERYTHING, NOW, local=True)[0]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_only_administrators_may(db: Database, actor: Actor, role: Role) -> None:
    number, other = asked(db, actor), arrange.person(db, NOW, "Ben Wu", role)
    tried: Sequence[Any] = (
        lambda: outgoing_webhooks.add(db, other, URL, EVERYTHING, NOW),
        lambda: outgoing_webhooks.switch(db, other, number, False, NOW),
        lambda: outgoing_webhooks.remove(db, other, number, NOW),
        lambda: outgoing_webhooks.listed(db, other),
        lambda: outgoing_webhooks.calls(db, other, number, 1),
        lambda: outgoing_webhooks.replay(db, other, 1, NOW),
    )
    for verb in tried:
        with pytest.raises(RoleForbids):
            verb()


def test_the_secret_is_sealed_and_follows_a_new_key(sqlite_db: Database) -> None:
    actor = arrange.person(sqlite_db, NOW)
    _number, secret = outgoing_webhooks.add(sqlite_db, actor, URL, [Kind.OPT_OUT], NOW)
    contacts.suppress(sqlite_db, actor, arrange.numbers(1)[0], "why", "team", NOW)
    with sqlite_db.read() as session:
        kept = session.scalars(select(OutgoingWebhook)).one().secret
    assert is_sealed(kept)
    assert secret not in str(kept)
    turned = Database(sqlite_db.url, Vault("n" * 40, SECRET))
    assert outgoing_webhooks.seal_all(turned) == 1
    assert outgoing_webhooks.seal_all(turned) == 0
    turned.close()
    newest = Database(sqlite_db.url, Vault("n" * 40))
    assert outgoing_webhooks.claim(newest, 1, NOW)[0].secret == secret
    newest.close()
    later = NOW + outgoing_webhooks.LEASE
    assert outgoing_webhooks.claim(sqlite_db, 1, later)[0].secret is None  # only the old key


def test_the_log_goes_back_a_month(db: Database, actor: Actor) -> None:
    asked(db, actor, Kind.OPT_OUT)
    for phone in arrange.numbers(3):
        contacts.suppress(db, actor, phone, "why", "team", NOW)
    one, two, _three = outgoing_webhooks.claim(db, 10, NOW)
    outgoing_webhooks.record(db, [Made(one.id, True, None, 200)], NOW)
    outgoing_webhooks.record(db, [Made(two.id, False, None, 500)], NOW + timedelta(days=2))
    assert webhook_log.sweep(db, NOW + webhook_log.KEPT + timedelta(days=1)) == 1
    assert len(told(db)) == 2


def test_an_erased_person_is_told_of_no_more(db: Database, actor: Actor) -> None:
    asked(db, actor)
    people = arrange.numbers(2)
    campaign_id = ledger.started(db, actor, NOW, people)
    for claimed in ledger.send(db, ledger.message_ids(db, campaign_id)[0], START):
        receipts.take(db, [ledger.receipt(db, claimed)], START)
    inbound.take(db, Reply(1, "1", people[0], "+14155550100", "I am Zerberus"), START)
    with db.read() as session:
        number = session.scalars(select(Contact).where(col(Contact.phone) == people[0])).one().id or 0
        assert session.get_one(Campaign, campaign_id).name
    erasure.erase(db, actor, number, START)
    words = json.dumps(told(db))
    assert people[0] not in words
    assert "Zerberus" not in words
    assert people[1] in words
