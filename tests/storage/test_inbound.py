"""What people text to us: kept once, obeyed at once, answered once, and shown as a conversation."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.keywords import Kind
from storage import (
    answers,
    choices,
    contacts,
    conversations,
    erasure,
    inbound,
    replies,
    results,
    revocations,
)
from storage.database import Database
from storage.inbound import Reply
from storage.revocations import AlreadyDecided, RevocationNotFound
from storage.tables import Answer, Conversation, Inbound, Revocation, Suppression
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(3)
ANNA = PHONES[0]
LINE = "+14155550100"


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def hear(db: Database, text: str, key: str = "", phone: str = ANNA, **more: object) -> Kind:
    reply = Reply(1, key or f"{phone}-{text}", phone, str(more.pop("to", LINE)), text, **more)  # type: ignore[arg-type]
    return inbound.take(db, reply, NOW + timedelta(minutes=5))


def source(db: Database, phone: str = ANNA) -> str | None:
    with db.read() as session:
        entry = session.get(Suppression, phone)
        return entry.source if entry else None


def queued(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(a.kind, a.text) for a in session.scalars(select(Answer).order_by(col(Answer.id)))]


def running(db: Database, actor: Actor) -> tuple[int, int]:
    """A campaign whose message everybody has; its id and the message's."""
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, campaign_id)
    ledger.send(db, message_id, START)
    return campaign_id, message_id


def test_a_stop_is_confirmed_once_and_a_start_too(db: Database) -> None:
    arrange.line(db, NOW)
    assert hear(db, "STOP") is Kind.STOP
    assert hear(db, "stop!!", "again") is Kind.STOP
    assert hear(db, "Start") is Kind.START
    assert hear(db, "start", "again2") is Kind.START
    assert [kind for kind, _text in queued(db)] == ["stop", "start"]
    with db.read() as session:
        confirmation = session.scalars(select(Answer).order_by(col(Answer.id))).first()
    assert confirmation is not None
    assert "opted out" in confirmation.text
    assert confirmation.expires_at - confirmation.created_at == timedelta(minutes=5)


def test_nothing_is_answered_where_the_carrier_has_answered(db: Database) -> None:
    arrange.line(db, NOW)
    assert hear(db, "Halt", told=Kind.STOP, answered=True) is Kind.STOP
    assert source(db) == "keyword"
    hear(db, "help", answered=True)
    assert queued(db) == []


def test_the_words_of_an_answer_are_the_workspaces(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    choices.answer_keywords(db, actor, {Kind.STOP: "Bye.", Kind.HELP: "Call us."}, NOW)
    for text in ("STOP", "START", "HELP"):
        hear(db, text)
    assert queued(db) == [("stop", "Bye."), ("help", "Call us.")]


def test_help_is_answered_once_an_hour(db: Database) -> None:
    arrange.line(db, NOW)
    for n in range(3):
        hear(db, "help", str(n))
    hear(db, "help", phone=PHONES[1])
    assert [kind for kind, _text in queued(db)] == ["help", "help"]


def test_a_yes_from_who_never_opted_out_is_a_reply(db: Database) -> None:
    arrange.line(db, NOW)
    assert hear(db, "Yes") is Kind.REPLY
    hear(db, "STOP")
    assert hear(db, "Yes", "later") is Kind.START
    assert source(db) is None


def test_a_wish_in_plain_words_holds_the_number_until_somebody_has_looked(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    text = "Please take me OFF your list, thanks"
    assert hear(db, text) is Kind.REPLY
    assert source(db) == "plain words"
    [wish] = revocations.waiting(db)
    assert (wish.phone, wish.text, wish.due_on) == (ANNA, text, date(2026, 12, 7))
    hear(db, "I said leave me alone")
    assert revocations.count_open(db) == 1
    revocations.accept(db, actor, wish.id, NOW)
    assert source(db) == "plain words"
    assert revocations.waiting(db) == []
    assert ledger.audit(db) == [("accept opt-out", "contact", 0)]
    with pytest.raises(AlreadyDecided):
        revocations.undo(db, actor, wish.id, NOW)


def test_what_meant_something_else_is_undone_in_one_step(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    hear(db, "not interested")
    [wish] = revocations.waiting(db)
    revocations.undo(db, actor, wish.id, NOW)
    assert source(db) is None
    with db.read() as session:
        kept = session.get_one(Revocation, wish.id)
    assert (kept.state, kept.decided_by, kept.text) == ("undone", "Ada Park", "not interested")
    with pytest.raises(RevocationNotFound):
        revocations.undo(db, actor, 99, NOW)
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    with pytest.raises(RoleForbids):
        revocations.accept(db, viewer, wish.id, NOW)


@pytest.mark.parametrize("decide", [revocations.undo, revocations.accept])
def test_a_decision_can_be_taken_back(db: Database, actor: Actor, decide: Callable[..., None]) -> None:
    arrange.line(db, NOW)
    hear(db, "not interested")
    [wish] = revocations.waiting(db)
    decide(db, actor, wish.id, NOW)
    for _ in range(2):
        revocations.reopen(db, actor, wish.id, NOW)
    assert revocations.waiting(db) == [wish]
    assert source(db) == "plain words"
    revocations.undo(db, actor, wish.id, NOW)
    assert source(db) is None
    with pytest.raises(RevocationNotFound):
        revocations.reopen(db, actor, 99, NOW)


def test_a_decision_about_an_erased_person_stays(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)
    arrange.contact_list(db, actor, NOW, [ANNA])
    hear(db, "not interested")
    [wish] = revocations.waiting(db)
    revocations.undo(db, actor, wish.id, NOW)
    erasure.erase(db, actor, 1, NOW)
    with pytest.raises(RevocationNotFound):
        revocations.reopen(db, actor, wish.id, NOW)
    assert revocations.waiting(db) == []


def test_people_count_once_among_a_messages_opt_outs_however_they_said_it(db: Database, actor: Actor) -> None:
    campaign_id, message_id = running(db, actor)
    for text in ("Stop", "STOP now", "stopall"):
        hear(db, text)
    hear(db, "please leave me alone", phone=PHONES[1])
    hear(db, "not interested", phone=PHONES[2])
    revocations.undo(db, actor, revocations.waiting(db)[1].id, NOW)
    [message] = results.overview(db, campaign_id, NOW).messages
    assert message.opt_outs == 2
    with db.read() as session:
        assert replies.opt_outs(session, [message_id]) == {message_id: 2}
        assert replies.opt_outs(session, []) == {}


@pytest.mark.parametrize("then", ["stop", "team"])
def test_a_hold_that_became_an_opt_out_is_not_undone(db: Database, actor: Actor, then: str) -> None:
    arrange.line(db, NOW)
    hear(db, "not interested")
    [wish] = revocations.waiting(db)
    if then == "stop":
        hear(db, "STOP")
        assert revocations.count_open(db) == 0
        assert source(db) == "keyword"
    else:
        contacts.suppress(db, actor, ANNA, "Asked by phone", "team", NOW)
        revocations.undo(db, actor, wish.id, NOW)
        assert source(db) == "team"


def test_start_does_not_undo_a_hold(db: Database) -> None:
    arrange.line(db, NOW)
    hear(db, "leave me alone")
    hear(db, "START")
    assert source(db) == "plain words"


def test_a_text_is_kept_with_the_message_that_it_answers(db: Database, actor: Actor) -> None:
    campaign_id, message_id = running(db, actor)
    hear(db, "What time do you open?")
    hear(db, "STOP")
    hear(db, "Hello?", phone="+442079460000")
    hear(db, "Nobody's line", "x", to="+15550000000")
    with db.read() as session:
        rows = session.scalars(select(Inbound).order_by(col(Inbound.id))).all()
    assert [row.message_id for row in rows] == [message_id, message_id, None, None]
    talk = conversations.thread(db, rows[0].conversation_id or 0)
    assert (talk.campaign_id, talk.campaign, talk.name) == (campaign_id, "Spring sale", "Maya No 1000")
    assert [(one.ours, one.kind) for one in talk.said] == [
        (True, "message"),
        (False, "reply"),
        (False, "stop"),
        (True, "stop"),
    ]
    assert talk.said[0].state is State.SENT
    assert talk.suppressed == "keyword"
    assert rows[3].conversation_id is None


def test_the_inbox_shows_the_newest_first_and_what_nobody_has_read(db: Database, actor: Actor) -> None:
    running(db, actor)
    hear(db, "First", phone=PHONES[0])
    hear(db, "Second one", phone=PHONES[1])
    hear(db, "STOP", phone=PHONES[2])
    assert conversations.unread(db) == 2  # nobody has to read a STOP: it is dealt with
    found = conversations.page(db)
    assert [row.last_text for row in found.rows] == ["STOP", "Second one", "First"]
    assert [row.last_text for row in conversations.page(db, search="second").rows] == ["Second one"]
    assert [row.phone for row in conversations.page(db, search=PHONES[2][-5:]).rows] == [PHONES[2]]
    assert conversations.page(db, search="maya").total == 3
    talk = conversations.page(db, only_unread=True).rows[0]
    conversations.mark_read(db, actor, talk.id)
    assert conversations.unread(db) == 1
    conversations.mark_unread(db, actor, talk.id)
    assert conversations.unread(db) == 2
    assert [row.last_text for row in conversations.page(db, first=1, limit=1).rows] == ["Second one"]


def test_many_texts_at_once_make_one_conversation_and_lose_no_count(db: Database) -> None:
    arrange.line(db, NOW)
    threads = [threading.Thread(target=hear, args=(db, f"Text {n}", str(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as session:
        [talk] = session.scalars(select(Conversation)).all()
    assert talk.unread == 8


def test_answering_marks_as_read_and_shows_who_wrote(db: Database, actor: Actor) -> None:
    running(db, actor)
    hear(db, "What time do you open?")
    talk = conversations.page(db).rows[0]
    answers.write(db, actor, talk.id, "  At nine. ", NOW + timedelta(minutes=6))
    assert conversations.unread(db) == 0
    last = conversations.thread(db, talk.id).said[-1]
    assert (last.text, last.ours, last.author, last.state) == ("At nine.", True, "Ada Park", State.QUEUED)
    assert conversations.page(db).rows[0].last_kind == conversations.ANSWER


def test_the_results_count_what_answers_a_message(db: Database, actor: Actor) -> None:
    campaign_id, _message_id = running(db, actor)
    hear(db, "Hi")
    hear(db, "What time do you open?")
    hear(db, "STOP", phone=PHONES[1])
    hear(db, "help", phone=PHONES[2])
    seen = results.overview(db, campaign_id, NOW)
    assert [(message.replies, message.opt_outs) for message in seen.messages] == [(2, 1)]
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("Ada Park", NOW)
    assert "opt-in approval" in seen.acknowledgment
    texts = replies.before(db, 99, 10)
    assert [(text.inbound.text, text.campaign_id) for text in texts][-1] == ("Hi", campaign_id)
