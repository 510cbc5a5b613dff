"""End to end through a real gateway: ledger, HTTP, Kannel, its SMSC, a phone, and all the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from domain.access import Actor
from domain.carrier_kinds import kind_of
from domain.deliveries import State
from sender.dispatcher import Dispatcher
from storage import campaigns
from storage.database import Database
from storage.tables import Inbound, Line, Suppression
from tests import arrange, ledger, wait
from tests.sender.conftest import real_now
from tests.sender.kannel import LINE, PASSWORD, USER, Kannel, gateway
from tests.sender.test_dispatch import begin_now

UNICODE = "Grüße — 👋🏽"
LONG = "All work and no play makes Jack a dull boy. " * 9


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, real_now())


@pytest.fixture
def line_id(sqlite_db: Database) -> int:
    return arrange.line(
        sqlite_db,
        real_now(),
        kind="kannel",
        number=LINE,
        credentials={"username": USER, "password": PASSWORD},
    )


@pytest.fixture
def kannel(
    sqlite_db: Database, public_url: str, line_id: int, tmp_path: Path, dispatcher: Dispatcher
) -> Iterator[Kannel]:
    [paste] = kind_of("kannel").pastes
    token = arrange.token(sqlite_db, line_id)
    with gateway(tmp_path, f"{public_url}/webhooks/kannel/{token}/inbound{paste.suffix}") as running:
        point_at(sqlite_db, line_id, running.base_url)
        yield running


def point_at(db: Database, line_id: int, base_url: str) -> None:
    """Give the line's account the gateway's address, which is known only now."""
    with db.write() as session:
        account = arrange.account_of(session, line_id)
        account.settings = {**account.settings, "base_url": base_url}


def started(db: Database, actor: Actor, line_id: int, text: str, phones: list[str], name: str) -> int:
    """A campaign whose one message is due now; the message's id."""
    now = real_now()  # one for all, or the minute may turn between two of them
    list_id = arrange.contact_list(db, actor, now, phones, f"List of {name}")
    campaign_id = arrange.draft(db, actor, now, line_id, list_id, name=name, texts=[text])
    campaigns.schedule(db, actor, campaign_id, now)
    begin_now(db, campaign_id)
    return ledger.message_ids(db, campaign_id)[0]


def states(db: Database, *message_ids: int) -> list[State]:
    return [state for number in message_ids for state in ledger.states(db, number).values()]


def test_texts_arrive_receipts_come_back_and_a_stop_holds(
    sqlite_db: Database, actor: Actor, line_id: int, kannel: Kannel
) -> None:
    texts = {"plain": "Hello @ 5 € & [more]", "unicode": UNICODE, "long": LONG.strip()}
    with kannel.phones("text STOP", say=1) as phones:
        sent = [
            started(sqlite_db, actor, line_id, text, [f"+1415555020{place}"], name)
            for place, (name, text) in enumerate(texts.items())
        ]
        wait.until(lambda: states(sqlite_db, *sent) == [State.DELIVERED] * 3, 60, "the receipts")
        wait.until(lambda: len(phones.got()) >= 6, 30, "the last part, and the answer to STOP")
        got = phones.got()
    assert texts["plain"] in got
    assert texts["unicode"] in got
    assert len([part for part in got if part in LONG]) == 3
    assert len([text for text in got if text.startswith("You have opted out")]) == 1
    for row in ledger.rows(sqlite_db, sent[0]).values():
        assert row.attempts == 1
        assert row.carrier_message_id  # the SMSC's, from the receipt: Kannel itself gives none

    def stopped() -> bool:
        with sqlite_db.read() as session:
            return session.scalars(select(Suppression)).one_or_none() is not None

    wait.until(stopped, 30, "the STOP")
    with sqlite_db.read() as session:
        assert [row.phone for row in session.scalars(select(Suppression))] == ["+15551230000"]
        assert [(row.to_number, row.text) for row in session.scalars(select(Inbound))] == [(LINE, "STOP")]
    ledger.check_tallies(sqlite_db)


def test_what_a_stopped_smsc_turns_away_is_sent_once_it_runs_again(
    sqlite_db: Database, actor: Actor, line_id: int, kannel: Kannel
) -> None:
    with kannel.phones():
        assert "shut down" in kannel.admin("stop-smsc")
        message_id = started(sqlite_db, actor, line_id, "Held up", ["+14155550209"], "Held")

        def turned_away() -> bool:
            [row] = ledger.rows(sqlite_db, message_id).values() or [None]
            return row is not None and row.state is State.QUEUED and row.attempts > 0

        wait.until(turned_away, 30, "the refusal")
    assert "re-started" in kannel.admin("start-smsc")
    with kannel.phones() as phones:
        wait.until(lambda: states(sqlite_db, message_id) == [State.DELIVERED], 60, "the second try")
        assert phones.got().count("Held up") == 1
    with sqlite_db.read() as session:
        blocked = select(func.count()).select_from(Line).where(col(Line.blocked_reason).is_not(None))
        assert session.scalar(blocked) == 0


def test_a_wrong_password_blocks_the_line_and_loses_nothing(
    sqlite_db: Database, actor: Actor, line_id: int, kannel: Kannel
) -> None:
    with sqlite_db.write() as session:
        account = arrange.account_of(session, line_id)
        account.settings = {**account.settings, "password": "guessed"}
    message_id = started(sqlite_db, actor, line_id, "Hello", ["+14155550210"], "Wrong")

    def reason() -> str:
        with sqlite_db.read() as session:
            return session.get_one(Line, line_id).blocked_reason or ""

    wait.until(reason, 30, "the block")
    assert reason().startswith("The carrier did not accept our sign-in. Ask an administrator")
    wait.until(lambda: states(sqlite_db, message_id) == [State.QUEUED], 10)
