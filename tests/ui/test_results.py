import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from sqlalchemy import update

from domain.access import Actor
from domain.campaigns import Action
from storage import campaigns, contacts, deliveries, erasure
from storage.attachments import Files
from storage.audiences import begin_due, plan_chunk
from storage.database import Database
from storage.tables import MessageLink
from tests import arrange
from tests.conftest import NOW
from tests.ui.pages import shown
from ui import results
from ui.bar import DeliveryBar
from ui.breakdown import Count
from ui.live import Feed
from ui.timeline import Moment
from ui.world import World

START = NOW + timedelta(minutes=1)
Make = Callable[..., int]


class Stage:
    """A database with a person in it, and the world that a page is given."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.actor: Actor = arrange.person(db, NOW)
        self.world = World(db, lambda: START, Files(folder), lambda: self.actor, Feed(db), "s" * 32)

    def draft(self, people: int = 3, opted_out: int = 0, **kw: object) -> int:
        """A campaign that is not scheduled."""
        phones = arrange.numbers(people)
        line_id = arrange.line(self.db, NOW, rate=2.0)
        list_id = arrange.contact_list(self.db, self.actor, NOW, phones)
        for phone in phones[:opted_out]:
            contacts.suppress(self.db, self.actor, phone, "stop", "inbound", NOW)
        return arrange.draft(self.db, self.actor, NOW, line_id, list_id, first=START, **kw)  # type: ignore[arg-type]

    def scheduled(self, people: int = 3, opted_out: int = 0, **kw: object) -> int:
        """One that waits for its time."""
        campaign_id = self.draft(people, opted_out, **kw)
        campaigns.schedule(self.db, self.actor, campaign_id, NOW)
        return campaign_id

    def begin(self) -> int:
        """Let the first message's time come; returns its id."""
        (message_id,) = begin_due(self.db, START)
        while plan_chunk(self.db, message_id, START):
            pass
        return message_id

    @asynccontextmanager
    async def open(self, cid: object) -> AsyncIterator[User]:
        """The page, as somebody has it open."""

        async def root() -> None:
            await results.page(self.world)(str(cid))

        async with shown(root) as user:
            await user.open("/")
            yield user

    async def act(self, verb: Callable[..., object], campaign_id: int) -> None:
        """Somebody else does something, and the feed looks."""
        verb(self.db, self.actor, campaign_id, START)
        await self.world.feed.look()


@pytest.fixture
def stage(sqlite_db: Database, tmp_path: Path) -> Stage:
    return Stage(sqlite_db, tmp_path / "files")


@pytest.mark.parametrize("cid", ["999", "abc", "-1", "1e3", "9" * 5000, "٣"])
async def test_a_campaign_that_is_not_there_is_said_to_be_missing(stage: Stage, cid: str) -> None:
    async with stage.open(cid) as user:
        await user.should_see("This campaign does not exist.")


async def test_a_draft_has_its_status_and_actions_beside_no_results(stage: Stage) -> None:
    campaign_id = stage.draft()
    async with stage.open(campaign_id) as user:
        await user.should_see("Not scheduled yet")
        await user.should_see("Campaign Status & Actions")
        await user.should_see("Draft")
        await user.should_see("Planned for")
        await user.should_not_see("Scheduled for")
        for action in (Action.EDIT, Action.SCHEDULE, Action.CLONE, Action.ARCHIVE, Action.DELETE):
            await user.should_see(action.value)
        await user.should_not_see("Message Timeline")
        await stage.act(campaigns.archive, campaign_id)
        await stage.world.feed.look()
        await user.should_see(Action.UNARCHIVE.value)
        await user.should_not_see(Action.DELETE.value)


async def test_an_open_draft_turns_into_results_when_it_is_scheduled(stage: Stage) -> None:
    campaign_id = stage.draft()
    async with stage.open(campaign_id) as user:
        campaigns.schedule(stage.db, stage.actor, campaign_id, NOW)
        await stage.world.feed.look()
        await user.should_see("Message Timeline")
        await user.should_not_see("Not scheduled yet")


async def test_a_page_whose_browser_is_away_is_told_when_it_is_back(stage: Stage) -> None:
    campaign_id = stage.draft()
    async with stage.open(campaign_id) as user:
        client = user.client
        assert client is not None
        tab, client.tab_id = client.tab_id, None
        campaigns.schedule(stage.db, stage.actor, campaign_id, NOW)
        await stage.world.feed.look()
        await user.should_see("Not scheduled yet")
        client.tab_id = tab
        await stage.world.feed.look()
        await user.should_see("Message Timeline")


async def test_an_open_campaign_that_is_deleted_is_said_to_be_gone(stage: Stage) -> None:
    campaign_id = stage.draft()
    async with stage.open(campaign_id) as user:
        await stage.act(campaigns.delete, campaign_id)
        await stage.world.feed.look()
        await user.should_see("Campaign deleted")


async def test_a_scheduled_campaign_shows_its_plan(stage: Stage) -> None:
    async with stage.open(stage.scheduled(texts=("First", "Second"))) as user:
        await user.should_see("Message Timeline")
        await user.should_see("First")
        await user.should_see("Second")
        await user.should_see("Mon, Nov 23, 12:01 PM UTC")
        await user.should_see("3 people on the list")
        for action in (Action.EDIT_SCHEDULE, Action.STOP, Action.CLONE):
            await user.should_see(action.value)
        for action in (Action.PAUSE, Action.RESTART, Action.ARCHIVE, Action.VIEW):
            await user.should_not_see(action.value)


async def test_numbers_and_states_move_in_place(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    async with stage.open(campaign_id) as user:
        with user:
            (before,) = user.find(kind=Moment).elements
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("Not started. The results appear here")
        message_id = stage.begin()
        await stage.world.feed.look()
        await user.should_see("0 of 3 delivered")
        await user.should_see("Deliveries of message 1 by state")
        deliveries.claim(stage.db, message_id, 2, 1, START, "nonce")
        await stage.world.feed.look()
        with user:
            (after,) = user.find(kind=Moment).elements
            counts = [c.text for c in user.find(kind=Count).elements if c.parent_slot and c.visible]
        assert after is before
        assert sorted(counts)[-2:] == ["1", "2"]


async def test_it_shows_how_far_the_deliveries_are_prepared(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    async with stage.open(campaign_id) as user:
        (message_id,) = begin_due(stage.db, START)
        await stage.world.feed.look()
        await user.should_see("0 of 3 deliveries prepared")
        for _ in range(4):  # three for the audience, one for the first two people
            assert plan_chunk(stage.db, message_id, START, 2)
        await stage.world.feed.look()
        await user.should_see("2 of 3 deliveries prepared")
        while plan_chunk(stage.db, message_id, START, 2):
            pass
        await stage.world.feed.look()
        await user.should_not_see("prepared")


async def test_a_pause_is_explained_and_offers_to_resume(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    stage.begin()
    campaigns.pause(stage.db, stage.actor, campaign_id, START, "Too many failures.")
    async with stage.open(campaign_id) as user:
        await user.should_see("Too many failures. 3 deliveries are waiting.")
        await user.should_see(Action.RESUME.value)
        await user.should_not_see("Expected end")


async def test_a_stop_says_what_was_canceled(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    stage.begin()
    async with stage.open(campaign_id) as user:
        await stage.act(campaigns.stop, campaign_id)
        await user.should_see("3 deliveries were canceled before being sent.")
        await user.should_see(Action.RESTART.value)
        await user.should_not_see(Action.STOP.value)
        await stage.act(campaigns.restart, campaign_id)
        await user.should_see("Its schedule is being rebuilt.")


async def test_no_press_is_lost_while_the_page_catches_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = stage.scheduled()
    caught_up = asyncio.Event()
    async with stage.open(campaign_id) as user:
        monkeypatch.setattr(Feed, "look", lambda _: caught_up.wait())
        for _ in range(2):
            user.find(kind=ui.button, content=Action.STOP.value).click()
            await user.should_see("Stop “Spring sale”?")
            user.find(kind=ui.button, content="Cancel").click()
            await user.should_not_see("Stop “Spring sale”?")
        caught_up.set()


async def test_nobody_to_send_to_is_said(stage: Stage) -> None:
    campaign_id = stage.scheduled(people=2, opted_out=2)
    stage.begin()
    async with stage.open(campaign_id) as user:
        await user.should_see("Nobody to send to.")
        await user.should_see("All 2 people of Spring leads were left out.")
        await user.should_not_see("Not started")
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("Left out of this campaign")
        await user.should_see("Opted out")


async def test_the_people_behind_a_number_are_found(stage: Stage) -> None:
    campaign_id = stage.scheduled(people=30)
    stage.begin()
    async with stage.open(campaign_id) as user:
        user.find(kind=DeliveryBar).trigger("toggle")
        with user:
            (queued,) = [c for c in user.find(kind=Count).elements if c.text == "30"]
        queued._handle_event(
            {"type": "click", "args": [], "listener_id": next(iter(queued._event_listeners))}
        )
        await user.should_see("Message 1 · Queued")
        await user.should_see("1–25 of 30")
        await user.should_see("Not sent yet: waiting for its turn")
        user.find("Next").click()
        await user.should_see("26–30 of 30")
        user.find(kind=ui.input).type("1003")
        await user.should_see("1 person found")
        await user.should_see("+1 212-600-1003")
        user.find(kind=ui.input).clear().type("nobody at all")
        await user.should_see("Nobody here matches “nobody at all”.")


async def test_an_erased_person_behind_a_number_is_told_as_such(stage: Stage) -> None:
    campaign_id = stage.scheduled(people=2)
    stage.begin()
    erasure.erase(stage.db, stage.actor, 1, START)
    async with stage.open(campaign_id) as user:
        user.find(kind=DeliveryBar).trigger("toggle")
        with user:
            counts = user.find(kind=Count).elements
            (skipped,) = [c for c in counts if c.props["aria-label"].startswith("1 skipped")]
        skipped._handle_event(
            {"type": "click", "args": [], "listener_id": next(iter(skipped._event_listeners))}
        )
        await user.should_see("Message 1 · Skipped")
        await user.should_see("Erased on request")
        await user.should_not_see("No name")


async def test_clicks_are_shown_by_link(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    message_id = stage.begin()
    with stage.db.write() as session:
        session.add(MessageLink(message_id=message_id, url="https://a.example/{code}", people=7, clicks=12))
    async with stage.open(campaign_id) as user:
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("Clicks per link")
        await user.should_see("https://a.example/{code}")
        await user.should_see("12")
        with stage.db.write() as session:
            session.execute(update(MessageLink).values(people=8, clicks=1_300))
        await stage.world.feed.look()
        await user.should_see("1,300")
