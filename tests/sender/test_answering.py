"""Answers on real parts: the outbox, HTTP to the sandbox carrier, receipts and replies by webhook."""

from sqlalchemy import select

from domain.deliveries import State
from sender.dispatcher import Dispatcher
from storage import answers, conversations, inbound
from storage.database import Database
from storage.inbound import Reply
from storage.tables import Answer
from tests import arrange, wait
from tests.sender.conftest import real_now

ASKS = "+14152000078"
STOPS = "+14152000077"


def hear(db: Database, phone: str, text: str) -> int:
    inbound.take(db, Reply(1, f"{phone}{text}", phone, "+14155550100", text), real_now())
    return next(row.id for row in conversations.page(db).rows if row.phone == phone)


def said(db: Database, talk: int) -> list[tuple[bool, str, State | None]]:
    return [(one.ours, one.kind, one.state) for one in conversations.thread(db, talk).said]


def test_an_answer_arrives_and_what_is_said_to_it_is_heard(
    sqlite_db: Database, dispatcher: Dispatcher
) -> None:
    actor = arrange.person(sqlite_db, real_now())
    arrange.line(sqlite_db, real_now())
    talk = hear(sqlite_db, ASKS, "Hello?")
    answers.write(sqlite_db, actor, talk, "How can we help?", real_now())
    expected = [(False, "reply", None), (True, "reply", State.DELIVERED), (False, "reply", None)]
    wait.until(lambda: said(sqlite_db, talk) == expected, 30)


def test_a_stop_is_confirmed_once_and_the_carrier_is_not_asked_again(
    sqlite_db: Database, dispatcher: Dispatcher
) -> None:
    arrange.line(sqlite_db, real_now())
    talk = hear(sqlite_db, STOPS, "STOP")  # the sandbox lets this number reply STOP to whatever arrives
    expected = [(False, "stop", None), (True, "stop", State.DELIVERED), (False, "stop", None)]
    wait.until(lambda: said(sqlite_db, talk) == expected, 30)
    with sqlite_db.read() as session:
        assert len(session.scalars(select(Answer)).all()) == 1


def test_an_answer_to_a_carrier_that_is_not_there_is_tried_again(
    sqlite_db: Database, dispatcher: Dispatcher
) -> None:
    actor = arrange.person(sqlite_db, real_now())
    arrange.line(sqlite_db, real_now(), base_url="http://127.0.0.1:9")
    talk = hear(sqlite_db, ASKS, "Hello?")
    number = answers.write(sqlite_db, actor, talk, "Hi", real_now())

    def tried() -> Answer:
        with sqlite_db.read() as session:
            return session.get_one(Answer, number)

    wait.until(lambda: tried().attempts == 1 and tried().state is State.QUEUED, 30)
    assert tried().reason == "The carrier could not be reached."
