"""The program as it runs for real: nobody is in before they signed in, and out is out at once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CheckAxe, running
from tests.wait import until

NewPage = Callable[[], Page]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signing-in")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with running(folder) as found:
        yield found


@pytest.fixture
def new_page(browser: Browser, address: str) -> Iterator[NewPage]:
    """A page in a browser of its own."""
    contexts = []

    def open_one() -> Page:
        contexts.append(browser.new_context(base_url=address, reduced_motion="reduce"))
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


def test_the_first_run_is_set_up_and_a_revoked_page_stops(
    new_page: NewPage, folder: Path, axe: CheckAxe, address: str
) -> None:
    ada = new_page()
    ada.goto("/campaigns/sms")
    expect(ada.get_by_role("heading", name="Set up this workspace")).to_be_visible()
    ada.goto(set_up_link(folder))
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


def test_an_account_gets_a_second_step_and_its_sessions(
    new_page: NewPage, folder: Path, axe: CheckAxe
) -> None:
    page = new_page()
    page.goto("/settings/account")
    fill(page, {"E-mail address": "bo@example.com", "Password": PASSWORD})
    page.get_by_role("button", name="Sign in").click()
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
    fill(other, {"E-mail address": "bo@example.com", "Password": PASSWORD})
    other.get_by_role("button", name="Sign in").click()
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


@pytest.mark.parametrize("asleep", [False, True])
def test_who_was_signed_out_comes_back_to_the_same_page_with_what_was_typed(
    new_page: NewPage, axe: CheckAxe, asleep: bool
) -> None:
    ada, elsewhere = new_page(), new_page()
    for page in (ada, elsewhere):
        page.goto("/settings/account")
        fill(page, {"E-mail address": "ada@example.com", "Password": PASSWORD})
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    ada.goto("/campaigns/sms?search=spring")
    ada.goto("/settings/account")
    ada.get_by_label("Your name").fill("Ada Park the First")
    ada.get_by_label("Current password").fill("secret words")
    if asleep:
        ada.evaluate("window.socket.disconnect()")  # as when a laptop sleeps: nobody can tell the page
    elsewhere.reload()
    elsewhere.get_by_role("button", name="Sign out everywhere else").click()
    expect(elsewhere.get_by_text("Every other browser is signed out.")).to_be_visible()
    if asleep:
        expect(ada.get_by_label("Your name")).to_have_value("Ada Park the First")
        ada.evaluate("window.socket.connect()")  # it wakes
    expect(ada.get_by_text("You have been signed out. Sign in again, and you go on")).to_be_visible()
    assert "secret words" not in ada.evaluate("JSON.stringify(sessionStorage)")
    axe(ada)
    fill(ada, {"E-mail address": "ada@example.com", "Password": PASSWORD})
    ada.get_by_role("button", name="Sign in").click()
    ada.wait_for_url("**/settings/account")
    expect(ada.get_by_text("We kept what you typed before you were signed out.")).to_be_visible()
    axe(ada)
    expect(ada.get_by_label("Your name")).to_have_value("Ada Park")
    ada.get_by_role("button", name="Put it back").click()
    expect(ada.get_by_label("Your name")).to_have_value("Ada Park the First")
    expect(ada.get_by_text("We kept what you typed")).to_have_count(0)
    assert ada.evaluate("sessionStorage.getItem('typed')") is None


def test_a_viewer_is_offered_nothing_that_a_viewer_may_not(new_page: NewPage, axe: CheckAxe) -> None:
    ada = new_page()
    ada.goto("/settings/team")
    fill(ada, {"E-mail address": "ada@example.com", "Password": PASSWORD})
    ada.get_by_role("button", name="Sign in").click()
    role = ada.get_by_label("Role of Bo Lind")
    ada.goto("/contacts")
    expect(ada.get_by_role("button", name="Add contact").first).to_be_visible()
    ada.goto("/settings/team")
    role.click()
    ada.get_by_role("option", name="Viewer").click()
    expect(ada.get_by_text("Bo Lind is Viewer now.")).to_be_visible()
    ada.get_by_role("button", name="More actions for Bo Lind").click()
    ada.get_by_role("menuitem", name="Turn off two-step sign-in").click()
    ada.get_by_role("button", name="Turn off").click()
    expect(ada.get_by_text("Two-step sign-in is off.")).to_be_visible()
    bo = new_page()
    bo.goto("/contacts")
    fill(bo, {"E-mail address": "bo@example.com", "Password": PASSWORD})
    bo.get_by_role("button", name="Sign in").click()
    for path in ("/contacts", "/lists", "/campaigns/sms", "/suppressions"):
        bo.goto(path)
        expect(bo.get_by_text("You see everything here.")).to_be_visible()
        expect(bo.get_by_role("heading", level=1)).to_be_visible()
        for name in ("Add contact", "Create list", "Create New Campaign", "Add number", "Import"):
            expect(bo.get_by_role("button", name=name)).to_have_count(0)
        axe(bo)


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
