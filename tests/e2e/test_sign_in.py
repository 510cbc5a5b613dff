"""The program as it runs for real: nobody is in before they signed in, and out is out at once."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from domain.access import Actor, Role
from storage import joining, line_settings, schema, team
from storage.database import Database
from storage.signing_in import Visitor
from tests import arrange
from tests.e2e.conftest import CheckAxe, running
from tests.wait import until

NewPage = Callable[..., Page]
Join = Callable[..., str]
PASSWORD = "correct horse battery"
OPERATOR = Actor(0, "Command line", Role.ADMIN)
OFFERED = re.compile("Add contact|Create list|Create New Campaign|Add number|Import")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The database of the program that runs beside."""
    folder = tmp_path_factory.mktemp("signing-in")
    (folder / "data").mkdir()
    made = Database(f"sqlite:///{folder / 'data' / 'sms.db'}")
    schema.upgrade(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(db: Database) -> Iterator[str]:
    """A program whose workspace has been set up by somebody else."""
    now = datetime.now(UTC)
    _, token = joining.administrator_link(db, "first@example.com", now)
    joining.join(db, token, "The First", PASSWORD, Visitor("", ""), now)
    assert db.folder is not None
    with running(db.folder.parent) as found:
        yield found


@pytest.fixture
def join(db: Database, address: str) -> Join:
    """Make somebody a member of the team; returns their e-mail address."""

    def made(name: str, role: Role = Role.MANAGER) -> str:
        email, now = f"{name.lower().replace(' ', '.')}@example.com", datetime.now(UTC)
        token = team.invite(db, OPERATOR, email, role, now)
        joining.join(db, token, name, PASSWORD, Visitor("", ""), now)
        return email

    return made


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewPage]:
    """A page in a browser of its own, of the program beside or of another one."""
    contexts = []

    def open_one(address: str = "") -> Page:
        base = address or request.getfixturevalue("address")
        contexts.append(browser.new_context(base_url=base, reduced_motion="reduce"))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def set_up_link(folder: Path) -> str:
    found: list[str] = []

    def read() -> bool:
        found[:] = re.findall(r"http://\S+/setup\?token=\S+", (folder / "log.txt").read_text())
        return bool(found)

    until(read, 20, "the set-up link in the log")
    return found[-1]


def sign_in(page: Page, email: str) -> None:
    fill(page, {"E-mail address": email, "Password": PASSWORD})
    page.get_by_role("button", name="Sign in").click()


def test_the_first_run_is_set_up(new_page: NewPage, tmp_path: Path, axe: CheckAxe) -> None:
    with running(tmp_path) as address:
        ada = new_page(address)
        ada.goto("/campaigns/sms")
        expect(ada.get_by_role("heading", name="Set up this workspace")).to_be_visible()
        ada.goto(set_up_link(tmp_path))
        axe(ada)
        fill(ada, {"Your name": "Ada Park", "E-mail address": "ada@example.com", "Password": "short"})
        ada.get_by_role("button", name="Create workspace").click()
        expect(ada.get_by_role("alert")).to_contain_text("at least 12 characters")
        expect(ada.get_by_label("Your name")).to_have_value("Ada Park")
        ada.get_by_label("Password").fill(PASSWORD)
        ada.get_by_role("button", name="Create workspace").click()
        ada.wait_for_url("**/campaigns/sms")
        expect(ada.get_by_role("link", name="Ada Park")).to_be_visible()
        (cookie,) = ada.context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("sms_session", True, "Lax")
        again = new_page(address)
        again.goto("/setup")
        expect(again.get_by_text("This workspace is set up already.")).to_be_visible()


def test_who_was_invited_joins_and_a_revoked_page_stops(
    new_page: NewPage, join: Join, axe: CheckAxe, address: str
) -> None:
    ada = new_page()
    ada.goto("/login")
    sign_in(ada, join("Ada Park", Role.ADMIN))
    ada.wait_for_url("**/campaigns/sms")
    ada.goto("/settings/team")
    ada.get_by_role("button", name="Invite member").click()
    ada.get_by_label("E-mail address").fill("bo@example.com")
    ada.get_by_role("button", name="Invite", exact=True).click()
    link = ada.get_by_label("Link", exact=True)
    expect(link).to_contain_text(f"{address}/invite/")
    invitation = link.inner_text()
    ada.get_by_role("button", name="Done").click()
    expect(ada.get_by_role("list", name="Invitations")).to_contain_text("bo@example.com")
    axe(ada)
    bo = new_page()
    bo.goto(invitation)
    expect(bo.get_by_text("Ada Park invited you as Manager.")).to_be_visible()
    axe(bo)
    fill(bo, {"Your name": "Bo Lind", "Password": PASSWORD})
    bo.get_by_role("button", name="Join").click()
    bo.wait_for_url("**/campaigns/sms")
    expect(bo.get_by_role("link", name="Bo Lind")).to_be_visible()
    expect(bo.get_by_role("link", name="Settings")).to_have_count(0)

    ada.goto("/settings/team")
    ada.get_by_role("button", name="More actions for Bo Lind").click()
    ada.get_by_role("menuitem", name="Sign out everywhere").click()
    expect(ada.get_by_text("Bo Lind is signed out everywhere.")).to_be_visible()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()
    assert bo.url == f"{address}/login?ended=1&next=%2Fcampaigns%2Fsms"
    expect(bo.get_by_text("You have been signed out.")).to_be_visible()
    axe(bo)
    fill(bo, {"E-mail address": "bo@example.com", "Password": "wrong horse battery"})
    bo.get_by_role("button", name="Sign in").click()
    expect(bo.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    bo.get_by_label("Password").fill(PASSWORD)
    bo.get_by_role("button", name="Sign in").click()
    bo.wait_for_url("**/campaigns/sms")
    bo.get_by_role("button", name="Sign out").click()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()
    bo.go_back()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_account_gets_a_second_step_and_its_sessions(new_page: NewPage, join: Join, axe: CheckAxe) -> None:
    email = join("Cy Young")
    page = new_page()
    page.goto("/settings/account")
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.get_by_role("button", name="Turn on").click()
    secret = page.get_by_label("Key", exact=True).inner_text()
    axe(page)
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on two-step sign-in").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("You have 10 recovery codes left.")).to_be_visible()
    axe(page)
    other = new_page()
    other.goto("/login?next=//evil.example/")
    sign_in(other, email)
    expect(other.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    axe(other)
    other.goto("/campaigns/sms")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.goto("/login/code")
    other.get_by_label("Code").fill(recovery)
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/campaigns/sms")
    page.reload()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()

    admin = new_page()
    admin.goto("/settings/team")
    sign_in(admin, join("Hal Ward", Role.ADMIN))
    admin.get_by_role("button", name="More actions for Cy Young").click()
    admin.get_by_role("menuitem", name="Turn off two-step sign-in").click()
    admin.get_by_role("button", name="Turn off").click()
    expect(admin.get_by_text("Two-step sign-in is off.")).to_be_visible()
    sign_in(other, email)
    expect(other.get_by_role("link", name="Cy Young")).to_be_visible()


@pytest.mark.parametrize("asleep", [False, True])
def test_who_was_signed_out_comes_back_to_the_same_page_with_what_was_typed(
    new_page: NewPage, join: Join, axe: CheckAxe, asleep: bool
) -> None:
    name = f"Dee {'Asleep' if asleep else 'Awake'}"
    email = join(name)
    ada, elsewhere = new_page(), new_page()
    for page in (ada, elsewhere):
        page.goto("/settings/account")
        sign_in(page, email)
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    ada.goto("/campaigns/sms?search=spring")
    ada.goto("/settings/account")
    ada.get_by_label("Your name").fill(f"{name} the First")
    ada.get_by_label("Current password").fill("secret words")
    if asleep:
        ada.evaluate("window.socket.disconnect()")  # as when a laptop sleeps: nobody can tell the page
    elsewhere.reload()
    elsewhere.get_by_role("button", name="Sign out everywhere else").click()
    expect(elsewhere.get_by_text("Every other browser is signed out.")).to_be_visible()
    if asleep:
        expect(ada.get_by_label("Your name")).to_have_value(f"{name} the First")
        ada.evaluate("window.socket.connect()")  # it wakes
    expect(ada.get_by_text("You have been signed out. Sign in again, and you go on")).to_be_visible()
    assert "secret words" not in ada.evaluate("JSON.stringify(sessionStorage)")
    axe(ada)
    sign_in(ada, email)
    ada.wait_for_url("**/settings/account")
    expect(ada.get_by_text("We kept what you typed before you were signed out.")).to_be_visible()
    axe(ada)
    expect(ada.get_by_label("Your name")).to_have_value(name)
    ada.get_by_role("button", name="Put it back").click()
    expect(ada.get_by_label("Your name")).to_have_value(f"{name} the First")
    expect(ada.get_by_text("We kept what you typed")).to_have_count(0)
    assert ada.evaluate("sessionStorage.getItem('typed')") is None


def test_a_viewer_is_offered_nothing_that_a_viewer_may_not(
    new_page: NewPage, join: Join, axe: CheckAxe
) -> None:
    ada, eve = new_page(), new_page()
    eve_email = join("Eve Moss")
    ada.goto("/settings/team")
    sign_in(ada, join("Fay Hill", Role.ADMIN))
    ada.get_by_label("Role of Eve Moss").click()
    ada.get_by_role("option", name="Viewer").click()
    expect(ada.get_by_text("Eve Moss is Viewer now.")).to_be_visible()
    eve.goto("/contacts")
    sign_in(eve, eve_email)
    for path in ("/contacts", "/lists", "/campaigns/sms", "/suppressions"):
        for page in (ada, eve):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(eve.get_by_text("You see everything here.")).to_be_visible()
        expect(ada.get_by_role("button", name=OFFERED).first).to_be_visible()
        expect(eve.get_by_role("button", name=OFFERED)).to_have_count(0)
        axe(eve)


def test_a_line_that_somebody_may_not_use_any_more_leaves_their_open_page(
    db: Database, new_page: NewPage, join: Join
) -> None:
    now = datetime.now(UTC)
    line_id = arrange.line(db, now, label="Main number")
    bo = new_page()
    bo.goto("/campaigns/sms/new")
    sign_in(bo, join("Ian Cole"))
    bo.get_by_label("Campaign Name").fill("Spring sale")
    expect(bo.get_by_text("What you typed is kept")).to_be_visible()
    bo.get_by_role("combobox", name="Send As Number").click()
    expect(bo.get_by_role("option", name="Main number")).to_be_visible()
    line_settings.alter(db, OPERATOR, line_id, {"restricted": True}, now)
    expect(bo.get_by_text("There is no line to send from yet.")).to_be_visible()
    expect(bo.get_by_label("Campaign Name")).to_have_value("Spring sale")


def fill(page: Page, fields: dict[str, str]) -> None:
    for label, text in fields.items():
        page.get_by_label(label).fill(text)


@pytest.mark.parametrize(
    "path",
    ["/campaigns/sms", "/settings/team", "/exports/contacts.csv", "/_nicegui/client/x/upload/1", "/nowhere"],
)
def test_nothing_is_there_for_who_is_not_signed_in(address: str, path: str) -> None:
    answer = httpx.get(address + path)
    assert answer.status_code == 401
    assert "Sign in again" in answer.text
    as_page = httpx.get(address + path, headers={"accept": "text/html"})
    assert as_page.status_code in (303, 401)


def test_machines_have_their_own_doors(address: str) -> None:
    assert httpx.get(f"{address}/healthz").status_code == 200
    assert httpx.get(f"{address}/readyz").status_code == 200
    assert httpx.get(f"{address}/api/v1/campaigns").headers["content-type"] == "application/problem+json"
    assert httpx.get(f"{address}/media/nonsense").status_code == 404
    assert httpx.post(f"{address}/webhooks/twilio/nonsense/status").status_code == 404
