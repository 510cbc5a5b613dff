from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing.user import User

from domain.access import Actor
from domain.details import Details
from storage import campaigns, grid, saved, workspace
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.details_form import DetailsForm
from ui.world import World

NEW = "/campaigns/sms/new"


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


@pytest.fixture
def complete(sqlite_db: Database, actor: Actor) -> Details:
    line_id = arrange.line(sqlite_db, NOW)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    return Details("Spring sale", "sms", line_id, list_id, actor.user_id, acknowledged=True)


async def form_of(user: User) -> DetailsForm:
    await user.should_see(DetailsForm)
    return one(user, DetailsForm)  # type: ignore[no-any-return]


def one(user: User, kind: type[Any]) -> Any:
    return next(iter(user.find(kind).elements))


def button(user: User, words: str) -> ui.button:
    return next(found for found in user.find(ui.button).elements if found.text == words)


async def fill(form: DetailsForm, values: Details) -> None:
    """As a person does, field by field."""
    form._name.value = values.name
    form._line.value, form._list.value = values.line_id, values.list_id
    form._owner.value, form._consent.value = values.owner_id, values.acknowledged
    await form._on_change()


async def test_saving_waits_until_every_field_is_complete(world: World, complete: Details) -> None:
    async with visitor(world) as user:
        await user.open(NEW)
        form = await form_of(user)
        await user.should_see(
            "Still missing: Campaign Name, Send As Number, Contact List, Opt-In Acknowledgment."
        )
        assert not button(user, "Save Campaign").enabled
        await fill(form, complete)
        await user.should_see("Everything is filled in.")
        assert button(user, "Save Campaign").enabled


async def test_a_saved_campaign_is_a_draft_in_the_browsers_zone_and_leads_to_messages(
    world: World, sqlite_db: Database, complete: Details
) -> None:
    async with visitor(world) as user:
        await user.open(NEW)
        await fill(await form_of(user), complete)
        await user.should_see("Everything is filled in.")
        user.find("Save Campaign").click()
        await until_async(lambda: grid.page(sqlite_db, grid.Query(), NOW).total)
        row = grid.page(sqlite_db, grid.Query(), NOW).rows[0]
        assert (row.name, row.status, row.timezone) == ("Spring sale", "draft", "America/New_York")
        await until_async(lambda: user.back_history[-1] == f"/campaigns/sms/{row.id}/messages")


async def test_a_taken_name_is_said_at_the_field_and_everything_stays(
    world: World, sqlite_db: Database, actor: Actor, complete: Details
) -> None:
    campaigns.create(sqlite_db, actor, complete, "UTC", NOW)
    async with visitor(world) as user:
        await user.open(NEW)
        form = await form_of(user)
        form._name.value = " spring   SALE "
        await user.should_see("Another campaign already has this name.")
        await fill(form, complete)
        await user.should_see("Everything is filled in.")
        user.find("Save Campaign").click()
        await user.should_see("Another campaign already has this name.")
        assert form.values == complete


async def test_what_was_typed_is_kept_until_one_starts_over(
    world: World, sqlite_db: Database, actor: Actor, complete: Details
) -> None:
    async with visitor(world) as user:
        await user.open(NEW)
        (await form_of(user))._name.value = "Half a thought"
        await until_async(lambda: workspace.kept_form(sqlite_db, actor, campaigns.NEW_FORM))
        await user.open(NEW)
        await user.should_see("We kept what you typed.")
        form = await form_of(user)
        assert form.values.name == "Half a thought"
        user.find("Start over").click()
        await user.should_not_see("We kept what you typed.")
        assert form.values == Details(owner_id=actor.user_id)
        assert not workspace.kept_form(sqlite_db, actor, campaigns.NEW_FORM)


async def test_a_draft_opens_filled_in_and_can_be_changed(
    world: World, sqlite_db: Database, actor: Actor, complete: Details
) -> None:
    campaign_id = campaigns.create(sqlite_db, actor, complete, "UTC", NOW)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}/details")
        form = await form_of(user)
        assert form.values == complete
        form._name.value = "Summer sale"
        user.find("Save Campaign").click()
        await until_async(lambda: saved.details(sqlite_db, campaign_id, NOW).form.name == "Summer sale")


async def test_a_change_made_elsewhere_is_not_overwritten(
    world: World, sqlite_db: Database, actor: Actor, complete: Details
) -> None:
    campaign_id = campaigns.create(sqlite_db, actor, complete, "UTC", NOW)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}/details")
        form = await form_of(user)
        theirs = Details(
            "Theirs", "sms", complete.line_id, complete.list_id, complete.owner_id, acknowledged=True
        )
        campaigns.save_details(sqlite_db, actor, campaign_id, theirs, NOW)
        form._name.value = "Ours"
        await until_async(
            lambda: workspace.kept_form(sqlite_db, actor, f"{campaigns.NEW_FORM}-{campaign_id}")
        )
        user.find("Save Campaign").click()
        await user.should_see("Somebody else changed these details in the meantime.")
        assert form.values.name == "Ours"
    assert saved.details(sqlite_db, campaign_id, NOW).form.name == "Theirs"


async def test_a_scheduled_campaigns_details_are_locked(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    line_id = arrange.line(sqlite_db, NOW)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    campaign_id = arrange.draft(sqlite_db, actor, NOW, line_id, list_id)
    campaigns.schedule(sqlite_db, actor, campaign_id, NOW)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}/details")
        await user.should_see("Details are locked once a campaign is scheduled. You can still change")
        form = await form_of(user)
        assert all(field.props["readonly"] for field in (form._name, form._line, form._list, form._owner))
        assert not form._consent.enabled
        await user.should_not_see("Save Campaign")
        await user.should_see("Go to Messages")


async def test_after_a_restart_the_page_says_who_has_what_and_leads_on(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    line_id = arrange.line(sqlite_db, NOW)
    list_id = arrange.contact_list(sqlite_db, actor, NOW, arrange.numbers(3))
    campaign_id = arrange.draft(sqlite_db, actor, NOW, line_id, list_id)
    campaigns.schedule(sqlite_db, actor, campaign_id, NOW)
    campaigns.stop(sqlite_db, actor, campaign_id, NOW)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}/details")
        await user.should_see("restart it to build a new message schedule")
        user.find("Restart Campaign").click()
        await user.should_see("Continue to the message schedule")
        await user.should_see("Nobody has it yet. It would go to 3 people.")


@pytest.mark.parametrize("cid", ["abc", "0", "999999", "99999999999999999999", "-1"])
async def test_an_unknown_campaign_says_so(world: World, cid: str) -> None:
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{cid}/details")
        await user.should_see("This campaign does not exist.")
