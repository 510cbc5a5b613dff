"""What the results page reads: equal while nothing happens, and no dearer with more people."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from domain.audience import LeftOut
from storage import campaigns, contacts, people, results, short_links
from storage.audiences import begin_due, plan_chunk
from storage.database import Database
from storage.tables import Line, LineDay, Message
from tests import arrange
from tests.conftest import NOW

START = NOW + timedelta(minutes=1)


def running(db: Database, phones: list[str], *, opted_out: int = 0) -> tuple[int, int]:
    """A campaign that is being sent at two segments a second; returns its id and its message's."""
    actor = arrange.person(db, NOW)
    line_id = arrange.line(db, NOW, rate=2.0)
    list_id = arrange.contact_list(db, actor, NOW, phones)
    for phone in phones[:opted_out]:
        contacts.suppress(db, actor, phone, "stop", "inbound", NOW)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, first=START)
    campaigns.schedule(db, actor, campaign_id, NOW)
    (message_id,) = begin_due(db, START)
    while plan_chunk(db, message_id, START):
        pass
    return campaign_id, message_id


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def test_nothing_is_pushed_while_nothing_happens(db: Database) -> None:
    campaign_id, _ = running(db, arrange.numbers(3))
    first = results.overview(db, campaign_id, START)
    assert results.overview(db, campaign_id, START + timedelta(milliseconds=250)) == first


def test_the_expected_end_follows_from_what_is_left(db: Database) -> None:
    campaign_id, _ = running(db, arrange.numbers(600))
    late = START + timedelta(hours=2, seconds=10)
    assert results.overview(db, campaign_id, late).expected_end == minute(late + timedelta(seconds=300))


def test_the_expected_end_counts_the_lines_caps(db: Database) -> None:
    campaign_id, _ = running(db, arrange.numbers(600))
    with db.write() as session:
        line = session.get_one(Line, 1)
        line.rate, line.minute_cap = None, 100
    assert results.overview(db, campaign_id, START).expected_end == START + timedelta(minutes=6)
    with db.write() as session:
        session.get_one(Line, 1).daily_cap = 500
        session.add(LineDay(line_id=1, day=f"{START:%Y-%m-%d}", segments=450))
    midnight = datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=2)
    assert results.overview(db, campaign_id, START).expected_end == midnight + timedelta(minutes=1)


def test_the_expected_end_counts_short_links_as_short(db: Database) -> None:
    short_links.keep_base(db, "https://s.example")
    campaign_id, message_id = running(db, arrange.numbers(600))
    with db.write() as session:
        message = session.get_one(Message, message_id)
        message.text = f"Look: https://shop.example/{'x' * 300} Reply STOP to opt out."
    long = results.overview(db, campaign_id, START).expected_end
    with db.write() as session:
        session.get_one(Message, message_id).shorten_links = True
    short = results.overview(db, campaign_id, START).expected_end
    assert long is not None
    assert short is not None
    assert (long - START, short - START) == (timedelta(minutes=15), timedelta(minutes=5))


def test_a_paused_campaign_promises_no_end(db: Database) -> None:
    campaign_id, _ = running(db, arrange.numbers(3))
    campaigns.pause(db, arrange.person(db, NOW, "Bo Lind"), campaign_id, START)
    assert results.overview(db, campaign_id, START).expected_end is None


def test_people_left_out_are_counted_by_reason_and_found(db: Database) -> None:
    phones = arrange.numbers(30)
    campaign_id, _ = running(db, phones, opted_out=27)
    overview = results.overview(db, campaign_id, START)
    assert (overview.audience, overview.left_out) == (3, {LeftOut.OPTED_OUT: 27})

    first = people.people_left_out(db, campaign_id, LeftOut.OPTED_OUT)
    rest = people.people_left_out(db, campaign_id, LeftOut.OPTED_OUT, after=first.next or 0)
    assert [person.phone for person in first.rows + rest.rows] == phones[:27]
    assert (rest.next, rest.rows[0].reason) == (None, "Opted out")

    found = people.people_left_out(db, campaign_id, LeftOut.OPTED_OUT, search=phones[4])
    assert [person.phone for person in found.rows] == [phones[4]]


def test_an_open_page_never_counts_people_again(sqlite_db: Database) -> None:
    campaign_id, _ = running(sqlite_db, arrange.numbers(5), opted_out=2)
    results.overview(sqlite_db, campaign_id, START)
    asked: list[str] = []
    event.listen(
        sqlite_db._readers, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement)
    )
    results.overview(sqlite_db, campaign_id, START)
    assert asked
    assert not [s for s in asked if " delivery" in s or "audience_member" in s or "membership" in s]
