from typing import Any

import pytest

from domain.access import Actor
from domain.messages import MessageLocked
from domain.problems import Problem
from storage import board, campaigns, messages
from storage.database import Database
from storage.messages import Change
from tests import arrange
from tests.ui.pages import NOW
from tests.wait import until_async
from ui.draft import NOT_KEPT, Draft, Kept, Store


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def message_id(sqlite_db: Database, actor: Actor) -> int:
    line = arrange.line(sqlite_db, NOW)
    listed = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(2))
    campaign_id = arrange.draft(sqlite_db, actor, NOW, line, listed)
    return messages.of_campaign(sqlite_db, campaign_id)[0].id or 0


@pytest.fixture
def draft(sqlite_db: Database, actor: Actor, message_id: int) -> Draft:
    return draft_of(sqlite_db, actor, message_id)


def draft_of(db: Database, actor: Actor, message_id: int, *, by_itself: bool = True) -> Draft:
    async def save(change: Change, version: int) -> Kept:
        return await db.run(messages.save, actor, message_id, change, NOW, version)

    async def read() -> Kept:
        return await db.run(board.row, message_id, NOW)

    return Draft(Store(save, read), board.row(db, message_id, NOW), by_itself=by_itself, show=lambda: None)


def kept(db: Database, message_id: int) -> board.Row:
    return board.row(db, message_id, NOW)


async def test_it_saves_itself_soon_after_the_last_key(
    draft: Draft, sqlite_db: Database, message_id: int
) -> None:
    draft.type("text", "H")
    draft.type("text", "Hi")
    await until_async(lambda: kept(sqlite_db, message_id).text == "Hi")
    await until_async(lambda: not draft.unsaved)


async def test_a_typed_time_is_tidied_when_its_field_is_left(draft: Draft) -> None:
    draft.type("local_time", "9:30 pm")
    assert await draft.flush()
    assert draft.typed["local_time"] == "9:30 pm", "not while somebody may still be typing"
    draft.settle()
    assert draft.typed["local_time"] == "21:30"
    assert not draft.unsaved


async def test_changes_of_different_fields_come_together(
    draft: Draft, sqlite_db: Database, actor: Actor, message_id: int
) -> None:
    other = draft_of(sqlite_db, actor, message_id)
    other.type("local_date", "2027-01-15")
    await other.flush()
    draft.type("text", "Mine")
    assert await draft.flush()
    assert draft.theirs is None
    now = kept(sqlite_db, message_id)
    assert (now.text, now.local_date) == ("Mine", "2027-01-15")
    assert draft.typed["local_date"] == "2027-01-15"


@pytest.fixture
async def conflict(draft: Draft, sqlite_db: Database, actor: Actor, message_id: int) -> Draft:
    other = draft_of(sqlite_db, actor, message_id)
    other.type("text", "Theirs")
    await other.flush()
    draft.type("text", "Mine")
    assert not await draft.flush()
    assert draft.theirs is not None
    assert kept(sqlite_db, message_id).text == "Theirs", "nothing was overwritten"
    return draft


async def test_mine_can_be_kept(conflict: Draft, sqlite_db: Database, message_id: int) -> None:
    await conflict.keep_mine()
    assert conflict.theirs is None
    assert kept(sqlite_db, message_id).text == "Mine"


async def test_theirs_can_be_taken(conflict: Draft, sqlite_db: Database, message_id: int) -> None:
    conflict.take_theirs()
    assert conflict.typed["text"] == "Theirs"
    assert not conflict.unsaved
    conflict.type("text", "Theirs, and more")
    assert await conflict.flush()
    assert kept(sqlite_db, message_id).text == "Theirs, and more"


async def test_what_came_from_elsewhere_shows_unless_something_is_typed(
    draft: Draft, sqlite_db: Database, actor: Actor, message_id: int
) -> None:
    other = draft_of(sqlite_db, actor, message_id)
    other.type("text", "Theirs")
    await other.flush()
    draft.meet(kept(sqlite_db, message_id))
    assert draft.typed["text"] == "Theirs"
    other.type("text", "Theirs again")
    await other.flush()
    draft.type("text", "Mine")
    draft.meet(kept(sqlite_db, message_id))
    assert draft.typed["text"] == "Mine"


async def test_a_refusal_keeps_what_was_typed(sqlite_db: Database, actor: Actor, message_id: int) -> None:
    campaigns.schedule(sqlite_db, actor, 1, NOW)
    draft = draft_of(sqlite_db, actor, message_id, by_itself=False)
    draft.type("text", "Too late")
    assert not await draft.flush()
    assert isinstance(draft.problem, MessageLocked)
    assert draft.typed["text"] == "Too late"
    draft.discard()
    assert draft.typed["text"] == "Hello. Reply STOP to opt out."
    assert draft.problem is None


async def test_a_failed_save_is_said_and_tried_again(
    draft: Draft, sqlite_db: Database, message_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.draft.SECONDS_TO_RETRY", 0.01)
    works = draft._store
    tries: list[Any] = []

    async def broken(change: Change, version: int) -> Kept:
        tries.append(change)
        if len(tries) == 1:
            raise OSError("disk full")
        return await works.save(change, version)

    draft._store = Store(broken, works.read)
    draft.type("text", "Kept at last")
    assert not await draft.flush()
    problem: Problem | None = draft.problem
    assert problem is not None
    assert problem.text == NOT_KEPT
    await until_async(lambda: kept(sqlite_db, message_id).text == "Kept at last")
    await until_async(lambda: draft.problem is None)
