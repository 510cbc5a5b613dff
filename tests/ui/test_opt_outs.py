"""The suppressions page and the inbox, as somebody has them open."""

from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from nicegui import ElementFilter, ui

from domain.access import Actor
from storage import contacts, conversations, inbound, revocations
from storage.database import Database
from storage.inbound import Reply
from storage.tables import Suppression
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui import suppression_state
from ui.inbox import InboxPage
from ui.inbox_list import InboxList
from ui.inbox_state import InboxState
from ui.inbox_state import read as read_inbox
from ui.inbox_thread import InboxThread
from ui.review_queue import ReviewQueue, clock_words
from ui.suppression_list import SuppressionList
from ui.suppression_state import LIST, REVIEW, SuppressionState
from ui.suppressions import SuppressionsPage
from ui.tags import Tag
from ui.world import World

ANNA, BEN = arrange.numbers(2)
ANNA_WRITTEN = "+1 212-600-1000"


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    made = arrange.person(sqlite_db, NOW)
    arrange.line(sqlite_db, NOW)
    arrange.contact_list(sqlite_db, made, NOW, [ANNA, BEN])
    return made


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


def hear(db: Database, text: str, phone: str = ANNA) -> None:
    inbound.take(db, Reply(1, f"{phone}{text}", phone, "+14155550100", text), NOW)


def suppressed(db: Database, phone: str) -> bool:
    with db.read() as session:
        return session.get(Suppression, phone) is not None


async def test_an_empty_list_says_what_puts_numbers_on_it(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/suppressions")
        await user.should_see("Nobody has opted out")
        await user.open("/suppressions?tab=review")
        await user.should_see("Nothing to review")


@pytest.mark.parametrize("tab", [LIST, REVIEW])
async def test_one_panel_is_shown_before_anything_was_loaded(world: World, tab: str) -> None:
    async with visitor(world) as user:
        with await user.open("/inbox"):
            SuppressionsPage(world, SuppressionState(tab=tab), ui.sub_pages())  # and it never starts
            (shown,) = ElementFilter(kind=SuppressionList)
            (queue,) = ElementFilter(kind=ReviewQueue)
        assert (shown.visible, queue.visible) == (tab == LIST, tab == REVIEW)


@pytest.mark.parametrize("part", [SuppressionList, ReviewQueue, InboxList, InboxThread])
async def test_what_is_on_its_way_shows_a_skeleton_until_it_is_there(
    world: World, part: type[ui.element]
) -> None:
    hear(world.db, "please take me off your list")
    address = "/inbox?c=1" if part in (InboxList, InboxThread) else "/suppressions"
    async with visitor(world) as user:
        with await user.open("/lists"):
            if part in (InboxList, InboxThread):
                InboxPage(world, InboxState(open=1), ui.sub_pages())  # and it never starts
            else:
                SuppressionsPage(world, SuppressionState(), ui.sub_pages())
            assert _waits(part)
        await user.open(address if part is not ReviewQueue else f"{address}?tab=review")
        await user.should_see(ANNA_WRITTEN)
        with user:
            assert not _waits(part)


def _waits(part: type[ui.element]) -> bool:
    """Whether something of it is drawn as being on its way."""
    (shown,) = ElementFilter(kind=part)
    return any("ghost" in one.classes for one in shown.descendants())


@pytest.mark.parametrize("path", ["/suppressions?search=nobody&source=team", "/inbox?search=nobody"])
async def test_a_search_in_the_address_is_there_from_the_start(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with visitor(world) as user:
        with await user.open(path):
            (search,) = (
                field for field in ElementFilter(kind=ui.input) if field.props.get("type") == "search"
            )
        assert search.value == "nobody"
        assert [record for record in caplog.records if record.exc_info] == []


async def test_numbers_are_listed_with_who_they_are_and_why(world: World, actor: Actor) -> None:
    contacts.suppress(world.db, actor, ANNA, "<b>Asked</b> by phone", "team", NOW)
    hear(world.db, "STOP", BEN)
    async with visitor(world) as user:
        await user.open("/suppressions?source=team")
        await user.should_see("Maya No 1000")
        await user.should_see("<b>Asked</b> by phone")
        await user.should_not_see("Maya No 1001")
        await user.open("/suppressions?search=nobody")
        await user.should_see("No numbers match")
        user.find("Clear filters").click()
        await user.should_see("Maya No 1001")


@pytest.mark.parametrize(("button", "stays"), [("Accept opt-out", True), ("Undo hold", False)])
async def test_a_wish_is_decided_with_one_click(world: World, button: str, stays: bool) -> None:
    hear(world.db, "please take me off your list")
    async with visitor(world) as user:
        await user.open("/suppressions?tab=review")
        await user.should_see("please take me off your list")
        await user.should_see("10 business days left")
        user.find(button).click()
        await user.should_see("Nothing to review")
    assert suppressed(world.db, ANNA) is stays
    assert revocations.count_open(world.db) == 0


async def test_a_decision_is_taken_back_by_its_notice(world: World) -> None:
    hear(world.db, "please take me off your list")
    async with visitor(world) as user:
        await user.open("/suppressions?tab=review")
        await user.should_see("please take me off your list")
        user.find("Undo hold").click()
        await user.should_see("Nothing to review")
        assert not suppressed(world.db, ANNA)
        user.find(kind=ui.button, content="Undo").click()
        await user.should_see("is held again")
        await user.should_see("please take me off your list")
    assert suppressed(world.db, ANNA)


async def test_what_comes_in_shows_without_a_reload(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/inbox")
        await user.should_see("No replies yet")
        hear(world.db, "What time do you open?")
        await world.feed.look()
        await user.should_see("What time do you open?")
        assert conversations.unread(world.db) == 1
        await user.open("/inbox?c=1")
        await user.should_see("Send answer")
        hear(world.db, "Hello? Anybody there?")
        await world.feed.look()
        await user.should_see("Hello? Anybody there?")
        await until_async(lambda: conversations.unread(world.db) == 0)


async def test_one_can_answer_unless_the_person_has_opted_out(world: World) -> None:
    hear(world.db, "What time do you open?")
    talk = conversations.page(world.db).rows[0]
    async with visitor(world) as user:
        await user.open(f"/inbox?c={talk.id}")
        await user.should_see("Send answer")
        [field] = user.find(ui.textarea).elements
        field.value = "At nine."
        user.find("Send answer").click()
        await user.should_see("At nine.")
        await user.should_see("Ada Park · Queued")
        hear(world.db, "STOP")
        await world.feed.look()
        await user.should_see("Opted out since")
        await user.should_not_see("Send answer")


async def test_a_conversation_that_is_not_there_says_so(world: World) -> None:
    hear(world.db, "Hi")
    async with visitor(world) as user:
        await user.open("/inbox?c=99")
        await user.should_see("Choose a conversation")
        with user:
            (box,) = (one for one in ElementFilter(kind=Tag) if "inbox" in one.classes)
        assert "has-open" not in box.classes  # or a phone would show nothing but that


async def test_conversations_are_searched(world: World) -> None:
    hear(world.db, "Do you ship to Canada?")
    hear(world.db, "Thanks!", BEN)
    async with visitor(world) as user:
        await user.open("/inbox?search=canada")
        await user.should_see("Do you ship to Canada?")
        await user.should_not_see("Thanks!")
        [shown] = user.find(InboxList).elements
        assert shown.state.search == "canada"
        await user.open("/inbox?search=nothing-like-it")
        await user.should_see("No conversations match.")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-2, "Overdue by 2 business days"),
        (0, "Due today"),
        (1, "1 business day left"),
        (9, "9 business days left"),
    ],
)
def test_the_clock_is_told_in_business_days(left: int, words: str) -> None:
    days = {-2: 19, 0: 23, 1: 24, 9: 34}
    due = date.fromordinal(date(2026, 10, 31).toordinal() + days[left])
    assert clock_words(date(2026, 11, 23), due) == (words, left <= 2)


@pytest.mark.parametrize(
    "state",
    [
        SuppressionState(),
        SuppressionState(tab="review"),
        SuppressionState(search="a b", source="team", sort="phone", descending=False, page=3, size=50),
    ],
)
def test_an_address_gives_the_view_again(state: SuppressionState) -> None:
    assert suppression_state.read(_parameters(state.address)) == state


@pytest.mark.parametrize("state", [InboxState(), InboxState(search="ü&=", unread=True, open=7)])
def test_an_address_of_the_inbox_gives_the_view_again(state: InboxState) -> None:
    assert read_inbox(_parameters(state.address)) == state


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 40, "٣"])
def test_an_odd_page_is_the_first_one(page: str) -> None:
    assert suppression_state.read({"page": page, "size": page, "sort": page, "source": page}).size == 25


def _parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
