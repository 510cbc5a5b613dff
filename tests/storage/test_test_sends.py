"""Messages tried on one's own number: what is queued, what is refused, and what stays out of the ledger."""

import secrets
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, func, select

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.holds import Cause
from domain.outcomes import Outcome, Proof
from domain.phones import BadNumber
from storage import answers, contacts, conversations, holds, line_holds, messages, test_sends, workspace
from storage.answers import NothingToSend, OptedOut, Outgoing, Settled
from storage.database import Database
from storage.tables import Answer, Attachment, Delivery, LineDay, Setting, Tally
from storage.test_sends import CapReached, LineHeld, QuietThere, SendingHeld, TooManyTests
from tests import arrange
from tests.conftest import NOW

MINE = "+14155550123"
TEXT = "Hello {first_name|there}!"


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def campaign(db: Database, actor: Actor, daily_cap: int | None = None) -> int:
    """A campaign's only message."""
    line_id = arrange.line(db, NOW, daily_cap=daily_cap)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(2))
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=(TEXT,))
    return messages.of_campaign(db, campaign_id)[0].id or 0


def claim(db: Database) -> list[Outgoing]:
    return answers.claim(db, 16, NOW, secrets.token_hex(8))


def queued(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(Answer)) or 0


def test_a_test_goes_out_once_and_counts_in_no_result(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    made = test_sends.send(db, actor, message_id, TEXT, "(415) 555-0123", NOW)
    assert test_sends.came(db, made).label == "Queued"
    [taken] = claim(db)
    assert (taken.phone, taken.text, taken.line_number) == (MINE, "Hello there!", "+14155550100")
    assert claim(db) == []
    answers.settle(db, [Settled(taken.id, taken.attempt_id, Outcome(Proof.ACCEPTED, "c1"), NOW)], NOW)
    came = test_sends.came(db, made)
    assert (came.label, came.good, came.over) == ("Sent", True, False)
    with db.write() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        assert session.scalar(select(func.count()).select_from(Tally)) == 0
        account_id = arrange.account_of(session, taken.line_id).id or 0
        assert answers.raise_to(session, taken.attempt_id, account_id, State.DELIVERED, "", NOW)
    assert test_sends.came(db, made).label == "Delivered"
    assert workspace.kept_form(db, actor, test_sends.FORM) == {"phone": MINE}
    [talk] = conversations.page(db).rows
    [said] = conversations.thread(db, talk.id).said
    assert (said.text, said.kind, said.author) == ("Hello there!", "test", actor.name)


def test_a_contact_gets_their_own_words(db: Database, actor: Actor) -> None:
    test_sends.send(db, actor, campaign(db, actor), TEXT, arrange.numbers(1)[0], NOW)
    assert [one.text for one in claim(db)] == ["Hello Maya!"]


def test_what_the_carrier_says_to_a_refusal_is_told(db: Database, actor: Actor) -> None:
    made = test_sends.send(db, actor, campaign(db, actor), TEXT, MINE, NOW)
    [taken] = claim(db)
    refused = Outcome(Proof.REFUSED, code="invalid_number", detail="No.")
    answers.settle(db, [Settled(taken.id, taken.attempt_id, refused, NOW)], NOW)
    came = test_sends.came(db, made)
    assert (came.label, came.over, came.good) == ("Failed", True, False)
    assert "number" in came.detail.lower()


def test_a_suppressed_number_gets_none_not_even_when_it_opts_out_meanwhile(
    db: Database, actor: Actor
) -> None:
    message_id = campaign(db, actor)
    made = test_sends.send(db, actor, message_id, TEXT, MINE, NOW)
    contacts.suppress(db, actor, MINE, "Asked", "team", NOW)
    assert claim(db) == []
    assert test_sends.came(db, made).label == "Skipped"
    with pytest.raises(OptedOut):
        test_sends.send(db, actor, message_id, TEXT, MINE, NOW)


def test_quiet_hours_warn_and_let_through_who_insists(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    with db.write() as session:
        session.merge(Setting(name="quiet hours", value={"on": True}))
    night = datetime(2026, 11, 23, 9, 0, tzinfo=NOW.tzinfo)  # one in the morning in San Francisco
    with pytest.raises(QuietThere):
        test_sends.send(db, actor, message_id, TEXT, MINE, night)
    assert test_sends.send(db, actor, message_id, TEXT, MINE, night, at_any_hour=True)
    assert test_sends.send(db, actor, message_id, TEXT, MINE, night + timedelta(hours=10))


def test_the_daily_cap_counts_tests(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor, daily_cap=3)
    test_sends.send(db, actor, message_id, "x" * 200, MINE, NOW)
    with db.read() as session:
        assert session.scalar(select(col(LineDay.segments))) == 2
    with pytest.raises(CapReached):
        test_sends.send(db, actor, message_id, "x" * 200, MINE, NOW)
    test_sends.send(db, actor, message_id, TEXT, MINE, NOW)
    assert queued(db) == 2


def test_what_makes_no_test_is_refused(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    with pytest.raises(BadNumber):
        test_sends.send(db, actor, message_id, TEXT, "12", NOW)
    with pytest.raises(NothingToSend):
        test_sends.send(db, actor, message_id, " ", MINE, NOW)
    with pytest.raises(RoleForbids):
        test_sends.send(db, arrange.person(db, NOW, "Vi", Role.VIEWER), message_id, TEXT, MINE, NOW)
    assert queued(db) == 0


def test_attachments_go_along_even_without_a_text(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    with db.write() as session:
        picture = Attachment(
            message_id=message_id,
            filename="sun.png",
            stored_name="x",
            content_type="image/png",
            bytes=9,
            width=1,
            height=1,
            created_at=NOW,
        )
        session.add(picture)
        session.flush()
        number = picture.id or 0
    test_sends.send(db, actor, message_id, "", MINE, NOW)
    [taken] = claim(db)
    assert (taken.text, taken.attachment_ids, taken.claimed_at) == ("", (number,), NOW)


def test_what_holds_campaigns_holds_tests(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    with db.write() as session:
        holds.place(session, Cause.RESTORED, NOW)
    with pytest.raises(SendingHeld):
        test_sends.send(db, actor, message_id, TEXT, MINE, NOW)
    holds.release(db, actor, NOW)
    line_holds.block(db, 1, "Wrong password.", "401", NOW)
    with pytest.raises(LineHeld, match="Wrong password"):
        test_sends.send(db, actor, message_id, TEXT, MINE, NOW)


def test_nobody_sends_them_by_the_dozen(db: Database, actor: Actor) -> None:
    message_id = campaign(db, actor)
    for _ in range(test_sends.AN_HOUR):
        test_sends.send(db, actor, message_id, TEXT, MINE, NOW)
    with pytest.raises(TooManyTests):
        test_sends.send(db, actor, message_id, TEXT, MINE, NOW)
    assert test_sends.send(db, actor, message_id, TEXT, MINE, NOW + timedelta(hours=2))
