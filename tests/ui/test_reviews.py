"""The review is computed in the background, kept, and never shown stale."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from domain.access import Actor
from domain.preflight import Review
from domain.problems import Problem
from storage import choices, contacts, messages
from storage.database import Database
from storage.messages import Change
from storage.tables import Contact, ContactList, Membership
from tests import arrange, ledger
from tests.conftest import NOW
from tests.wait import until_async
from ui import reviews
from ui.reviews import Progress


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def draft(db: Database, actor: Actor, phones: list[str], text: str = "Hi {first_name}. Reply STOP") -> int:
    list_id = arrange.contact_list(db, actor, NOW, phones)
    return arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id, texts=(text,))


async def ready(db: Database, campaign_id: int) -> Review:
    found = await reviews.look(db, campaign_id, NOW, patience=20)
    assert isinstance(found, Review)
    return found


async def test_a_review_is_kept_until_something_it_depends_on_changes(db: Database, actor: Actor) -> None:
    phones = arrange.numbers(5)
    campaign_id = draft(db, actor, phones)
    [message_id] = ledger.message_ids(db, campaign_id)
    first = await ready(db, campaign_id)
    assert await ready(db, campaign_id) is first
    contacts.suppress(db, actor, phones[0], "Asked", "team", NOW)
    second = await ready(db, campaign_id)
    assert (first.audience.opted_out, second.audience.opted_out) == (0, 1)
    choices.require_consent(db, actor, True, NOW)
    third = await ready(db, campaign_id)
    assert (third.audience.no_consent, third.audience.to_send) == (4, 0)
    messages.save(db, actor, message_id, Change(text="Plain"), NOW)
    assert (await ready(db, campaign_id)).messages[0].text == "Plain"


async def test_what_keeps_a_campaign_from_being_scheduled_is_said_at_once(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor, arrange.numbers(2), text="")
    with pytest.raises(Problem, match="Message 1: Write a text"):
        await reviews.look(db, campaign_id, NOW)


async def test_a_text_that_changes_meanwhile_begins_a_new_review(db: Database, actor: Actor) -> None:
    campaign_id = draft(db, actor, arrange.numbers(9))
    [message_id] = ledger.message_ids(db, campaign_id)
    assert isinstance(await reviews.look(db, campaign_id, NOW, patience=0), Progress)
    messages.save(db, actor, message_id, Change(text="Quite another"), NOW)
    assert (await ready(db, campaign_id)).messages[0].text == "Quite another"


def crowd(db: Database, actor: Actor, people: int) -> int:
    """A list of so many people with names, written in one go."""
    list_id = contacts.create_list(db, actor, "Crowd", NOW)
    with db.write() as session:
        rows = [
            {
                "phone": f"+1212{2_000_000 + number}",
                "first_name": f"Ada {number % 977}",
                "last_name": "",
                "email": "",
                "fields": {},
                "created_at": NOW,
            }
            for number in range(people)
        ]
        session.execute(insert(Contact), rows)
        ids = session.execute(Contact.__table__.select().with_only_columns(col(Contact.id))).scalars()  # type: ignore[attr-defined]
        session.execute(insert(Membership), [{"list_id": list_id, "contact_id": number} for number in ids])
        session.execute(update(ContactList).where(col(ContactList.id) == list_id).values(size=people))
    return list_id


async def test_a_review_that_nobody_asks_for_any_more_is_given_up(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, actor = sqlite_db, arrange.person(sqlite_db, NOW)
    list_id = await asyncio.to_thread(crowd, db, actor, 20_000)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id)
    monkeypatch.setattr(reviews, "FORGOTTEN", 0.0)
    found = await reviews.look(db, campaign_id, NOW, patience=0)
    assert found == Progress(0, 20_000)
    await until_async(lambda: not reviews.under_way(db), 20, "the end of what nobody asks for")
    assert isinstance(await reviews.look(db, campaign_id, NOW, patience=0), Progress)  # none was kept
    await until_async(lambda: not reviews.under_way(db), 20, "the end of the next one")
    monkeypatch.undo()
    assert (await ready(db, campaign_id)).audience.listed == 20_000


async def test_the_loop_stays_free_while_many_people_are_looked_at(
    sqlite_db: Database,
) -> None:
    db, people = sqlite_db, 30_000
    actor = arrange.person(db, NOW)
    list_id = await asyncio.to_thread(crowd, db, actor, people)
    text = ("Hi {first_name|there}. Reply STOP to opt out.",)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id, texts=text)
    turns: dict[int, int] = {}  # how often the loop came round, by how far the review was
    done: list[Any] = []

    async def look() -> bool:
        found = await reviews.look(db, campaign_id, NOW, patience=0)
        done[:] = [found] if isinstance(found, Review) else []
        return bool(done)

    async def count() -> None:
        while not done:
            await asyncio.sleep(0)
            for work in reviews.under_way(db):
                turns[work.done] = turns.get(work.done, 0) + 1

    counting = asyncio.create_task(count())
    await until_async(look, 120, "the review")
    await counting
    [review] = done
    assert (review.audience.listed, review.messages[0].people) == (people, people)
    assert len(turns) > 3  # the loop saw the review go on, chunk by chunk
