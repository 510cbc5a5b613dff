"""Actions on many contacts: done chunk by chunk, gone on with, stopped, and taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from domain.access import Actor, Role, RoleForbids
from domain.bulk import UNDO_FOR, Action, CannotBeUndone, JobState, NothingSelected, ReasonMissing, Task
from domain.contacts import BadField
from domain.zones import UnknownZone
from storage import bulk, contact_cards, contact_grid, contacts, inbound, lists, suppressions
from storage.contact_grid import Query
from storage.contacts import Entry, ListNotFound
from storage.database import Database
from storage.inbound import Reply
from storage.tables import BulkChange, Contact, ContactList, Membership
from tests import arrange
from tests.conftest import NOW

NUMBERS = arrange.numbers(9)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def list_id(db: Database, actor: Actor) -> int:
    return arrange.contact_list(db, actor, NOW, NUMBERS)


def done(db: Database, actor: Actor, task: Task, whom: bulk.Selection = Query()) -> bulk.Job:  # noqa: B008
    job_id = bulk.start(db, actor, task, whom, NOW)
    bulk.work(db, NOW)
    return bulk.job(db, job_id)


def undone(db: Database, actor: Actor, job: bulk.Job) -> bulk.Job:
    bulk.undo(db, actor, job.id, NOW)
    bulk.work(db, NOW)
    return bulk.job(db, job.id)


def everybody(db: Database) -> list[Contact]:
    with db.read() as session:
        return list(session.scalars(select(Contact).order_by(col(Contact.phone))))


def members(db: Database, list_id: int) -> set[int]:
    """Who is on the list; its size says the same."""

    def read(session: Session) -> set[int]:
        return set(session.scalars(select(Membership.contact_id).where(Membership.list_id == list_id)))

    with db.read() as session:
        assert session.get_one(ContactList, list_id).size == len(read(session))
        return read(session)


def test_many_are_put_on_a_list_and_taken_off_again(db: Database, actor: Actor, list_id: int) -> None:
    people = [contact.id or 0 for contact in everybody(db)]
    vip = lists.create(db, actor, "VIP", NOW)
    contact_cards.put_on_list(db, actor, people[0], vip, NOW)
    job = done(db, actor, Task(Action.ADD, vip))
    assert (job.state, job.total, job.seen, job.changed, job.list_name) == (JobState.DONE, 9, 9, 8, "VIP")
    assert members(db, vip) == set(people)
    contact_cards.take_off_list(db, actor, people[1], vip, NOW)
    back = undone(db, actor, job)
    assert (back.state, back.total, back.changed, back.undoable) == (JobState.UNDONE, 8, 7, False)
    assert members(db, vip) == {people[0]}  # who was on it before


def test_members_are_taken_off_and_put_back_unless_deleted_since(
    db: Database, actor: Actor, list_id: int
) -> None:
    people = [contact.id or 0 for contact in everybody(db)]
    job = done(db, actor, Task(Action.REMOVE, list_id), Query(list_id=list_id))
    assert (job.changed, members(db, list_id)) == (9, set())
    contact_cards.delete(db, actor, people[3], NOW)
    assert undone(db, actor, job).changed == 8
    assert members(db, list_id) == set(people) - {people[3]}


def test_a_zone_is_set_and_what_was_there_before_comes_back(db: Database, actor: Actor, list_id: int) -> None:
    contacts.add(db, actor, list_id, [Entry(NUMBERS[0], timezone="Europe/Oslo")], NOW)
    contacts.add(db, actor, list_id, [Entry(NUMBERS[1], timezone="Asia/Tokyo")], NOW)
    job = done(db, actor, Task(Action.ZONE, value="Asia/Tokyo"))
    assert job.changed == 8
    assert {contact.timezone for contact in everybody(db)} == {"Asia/Tokyo"}
    contacts.add(db, actor, list_id, [Entry(NUMBERS[2], timezone="Europe/Rome")], NOW)
    assert undone(db, actor, job).changed == 7
    zones = [contact.timezone for contact in everybody(db)]
    assert zones == ["Europe/Oslo", "Asia/Tokyo", "Europe/Rome", *[None] * 6]


def test_a_field_is_set_for_those_whom_a_view_finds(db: Database, actor: Actor, list_id: int) -> None:
    contacts.add(db, actor, list_id, [Entry(NUMBERS[0], fields={"plan": "gold", "city": "Oslo"})], NOW)
    job = done(db, actor, Task(Action.FIELD, name=" plan ", value="silver"), Query(search="212 600 100"))
    assert job.changed == 9
    assert everybody(db)[0].fields == {"plan": "silver", "city": "Oslo"}
    undone(db, actor, job)
    assert [contact.fields for contact in everybody(db)[:2]] == [{"plan": "gold", "city": "Oslo"}, {}]
    done(db, actor, Task(Action.FIELD, name="plan"))
    assert everybody(db)[0].fields == {"city": "Oslo"}  # an empty value takes it away


def test_who_is_deleted_stays_so(db: Database, actor: Actor, list_id: int) -> None:
    ids = [contact.id or 0 for contact in everybody(db)]
    gone = done(db, actor, Task(Action.DELETE), ids[3:8])
    assert (gone.changed, len(everybody(db)), len(members(db, list_id))) == (5, 4, 4)
    assert not gone.undoable
    with pytest.raises(CannotBeUndone):
        bulk.undo(db, actor, gone.id, NOW)


def test_an_opt_out_by_mistake_is_undone_but_for_those_who_have_a_reason_of_their_own(
    db: Database, actor: Actor, list_id: int
) -> None:
    arrange.line(db, NOW)
    contacts.suppress(db, actor, NUMBERS[0], "Replied STOP", "keyword", NOW)
    ids = [contact.id or 0 for contact in everybody(db)]
    job = done(db, actor, Task(Action.OPT_OUT, value="Asked on the phone"), ids[:6])
    assert (job.changed, job.undoable) == (5, True)
    for number, text in zip(NUMBERS[1:3], ("STOP", "please leave me alone"), strict=True):
        inbound.take(db, Reply(1, number, number, "+14155550100", text), NOW)
    suppressions.lift(db, actor, NUMBERS[3], NOW)
    contacts.suppress(db, actor, NUMBERS[3], "Wrote a letter", "team", NOW)
    contact_cards.delete(db, actor, ids[4], NOW)
    assert undone(db, actor, job).changed == 1
    assert {row.phone for row in suppressions.page(db).rows} == set(NUMBERS[:5])


def test_a_job_goes_on_where_it_was_and_stops_when_told(db: Database, actor: Actor, list_id: int) -> None:
    vip = lists.create(db, actor, "VIP", NOW)
    job_id = bulk.start(db, actor, Task(Action.ADD, vip), Query(), NOW)
    contacts.add(db, actor, list_id, [Entry("+12126009999")], NOW)  # too late to be meant
    assert bulk.advance(db, job_id, NOW)
    assert bulk.advance(db, job_id, NOW)
    assert (bulk.job(db, job_id).seen, bulk.job(db, job_id).total) == (4, 9)
    bulk.stop(db, actor, job_id, NOW)
    assert not bulk.advance(db, job_id, NOW)
    job = bulk.job(db, job_id)
    assert (job.state, job.changed, len(members(db, vip))) == (JobState.STOPPED, 4, 4)
    assert undone(db, actor, job).changed == 4
    assert members(db, vip) == set()


def test_it_can_be_undone_for_a_day(db: Database, actor: Actor, list_id: int) -> None:
    job = done(db, actor, Task(Action.ZONE, value="Asia/Tokyo"))
    assert bulk.latest(db, actor, NOW) == job
    late = NOW + UNDO_FOR + timedelta(minutes=1)
    with pytest.raises(CannotBeUndone):
        bulk.undo(db, actor, job.id, late)
    for _ in range(6):
        bulk.forget(db, late)
    with db.read() as session:
        assert session.scalars(select(BulkChange)).all() == []
    assert bulk.latest(db, actor, late) is None
    bulk.dismiss(db, actor, job.id)
    assert bulk.latest(db, actor, NOW) is None


@pytest.mark.parametrize(
    ("task", "whom", "problem"),
    [
        (Task(Action.ADD, 999), Query(), ListNotFound),
        (Task(Action.DELETE), [], NothingSelected),
        (Task(Action.ZONE, value="Mars"), Query(), UnknownZone),
        (Task(Action.FIELD, value="gold"), Query(), BadField),
        (Task(Action.OPT_OUT), Query(), ReasonMissing),
    ],
)
def test_what_makes_no_sense_is_refused(
    db: Database, actor: Actor, list_id: int, task: Task, whom: bulk.Selection, problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        bulk.start(db, actor, task, whom, NOW)
    assert contact_grid.page(db, Query()).total == 9


def test_a_viewer_changes_nothing(db: Database, actor: Actor, list_id: int) -> None:
    viewer = arrange.person(db, NOW, "Vi Ewer", Role.VIEWER)
    job = done(db, actor, Task(Action.ZONE, value="Asia/Tokyo"))
    verbs: list[Callable[[], object]] = [
        lambda: bulk.start(db, viewer, Task(Action.DELETE), Query(), NOW),
        lambda: bulk.undo(db, viewer, job.id, NOW),
        lambda: bulk.stop(db, viewer, job.id, NOW),
        lambda: bulk.dismiss(db, viewer, job.id),
    ]
    for verb in verbs:
        with pytest.raises(RoleForbids):
            verb()
