"""The workspace's settings: what an administrator saves holds, and nobody else can save."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from domain.access import Actor, Role
from domain.auto_pause import Thresholds
from domain.branding import Accent, Branding
from domain.claim_rules import Cap, ClaimRules
from domain.keywords import Kind
from domain.quiet_hours import EVERYWHERE, Rule
from storage import branding, workspace_settings
from storage.database import Database
from storage.retention import Retention
from storage.workspace_settings import Decided
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.settings.choice_form import ChoiceForm
from ui.settings.hours_panel import in_force
from ui.settings.workspace_page import EXPIRE, PATH
from ui.world import World


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path) -> World:
    return world_of(sqlite_db, actor, tmp_path)


def forms(user: User) -> list[ChoiceForm]:
    return sorted(user.find(ChoiceForm).elements, key=lambda form: form.id)


async def opened(user: User) -> list[ChoiceForm]:
    await user.open(PATH)
    await user.should_see("Retention")
    return forms(user)


def write(form: ChoiceForm, **values: Any) -> None:
    for name, value in values.items():
        if name in form._ticks:
            form._ticks[name].value = value
        else:
            form._fields[name][1].value = value


async def save(user: User, form: ChoiceForm) -> None:
    with user:
        await form._press()


def decided(db: Database) -> Decided:
    return workspace_settings.read(db)


async def test_every_panel_saves_what_holds_from_then_on(world: World, sqlite_db: Database) -> None:
    async with visitor(world) as user:
        names, hours, claims, consent, pause, answers, keep = await opened(user)
        assert [claims._fields[name][1].value for name in ("most", "days")] == ["3", "1"]
        write(names, name="North Shop", accent=Accent.TEAL)
        write(hours, on=True, opens="9 am", closes="20:00", zone="America/Chicago")
        write(claims, outside=EXPIRE, capped=True, most="2", days="30")
        write(consent, required=True)
        write(pause, failed="30", filtered="12.5 %", opted_out="100")
        write(answers, stop="Bye.", start="", help="North Shop. Reply STOP to stop.")
        write(keep, texts_days="400", receipts_days="60")
        for form in (names, hours, claims, consent, pause, answers, keep):
            await save(user, form)
        found = decided(sqlite_db)
        assert found.branding == Branding("North Shop", Accent.TEAL)
        own = next(rule for rule in found.hours.rules if rule.region == EVERYWHERE)
        assert (found.hours.on, own.opens, own.closes) == (True, 540, 1200)
        assert found.hours.zone == "America/Chicago"
        assert found.claims == ClaimRules(True, Cap(2, 30))
        assert found.consent
        assert found.thresholds == Thresholds(0.3, 0.125, 1.0)
        assert found.answers[Kind.STOP] == "Bye."
        assert found.answers[Kind.START] == ""
        assert found.retention == Retention(400, 60)
        await user.open(PATH)
        await user.should_see("North Shop")


@pytest.mark.parametrize(
    ("place", "values", "words"),
    [
        (1, {"opens": "21:00", "closes": "08:00"}, "This must be later"),
        (1, {"opens": "early"}, "Write the time"),
        (2, {"capped": True, "most": "many"}, "Enter a whole number."),
        (2, {"capped": True, "most": "0"}, "Write a cap of 1 to 1,000 texts"),
        (4, {"failed": "often"}, "Enter a percentage"),
        (4, {"failed": "120"}, "from 0 to 100"),
        (6, {"texts_days": "7"}, "Choose between 30 and 3,650 days."),
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(
    world: World, sqlite_db: Database, place: int, values: dict[str, Any], words: str
) -> None:
    before = decided(sqlite_db)
    async with visitor(world) as user:
        form = (await opened(user))[place]
        write(form, **values)
        await save(user, form)
        await user.should_see(words)
    assert decided(sqlite_db) == before


async def test_a_rule_is_added_and_taken_back(world: World, sqlite_db: Database) -> None:
    before = decided(sqlite_db).hours.rules
    async with visitor(world) as user:
        await opened(user)
        user.find("Add rule").click()
        await user.should_see("Last day in force")
        buttons = [one for one in user.find(kind=ui.button, content="Add rule").elements if one.visible]
        dialog = max(buttons, key=lambda button: button.id)
        fields = {one.props["aria-label"]: one for one in user.find(ui.input).elements}
        fields["Region"].value, fields["Source"].value = "US-OR", "Statute 646"
        UserInteraction(user, {dialog}, None).click()
        await until_async(lambda: len(decided(sqlite_db).hours.rules) == len(before) + 1)
        assert decided(sqlite_db).hours.rules[-1].region == "US-OR"
        await user.should_see("Oregon (US-OR)")
        user.find("Undo").click()
        await until_async(lambda: decided(sqlite_db).hours.rules == before)


async def test_others_see_what_holds_and_save_nothing(
    sqlite_db: Database, actor: Actor, tmp_path: Path
) -> None:
    branding.choose(sqlite_db, actor, Branding("North Shop"), NOW)
    viewer = arrange.person(sqlite_db, NOW, "Eve Quist", Role.VIEWER)
    async with visitor(world_of(sqlite_db, viewer, tmp_path)) as user:
        found = await opened(user)
        await user.should_see("Only administrators of your workspace change these.")
        await user.should_not_see("Save")
        await user.should_not_see("Add rule")
        await user.should_not_see("Audit log")
        name = found[0]._fields["name"][1]
        assert (name.value, name.props["readonly"]) == ("North Shop", True)


ALWAYS = date(2000, 1, 1)


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (ALWAYS, None, "Always"),
        (date(2026, 11, 30), None, "From Nov 30, 2026"),
        (ALWAYS, date(2027, 3, 8), "Until Mar 8, 2027"),
        (date(2026, 11, 30), date(2027, 3, 8), "From Nov 30, 2026 until Mar 8, 2027"),
    ],
)
def test_a_rule_tells_when_it_holds_as_all_pages_write_days(
    since: date, until: date | None, words: str
) -> None:
    assert in_force(Rule("US-FL", (1,), 480, 1200, since, until)) == words
