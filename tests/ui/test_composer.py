from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing.user import User

from domain.access import Actor, Role
from domain.claim_rules import Cap, ClaimRules
from storage import campaigns, claim_rules, messages
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.message_card import MessageCard
from ui.preview_as import PreviewAs
from ui.world import World

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def campaign_id(sqlite_db: Database, actor: Actor) -> int:
    line = arrange.line(sqlite_db, NOW)
    listed = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    return arrange.draft(sqlite_db, actor, NOW, line, listed, texts=("One. STOP to opt out", "Two"))


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


async def cards(user: User, count: int) -> list[MessageCard]:
    await user.should_see(MessageCard)

    def all_there() -> bool:
        return len(user.find(MessageCard).elements) == count

    await until_async(all_there)
    return sorted(user.find(MessageCard).elements, key=lambda card: card.row.position)


def path(campaign_id: int) -> str:
    return f"/campaigns/sms/{campaign_id}/messages"


def button(user: User, words: str) -> ui.button:
    return next(found for found in user.find(ui.button).elements if found.text == words)


async def test_it_says_who_gets_it_and_what_is_missing(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        first, second = await cards(user, 2)
        await user.should_see("3 people on Spring leads")
        assert button(user, "Schedule Campaign").enabled
        second.type("text", "")
        await until_async(lambda: not button(user, "Schedule Campaign").enabled)
        await user.should_see("Message 2: Write a text or add an attachment.")
        assert messages.of_campaign(sqlite_db, campaign_id)[1].text == ""
        assert not first.busy


async def test_a_campaign_is_reviewed_and_scheduled(
    world: World, campaign_id: int, sqlite_db: Database
) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        await cards(user, 2)
        user.find("Schedule Campaign").click()
        await user.should_see("Review campaign")
        await user.should_see("Listed on Spring leads")
        user.find("Confirm and schedule").click()
        await user.should_see("is scheduled.")
    states = [m.state.value for m in messages.of_campaign(sqlite_db, campaign_id)]
    assert states == ["scheduled", "scheduled"]


async def test_the_review_says_of_each_message_whom_it_leaves_out(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    claim_rules.choose(sqlite_db, actor, ClaimRules(cap=Cap(1, 30)), NOW)
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        await cards(user, 2)
        user.find("Schedule Campaign").click()
        await user.should_see("Left out: will have had enough texts by then")
        await user.should_see("Message 2: 3 people won't get it")
        await user.should_not_see("Held by quiet hours for a while")


async def test_a_campaign_that_changed_during_the_review_is_reviewed_again(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        await cards(user, 2)
        user.find("Schedule Campaign").click()
        await user.should_see("Review campaign")
        second = messages.of_campaign(sqlite_db, campaign_id)[1]
        messages.save(sqlite_db, actor, second.id or 0, messages.Change(text="Quite another"), NOW)
        user.find("Confirm and schedule").click()
        await user.should_see("The campaign was changed in another window.")
    assert {m.state.value for m in messages.of_campaign(sqlite_db, campaign_id)} == {"draft"}


async def test_a_file_that_is_no_picture_is_refused_beside_its_name(world: World, campaign_id: int) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        first, _ = await cards(user, 2)
        with user:
            upload: Any = first._files.upload
            await upload.handle_uploads([SmallFileUpload("setup.png", "image/png", b"MZ" * 900)])
        await user.should_see("setup.png: This file is not a JPEG, PNG or GIF image.")
        with user:
            await upload.handle_uploads([SmallFileUpload("cut.png", "image/png", PNG + b"\0" * 99)])
        await user.should_see("cut.png: This file is not a JPEG, PNG or GIF image.")


async def test_a_scheduled_campaign_is_locked_but_for_its_times(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    campaigns.schedule(sqlite_db, actor, campaign_id, NOW)
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        first, second = await cards(user, 2)
        await user.should_see("its details, texts and attachments are locked")
        await user.should_not_see("Add Message")
        second.type("local_date", "2020-01-01")
        await second.save()
        await user.should_see("This time has already passed.")
        assert second.draft.typed["local_date"] == "2020-01-01"
        await second.set_time("2026-12-24", "10:00")
        await second.save()
        assert second.draft.problem is None
        assert not first.busy
    moved = messages.of_campaign(sqlite_db, campaign_id)[1]
    assert (moved.local_date, moved.local_time) == ("2026-12-24", "10:00")


async def test_after_a_restart_the_schedule_is_rebuilt(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    campaigns.schedule(sqlite_db, actor, campaign_id, NOW)
    campaigns.stop(sqlite_db, actor, campaign_id, NOW)
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        await user.should_see("The campaign is stopped.")
        await user.should_see("Canceled, was planned for")
        await user.should_not_see("To be sent again")
        campaigns.restart(sqlite_db, actor, campaign_id, NOW)
        await user.open(path(campaign_id))
        _, second = await cards(user, 2)
        await user.should_see("Who has what so far")
        await user.should_see("Canceled, was planned for")
        await second.set_time("2026-12-24", "10:00")
        await until_async(lambda: button(user, "Schedule Campaign").enabled)
        await user.should_see("To be sent again")
        assert "Goes out Thu, Dec 24, 2026, 10:00 AM UTC" in [
            str(getattr(one, "text", "")) for one in user.find("Goes out").elements
        ]


async def test_a_viewer_only_looks(sqlite_db: Database, campaign_id: int, tmp_path: Path) -> None:
    viewer = arrange.person(sqlite_db, NOW, "Eve Quist", Role.VIEWER)
    async with visitor(world_of(sqlite_db, viewer, tmp_path)) as user:
        await user.open(path(campaign_id))
        await cards(user, 2)
        await user.should_see("You can look at this campaign but not change it.")
        await user.should_not_see("Schedule Campaign")


@pytest.mark.parametrize("cid", ["999", "nonsense", "-1", "9" * 30, "²"])
async def test_an_unknown_campaign_says_so(world: World, cid: str) -> None:
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{cid}/messages")
        await user.should_see("This campaign does not exist.")


async def test_what_is_typed_into_a_message_that_is_removed_elsewhere_can_be_kept(
    world: World, campaign_id: int, sqlite_db: Database, actor: Actor
) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        _, second = await cards(user, 2)
        messages.remove(sqlite_db, actor, second.row.id, NOW)
        second.type("text", "Two and more")
        await second.desk.refresh()
        await user.should_see("Message 2 was removed in another window while you were changing it.")
        user.find("Add it again").click()
        await until_async(
            lambda: [m.text for m in messages.of_campaign(sqlite_db, campaign_id)][1:] == ["Two and more"]
        )


async def test_the_phone_shows_a_text_as_each_recipient_reads_it(world: World, campaign_id: int) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        first, _ = await cards(user, 2)
        first.type("text", "Dear {first_name|friend}, hello")
        [chooser] = user.find(PreviewAs).elements
        with user:
            await chooser.following()
        await user.should_see("Dear Maya, hello")
        with user:
            await chooser.previous()
        await user.should_see("Dear {first_name|friend}, hello")


async def test_fields_are_offered_beside_the_text(world: World, campaign_id: int) -> None:
    async with visitor(world) as user:
        await user.open(path(campaign_id))
        first, _ = await cards(user, 2)
        await until_async(lambda: first.merge and first.merge.names == ["first_name", "last_name", "email"])
