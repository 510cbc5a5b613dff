"""Why each person was, or wasn't, sent to: behind the results, on the contact and in the export."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor, Role
from domain.audience import LeftOut
from domain.deliveries import State
from storage import choices, consents, contact_cards, contacts, exports, people, results
from storage.consents import Given, Via
from storage.database import Database
from storage.tables import Contact
from tests import arrange, ledger
from tests.conftest import NOW
from tests.storage import test_quiet_hours as quiet

START = ledger.start_of(NOW)
PHONES = arrange.numbers(6)


@pytest.fixture
def campaign_id(db: Database) -> int:
    """One was left out, two were skipped for two reasons, one has it, two wait."""
    actor = arrange.person(db, NOW)
    contacts.suppress(db, actor, PHONES[0], "Asked", "team", NOW)
    made = ledger.started(db, actor, NOW, PHONES)
    [message_id] = ledger.message_ids(db, made)
    contacts.suppress(db, actor, PHONES[1], "Asked", "team", NOW)
    for phone in PHONES[3:]:
        consents.record(db, actor, Given(phone, NOW, "shop"), Via.FORM, NOW)
    choices.require_consent(db, actor, True, NOW)
    ledger.send(db, message_id, START, 3)
    return made


def id_of(db: Database, phone: str) -> int:
    with db.read() as session:
        return session.scalars(select(col(Contact.id)).where(col(Contact.phone) == phone)).one() or 0


def test_people_are_filtered_by_the_reason(db: Database, campaign_id: int) -> None:
    [message_id] = ledger.message_ids(db, campaign_id)
    assert people.reasons(db, message_id, State.SKIPPED) == {LeftOut.NO_CONSENT: 1, LeftOut.OPTED_OUT: 1}
    assert people.reasons(db, message_id, State.QUEUED) == {"": 2}
    found = people.people(db, message_id, states=(State.SKIPPED,), reason=LeftOut.OPTED_OUT).rows
    assert [person.phone for person in found] == [PHONES[1]]
    assert len(people.people(db, message_id, states=(State.QUEUED,), reason="").rows) == 2


def test_a_contact_shows_why_for_every_campaign(db: Database, campaign_id: int) -> None:
    left_out = contact_cards.card(db, id_of(db, PHONES[0]))
    assert left_out.sent == ()
    assert [(out.campaign_id, out.why) for out in left_out.left_out] == [(campaign_id, "Not sent: opted out")]
    skipped = contact_cards.card(db, id_of(db, PHONES[2]))
    assert [sent.why for sent in skipped.sent] == ["Not sent: no recorded opt-in"]
    sent = contact_cards.card(db, id_of(db, PHONES[3]))
    assert [one.why for one in sent.sent] == ["Sent: accepted by the carrier, no receipt yet"]


def test_the_export_says_why_for_everybody_on_the_list(db: Database, campaign_id: int) -> None:
    actor = Actor(1, "Ada Park", Role.ADMIN)
    part = exports.results_part(db, actor, campaign_id, None, START)
    rows = list(part.rows)
    while part.next is not None:
        part = exports.results_part(db, actor, campaign_id, part.next, START)
        rows += part.rows
    place = exports.RESULT_COLUMNS.index("Why")
    assert {row[1]: row[place] for row in rows} == {
        PHONES[0]: "Not sent: opted out",
        PHONES[1]: "Not sent: opted out",
        PHONES[2]: "Not sent: no recorded opt-in",
        PHONES[3]: "Sent: accepted by the carrier, no receipt yet",
        PHONES[4]: "Not sent yet: waiting for its turn",
        PHONES[5]: "Not sent yet: waiting for its turn",
    }


def test_the_results_say_how_many_quiet_hours_hold_now(db: Database) -> None:
    message_id = quiet.begun(db, quiet.DAWN, quiet.NEW_YORK + quiet.LOS_ANGELES)
    assert quiet.claim(db, message_id, quiet.DAWN) == []
    [message] = results.overview(db, 1, quiet.DAWN).messages
    assert message.held == len(quiet.NEW_YORK + quiet.LOS_ANGELES)
    now = quiet.at(8, "America/New_York")
    assert len(quiet.claim(db, message_id, now, limit=50)) == len(quiet.NEW_YORK)
    [message] = results.overview(db, 1, now).messages
    assert message.held == len(quiet.LOS_ANGELES)
