"""The sending path on real parts: ledger, scheduler, HTTP to the sandbox carrier, receipts by webhook."""

from collections import Counter
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from domain.access import Actor
from domain.campaigns import Status
from domain.deliveries import State
from domain.sandbox import BEHAVIOURS, final_state
from sender.dispatcher import Dispatcher
from storage import campaigns, messages, people, results, short_links
from storage.database import Database
from storage.messages import Change
from storage.results import Results
from storage.tables import Contact, Delivery, Line, Message, Suppression
from storage.tallies import of_messages, recount
from tests import arrange, wait
from tests.sender.conftest import real_now


def begin_now(db: Database, campaign_id: int) -> None:
    """Bring the first message's time to now, so that no test waits for a full minute."""
    with db.write() as session:
        session.execute(
            update(Message)
            .where(col(Message.campaign_id) == campaign_id, col(Message.position) == 1)
            .values(send_at=real_now(), begins_at=real_now())
        )


def overview(db: Database, campaign_id: int) -> Results:
    return results.overview(db, campaign_id, real_now())


def started(db: Database, actor: Actor, phones: list[str], **line: Any) -> int:
    now = real_now()  # one for all, or the minute may turn between two of them
    line_id = arrange.line(db, now, **line)
    list_id = arrange.contact_list(db, actor, now, phones)
    campaign_id = arrange.draft(db, actor, now, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, now)
    begin_now(db, campaign_id)
    return campaign_id


def settled(db: Database, campaign_id: int, phones: list[str]) -> bool:
    expected = Counter(final_state(phone) for phone in phones)
    return overview(db, campaign_id).messages[0].tally == expected


def test_every_delivery_ends_as_its_number_prescribes(sqlite_db: Database, dispatcher: Dispatcher) -> None:
    actor = arrange.person(sqlite_db, real_now())
    phones = arrange.numbers(60, list(BEHAVIOURS))
    campaign_id = started(sqlite_db, actor, phones)
    wait.until(lambda: settled(sqlite_db, campaign_id, phones), 30)
    wait.until(lambda: overview(sqlite_db, campaign_id).standing.status is Status.COMPLETED)
    message_id = overview(sqlite_db, campaign_id).messages[0].id
    found = people.people(sqlite_db, message_id, limit=100).rows
    assert {person.phone: person.state for person in found} == {p: final_state(p) for p in phones}
    with sqlite_db.read() as session:
        assert of_messages(session, [message_id])[message_id] == recount(session, message_id)


def test_a_stop_in_the_middle_cancels_the_rest(sqlite_db: Database, dispatcher: Dispatcher) -> None:
    actor = arrange.person(sqlite_db, real_now())
    campaign_id = started(sqlite_db, actor, arrange.numbers(200), rate=20.0)
    wait.until(lambda: overview(sqlite_db, campaign_id).messages[0].tally.get(State.DELIVERED, 0) > 5)
    campaigns.stop(sqlite_db, actor, campaign_id, real_now())
    tally = overview(sqlite_db, campaign_id).messages[0].tally
    assert State.QUEUED not in tally
    assert tally[State.CANCELED] > 100
    wait.until(
        lambda: set(overview(sqlite_db, campaign_id).messages[0].tally) <= {State.DELIVERED, State.CANCELED}
    )
    assert overview(sqlite_db, campaign_id).messages[0].tally[State.CANCELED] >= tally[State.CANCELED]


def test_who_opted_out_at_the_carrier_is_never_sent_to_again(
    sqlite_db: Database, dispatcher: Dispatcher
) -> None:
    actor = arrange.person(sqlite_db, real_now())
    phones = arrange.numbers(3, ["0010"])
    campaign_id = started(sqlite_db, actor, phones)
    wait.until(lambda: settled(sqlite_db, campaign_id, phones))
    with sqlite_db.read() as session:
        assert [row.phone for row in session.scalars(select(Suppression))] == [phones[0]]


def test_a_number_that_the_carrier_calls_none_is_marked(sqlite_db: Database, dispatcher: Dispatcher) -> None:
    actor = arrange.person(sqlite_db, real_now())
    phones = arrange.numbers(4, ["0001", "0006", "0003"])
    campaign_id = started(sqlite_db, actor, phones)
    wait.until(lambda: settled(sqlite_db, campaign_id, phones))
    with sqlite_db.read() as session:
        marked = session.scalars(select(Contact).where(col(Contact.invalid_reason).is_not(None)))
        reasons = {row.phone: row.invalid_reason for row in marked}
    assert reasons == {phones[0]: "The number is not valid", phones[1]: "The number is a landline"}


def test_an_account_that_lacks_a_setting_blocks_its_line_in_words(
    sqlite_db: Database, dispatcher: Dispatcher
) -> None:
    now = real_now()
    actor = arrange.person(sqlite_db, now)
    line_id = arrange.line(sqlite_db, now, kind="twilio", credentials={"account_sid": "AC1"})
    list_id = arrange.contact_list(sqlite_db, actor, now, arrange.numbers(3))
    campaign_id = arrange.draft(sqlite_db, actor, now, line_id, list_id)
    campaigns.schedule(sqlite_db, actor, campaign_id, now)
    begin_now(sqlite_db, campaign_id)

    def reason() -> str:
        with sqlite_db.read() as session:
            return session.get_one(Line, line_id).blocked_reason or ""

    wait.until(reason)
    assert reason() == "The setting “Auth token” (auth_token) is missing."
    assert overview(sqlite_db, campaign_id).messages[0].tally == {State.QUEUED: 3}


def test_links_are_short_in_what_the_carrier_gets(sqlite_db: Database, dispatcher: Dispatcher) -> None:
    now = real_now()
    actor = arrange.person(sqlite_db, now)
    phones = arrange.numbers(3)
    short_links.keep_base(sqlite_db, "https://s.example")
    line_id = arrange.line(sqlite_db, now)
    list_id = arrange.contact_list(sqlite_db, actor, now, phones)
    text = "See https://shop.example/sale"
    campaign_id = arrange.draft(sqlite_db, actor, now, line_id, list_id, texts=(text,))
    [message] = messages.of_campaign(sqlite_db, campaign_id)
    messages.save(sqlite_db, actor, message.id or 0, Change(shorten_links=True), now)
    campaigns.schedule(sqlite_db, actor, campaign_id, now)
    begin_now(sqlite_db, campaign_id)
    wait.until(lambda: settled(sqlite_db, campaign_id, phones), 30)
    with sqlite_db.read() as session:
        texts = session.scalars(select(col(Delivery.text))).all()
    assert len({one for one in texts if one and one.startswith("See https://s.example/l/")}) == 3
    assert {short_links.target(sqlite_db, str(one)[-10:]) for one in texts} == {"https://shop.example/sale"}
