"""The settings pages without a browser."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing.user import User

from domain import carrier_kinds
from domain.access import Actor, Role
from domain.connections import Checked, answered, worked
from domain.deliveries import State
from domain.line_kinds import LineKind
from domain.line_settings import LineSettings
from storage import carriers, credentials, line_holds, line_settings, receipts
from storage.database import Database
from storage.receipts import Arrived
from storage.tables import CarrierAccount
from tests import arrange, ledger
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.fields import Field
from ui.settings.carrier_form import CarrierForm
from ui.settings.line_form import LineForm
from ui.world import Carriers, World

SECRET = "tok-seeded-91bc"
TWILIO = {"account_sid": "AC7f3a", "auth_token": SECRET, "base_url": "https://api.twilio.com"}


@pytest.fixture
def actor(sqlite_db: Database) -> Actor:
    return arrange.person(sqlite_db, NOW)


@pytest.fixture
def tried() -> list[Mapping[str, str]]:
    """The settings of every test of a connection."""
    return []


@pytest.fixture
def world(sqlite_db: Database, actor: Actor, tmp_path: Path, tried: list[Mapping[str, str]]) -> World:
    async def test(_kind: str, settings: Mapping[str, str]) -> Checked:
        tried.append(settings)
        return worked("Twilio") if settings["account_sid"] == "AC7f3a" else answered("Twilio", 401)

    known = Carriers(
        ("sandbox", "twilio"), carrier_kinds.check, lambda *p: "https://sms.example/" + "/".join(p), test
    )
    return replace(world_of(sqlite_db, actor, tmp_path), carriers=known)


def one(user: User, kind: type[Any]) -> Any:
    return next(iter(user.find(kind).elements))


def account(db: Database, actor: Actor) -> int:
    return carriers.create_account(db, actor, "Main", "twilio", TWILIO, NOW).id or 0


async def test_an_account_is_added_and_shows_what_to_paste(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    async with visitor(world) as user:
        await user.open("/settings/carriers/new")
        await user.should_see(CarrierForm)
        form = one(user, CarrierForm)
        form._name.value = "Main"
        for field in form.fields:
            field.input.value = TWILIO.get(field.setting.name, "")
        user.find(kind=ui.button, content="Add carrier").click()
        await until_async(lambda: carriers.accounts(sqlite_db, actor))
        [found] = carriers.accounts(sqlite_db, actor)
        await until_async(lambda: user.back_history[-1] == f"/settings/carriers/{found.id}")
        await user.open(f"/settings/carriers/{found.id}")
        await user.should_see(f"https://sms.example/twilio/{found.token}/inbound")
        await user.should_see("Saved. It is never shown again.")
        await user.should_not_see(SECRET)
    opened = credentials.of_token(sqlite_db, "twilio", found.token)
    assert opened is not None
    assert opened.settings["auth_token"] == SECRET


async def test_what_is_missing_is_said_beside_its_field(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    async with visitor(world) as user:
        await user.open("/settings/carriers/new")
        await user.should_see(CarrierForm)
        user.find(kind=ui.button, content="Add carrier").click()
        await user.should_see("Give the carrier account a name.")
        form = one(user, CarrierForm)
        form._name.value = "Main"
        user.find(kind=ui.button, content="Add carrier").click()
        await user.should_see("The setting “Account SID” (account_sid) is missing.")
    assert carriers.accounts(sqlite_db, actor) == []


async def test_a_saved_secret_stays_unless_it_is_replaced(
    world: World, sqlite_db: Database, actor: Actor, tried: list[Mapping[str, str]]
) -> None:
    number = account(sqlite_db, actor)
    async with visitor(world) as user:
        await user.open(f"/settings/carriers/{number}")
        await user.should_see(CarrierForm)
        form = one(user, CarrierForm)
        assert SECRET not in str([field.input.value for field in form.fields])
        user.find("Test connection").click()
        await user.should_see("Connected: Twilio accepts these credentials.")
        assert tried[-1]["auth_token"] == SECRET
        form._name.value = "Renamed"
        user.find("Save changes").click()
        await until_async(lambda: carriers.account(sqlite_db, actor, number).name == "Renamed")
    kept = carriers.to_try(sqlite_db, actor, number, {})
    assert kept["auth_token"] == SECRET


async def test_receipts_that_fit_no_text_are_counted_on_their_account(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    number, other = account(sqlite_db, actor), account(sqlite_db, actor)
    before = NOW - timedelta(days=4)
    strange = [Arrived(number, key, None, key, State.DELIVERED, "", "{}") for key in ("c-1", "c-2", "c-3")]
    receipts.take(sqlite_db, strange, before)
    async with visitor(world) as user:
        await user.open(f"/settings/carriers/{number}")
        await user.should_see("3 receipts came in the last 30 days for no text")
        await user.open(f"/settings/carriers/{other}")
        await user.should_see("Lines of this account")
        await user.should_not_see("Receipts that fit no text")


async def test_a_test_that_fails_says_what_is_wrong(
    world: World, sqlite_db: Database, actor: Actor, tried: list[Mapping[str, str]]
) -> None:
    number = account(sqlite_db, actor)
    async with visitor(world) as user:
        await user.open(f"/settings/carriers/{number}")
        await user.should_see(CarrierForm)
        form = one(user, CarrierForm)
        form.fields[0].input.value = "AC-wrong"
        user.find("Test connection").click()
        await user.should_see("Twilio does not accept these credentials.")
        form.fields[-1].input.value = "https://elsewhere.example"
        before = len(tried)
        user.find("Test connection").click()
        await user.should_see("The address changed, so enter “Auth token” again.")
        assert len(tried) == before


async def test_a_mended_account_offers_to_open_its_lines(
    world: World, sqlite_db: Database, actor: Actor
) -> None:
    number = account(sqlite_db, actor)
    given = LineSettings("Main number", "+14155550100", number)
    line = line_settings.create(sqlite_db, actor, given, NOW)
    line_holds.block(sqlite_db, line.id or 0, "401", "20003", NOW)
    async with visitor(world) as user:
        await user.open(f"/settings/carriers/{number}")
        await user.should_see("Test connection")
        user.find("Test connection").click()
        await user.should_see("Unblock them")
        user.find("Unblock them").click()
        await until_async(lambda: line_settings.one(sqlite_db, line.id or 0).blocked_reason is None)


async def test_an_account_in_use_cannot_be_deleted(world: World, sqlite_db: Database, actor: Actor) -> None:
    arrange.line(sqlite_db, NOW)
    async with visitor(world) as user:
        await user.open("/settings/carriers/1")
        await user.should_see("Lines use it, so it stays.")
        await user.should_see("Main number")


async def test_a_line_is_added_with_a_preset(world: World, sqlite_db: Database, actor: Actor) -> None:
    number = account(sqlite_db, actor)
    async with visitor(world) as user:
        await user.open("/settings/lines/new")
        await user.should_see(LineForm)
        form = one(user, LineForm)
        control = {name: pair[1] for name, pair in form._fields.items()}
        control["label"].value, control["number"].value = "Registered", "(415) 555-0100"
        control["kind"].value = LineKind.TEN_DLC
        control["preset"].value = "ten_dlc_25"
        await user.should_see("Source: Twilio, A2P 10DLC throughput by trust score")
        control["price"].value = "0.0079"
        user.find(kind=ui.button, content="Add line").click()
        await until_async(lambda: user.back_history[-1] == "/settings/lines/1")
    made = line_settings.one(sqlite_db, 1)
    assert (made.number, made.kind, made.account_id) == ("+14155550100", LineKind.TEN_DLC, number)
    assert (made.rate, made.minute_cap, made.daily_cap) == (4, 240, 10_000)
    assert (made.day_zone, made.price_micros, made.restricted) == ("America/Los_Angeles", 7_900, False)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("label", " ", "Give the line a name."),
        ("number", "71234", "“71234” is not a long code."),
        ("rate", "fast", "This is not a number."),
        ("rate", "0", "The rate must be more than 0"),
        ("minute_cap", "1.5", "Enter a whole number"),
        ("daily_cap", "0", "A cap must be a whole number of 1 or more."),
        ("price", "-1", "The price must be 0 or more"),
    ],
)
async def test_a_wrong_value_of_a_line_is_said_beside_its_field(
    world: World, sqlite_db: Database, field: str, typed: str, words: str
) -> None:
    line_id = arrange.line(sqlite_db, NOW)
    async with visitor(world) as user:
        await user.open(f"/settings/lines/{line_id}")
        await user.should_see(LineForm)
        holder, control = one(user, LineForm)._fields[field]
        control.value = typed
        user.find("Save changes").click()
        await user.should_see(words)
        assert isinstance(holder, Field)
        assert words in holder.problem


async def test_a_line_is_paused_and_opened_again(world: World, sqlite_db: Database, actor: Actor) -> None:
    line_id = arrange.line(sqlite_db, NOW)
    async with visitor(world) as user:
        await user.open(f"/settings/lines/{line_id}")
        await user.should_see("Open")
        user.find("Pause line").click()
        await user.should_see("Pause this line?")
        dialog = one(user, ui.dialog)
        dialog.submit(True)
        await until_async(lambda: line_settings.one(sqlite_db, line_id).blocked_reason)
        await user.open(f"/settings/lines/{line_id}")
        await user.should_see("Ada Park paused this line.")
        user.find("Unblock").click()
        await until_async(lambda: line_settings.one(sqlite_db, line_id).blocked_reason is None)
    acts = [act for act, kind, _ in ledger.audit(sqlite_db) if kind == "line"]
    assert acts == ["pause", "unblock"]


async def test_a_blocked_line_says_what_happened_and_what_to_do(world: World, sqlite_db: Database) -> None:
    line_id = arrange.line(sqlite_db, NOW)
    with sqlite_db.write() as session:
        account = session.get_one(CarrierAccount, 1)
        account.kind = "twilio"
    line_holds.block(sqlite_db, line_id, "HTTP status 403", "30034", NOW)
    async with visitor(world) as user:
        for path in (f"/settings/lines/{line_id}", "/settings/lines"):
            await user.open(path)
            await user.should_see("The line is not registered for US texting")
            await user.should_see("Blocked")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
@pytest.mark.parametrize(
    "path",
    [
        "/settings/carriers",
        "/settings/carriers/new",
        "/settings/carriers/1",
        "/settings/lines",
        "/settings/lines/new",
        "/settings/lines/1",
    ],
)
async def test_only_administrators_see_the_settings(
    sqlite_db: Database, tmp_path: Path, role: Role, path: str
) -> None:
    other = arrange.person(sqlite_db, NOW, "Bo Lind", role)
    arrange.line(sqlite_db, NOW)
    async with visitor(world_of(sqlite_db, other, tmp_path)) as user:
        await user.open(path)
        await user.should_see("Only administrators of your workspace see its settings.")
        await user.should_not_see("Main number")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/settings/carriers/999", "This carrier account does not exist."),
        ("/settings/carriers/abc", "This carrier account does not exist."),
        ("/settings/lines/999999999999", "This line does not exist."),
    ],
)
async def test_what_does_not_exist_says_so(world: World, path: str, words: str) -> None:
    async with visitor(world) as user:
        await user.open(path)
        await user.should_see(words)


async def test_empty_lists_teach_what_to_do(world: World) -> None:
    async with visitor(world) as user:
        await user.open("/settings/carriers")
        await user.should_see("No carrier yet")
        await user.open("/settings/lines")
        await user.should_see("No line yet")
