"""Merge fields in the claim: each person's own text, kept with their delivery and counted as it is."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from domain.outcomes import Outcome, Proof
from storage import deliveries, erasure
from storage.database import Database
from storage.deliveries import Claimed, Settled
from storage.tables import Contact, Delivery, LineDay
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
TEXT = "Hi {first_name|there}, you have {points|no} points."
MAYA, BO, NOBODY = "+12126001000", "+12126001001", "+12126001002"
NAMES = {MAYA: "Maya", BO: "Bo", NOBODY: ""}


def started(db: Database, text: str = TEXT, daily_cap: int | None = None) -> int:
    """A message to three people that has begun; returns its id."""
    actor = arrange.person(db, NOW)
    line_id = arrange.line(db, NOW, daily_cap=daily_cap)
    campaign_id = ledger.started(db, actor, NOW, [MAYA, BO, NOBODY], line_id=line_id, texts=(text,))
    with db.write() as session:
        for contact in session.scalars(select(Contact)):
            contact.first_name = NAMES[contact.phone]
            contact.fields = {"Points": 40} if contact.phone == MAYA else {}
    return ledger.message_ids(db, campaign_id)[0]


def claim(db: Database, message_id: int, text: str = TEXT) -> dict[str, Claimed]:
    taken = deliveries.claim(db, message_id, 10, 1, START, "nonce", text)
    return {one.phone: one for one in taken}


def test_each_person_gets_their_own_text_and_it_is_kept(db: Database) -> None:
    message_id = started(db)
    texts = {phone: one.text for phone, one in claim(db, message_id).items()}
    assert texts == {
        MAYA: "Hi Maya, you have 40 points.",
        BO: "Hi Bo, you have no points.",
        NOBODY: "Hi there, you have no points.",
    }
    with db.read() as session:
        kept = {row.phone: row.text for row in session.scalars(select(Delivery))}
    assert kept == texts


def test_a_text_without_fields_is_kept_once_with_its_message(db: Database) -> None:
    message_id = started(db, "Hello.")
    assert {one.text for one in claim(db, message_id, "Hello.").values()} == {None}


def test_the_segments_of_the_persons_own_text_are_counted(db: Database) -> None:
    message_id = started(db, "{points|" + "x" * 161 + "}", daily_cap=100)
    costs = {
        phone: one.segments for phone, one in claim(db, message_id, "{points|" + "x" * 161 + "}").items()
    }
    assert costs == {MAYA: 1, BO: 2, NOBODY: 2}
    with db.read() as session:
        assert session.scalars(select(LineDay)).one().segments == 5
    return_all(db)
    with db.read() as session:
        assert session.scalars(select(LineDay)).one().segments == 0


def return_all(db: Database) -> None:
    """The carrier wanted none of it."""
    with db.read() as session:
        rows = session.scalars(select(Delivery)).all()
    costs = {MAYA: 1, BO: 2, NOBODY: 2}
    nothing = Outcome(Proof.TOO_FAST)
    again = START + timedelta(minutes=1)
    deliveries.settle(
        db,
        [Settled(row.id or 0, row.attempt_id or "", nothing, again, costs[row.phone]) for row in rows],
        START,
    )


def test_a_second_try_is_written_anew(db: Database) -> None:
    message_id = started(db)
    claim(db, message_id)
    return_all(db)
    with db.write() as session:
        session.scalars(select(Contact).where(col(Contact.phone) == BO)).one().first_name = "Bodil"
    later = START + timedelta(minutes=2)
    taken = deliveries.claim(db, message_id, 10, 1, later, "again", TEXT)
    assert {one.text for one in taken if one.phone == BO} == {"Hi Bodil, you have no points."}


def test_who_is_erased_leaves_no_text_behind(db: Database) -> None:
    message_id = started(db)
    claim(db, message_id)
    with db.read() as session:
        contact_id = session.scalars(select(Contact).where(col(Contact.phone) == MAYA)).one().id or 0
    erasure.erase(db, arrange.person(db, NOW, name="Admin"), contact_id, START)
    with db.read() as session:
        texts = session.scalars(
            select(col(Delivery.text)).where(col(Delivery.contact_id) == contact_id)
        ).all()
    assert texts == [None]
