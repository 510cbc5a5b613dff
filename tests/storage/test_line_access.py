"""A line that is for chosen people: nobody else makes anything go out through it, by whichever verb."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.access import Actor, LineForbidden, Role
from domain.line_settings import LineSettings
from domain.messages import Choice
from domain.outcomes import Outcome, Proof
from storage import (
    answers,
    campaigns,
    inbound,
    line_access,
    line_settings,
    living_sessions,
    missed,
    sessions,
    unconfirmed,
)
from storage.database import Database
from storage.inbound import Reply
from storage.tables import User
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PHONES = arrange.numbers(2)


@pytest.fixture
def ada(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def bo(db: Database) -> Actor:
    return arrange.person(db, NOW, "Bo Lind", Role.MANAGER)


def restrict(db: Database, ada: Actor, *people: Actor) -> None:
    number, account = line_settings.one(db, 1).number, line_settings.one(db, 1).account_id
    chosen = frozenset(person.user_id for person in people)
    given = LineSettings("Main number", number, account, restricted=True, people=chosen)
    line_settings.change(db, ada, 1, given, NOW)


def schedule(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    made = arrange.draft(db, ada, NOW, arrange.line(db, NOW), arrange.contact_list(db, ada, NOW, PHONES))
    return lambda: campaigns.schedule(db, bo, made, NOW)


def resume(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    made = ledger.started(db, ada, NOW, PHONES)
    campaigns.pause(db, ada, made, START)
    return lambda: campaigns.resume(db, bo, made, START)


def restart(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    made = ledger.started(db, ada, NOW, PHONES)
    campaigns.stop(db, bo, made, START)  # to stop is always allowed
    return lambda: campaigns.restart(db, bo, made, START)


def send_a_missed_one(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    made = arrange.draft(db, ada, NOW, arrange.line(db, NOW), arrange.contact_list(db, ada, NOW, PHONES))
    campaigns.schedule(db, ada, made, NOW)
    late = START + timedelta(hours=2)
    missed.notice(db, late)
    (message,) = ledger.message_ids(db, made)
    return lambda: missed.decide(db, bo, made, message, Choice.SEND_NOW, late)


def send_again(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    made = ledger.started(db, ada, NOW, PHONES)
    (message,) = ledger.message_ids(db, made)
    ledger.settle(db, ledger.claim(db, message, START), START, Outcome(Proof.AMBIGUOUS))
    return lambda: unconfirmed.send_again(db, bo, made, message, START)


def answer(db: Database, ada: Actor, bo: Actor) -> Callable[[], object]:
    arrange.line(db, NOW)
    inbound.take(db, Reply(1, "r-1", PHONES[0], "+14155550100", "Is this still on?"), NOW)
    return lambda: answers.write(db, bo, 1, "Yes, it is.", NOW)


@pytest.mark.parametrize("arranged", [schedule, resume, restart, send_a_missed_one, send_again, answer])
def test_what_sends_through_a_line_is_for_who_may_use_it(
    db: Database, ada: Actor, bo: Actor, arranged: Callable[..., Callable[[], object]]
) -> None:
    act = arranged(db, ada, bo)
    restrict(db, ada)
    with pytest.raises(LineForbidden):
        act()
    restrict(db, ada, bo)
    act()


def access(db: Database) -> dict[str, int]:
    with db.read() as session:
        return {user.name: user.access for user in session.exec(select(User))}


def test_the_open_pages_of_exactly_those_notice_who_may_use_other_lines_now(
    db: Database, ada: Actor, bo: Actor
) -> None:
    arrange.line(db, NOW)
    cy = arrange.person(db, NOW, "Cy Young", Role.MANAGER)
    assert access(db) == {"Ada Park": 0, "Bo Lind": 0, "Cy Young": 0}
    restrict(db, ada, bo)  # nobody else any more
    assert access(db) == {"Ada Park": 0, "Bo Lind": 0, "Cy Young": 1}
    restrict(db, ada, bo)  # nothing changed
    assert access(db) == {"Ada Park": 0, "Bo Lind": 0, "Cy Young": 1}
    restrict(db, ada, cy)
    assert access(db) == {"Ada Park": 0, "Bo Lind": 1, "Cy Young": 2}
    line_settings.alter(db, ada, 1, {"restricted": False}, NOW)
    assert access(db) == {"Ada Park": 0, "Bo Lind": 2, "Cy Young": 2}


def test_who_may_use_other_lines_is_not_signed_out(db: Database, ada: Actor, bo: Actor) -> None:
    arrange.line(db, NOW)
    with db.write() as session:
        token = sessions.begin(session, bo.user_id, NOW, address="", browser="")
    before = sessions.resume(db, token, NOW).actor
    restrict(db, ada)
    with db.read() as session:
        living_sessions.require(session, before)
    (now,) = sessions.alive(db, {before.session_id or 0}, NOW).values()
    assert now != living_sessions.standing(before)
    assert now == living_sessions.standing(sessions.resume(db, token, NOW).actor)


def test_the_lines_that_somebody_may_send_from(db: Database, ada: Actor, bo: Actor) -> None:
    eve = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    arrange.line(db, NOW)
    other = arrange.line(db, NOW, label="Other", number="+14155550101")
    restrict(db, ada)
    assert line_access.of(db, ada) == {1, other}
    assert line_access.of(db, bo) == {other}
    assert line_access.of(db, eve) == set()
