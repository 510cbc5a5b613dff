"""The program as it runs for real: nobody is in before they signed in, and out is out at once."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from domain.access import Role
from storage import team, workspace
from storage.database import Database
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

    db = Database(f"sqlite:///{folder / 'data' / 'sms.db'}")
    owner = workspace.actor(db, "ada@example.com")
    token = team.invite(db, owner, "bo@example.com", Role.MANAGER, datetime.now(UTC))
    bo = new_page()
    bo.goto(f"/invite/{token}")
    expect(bo.get_by_text("Ada Park invited you as Manager.")).to_be_visible()
    axe(bo)
    fill(bo, {"Your name": "Bo Lind", "Password": PASSWORD})
    bo.get_by_role("button", name="Join").click()
    bo.wait_for_url("**/campaigns/sms")
    expect(bo.get_by_role("link", name="Bo Lind")).to_be_visible()
    expect(bo.get_by_role("link", name="Settings")).to_have_count(0)

    team.sign_out_everywhere(db, owner, 2, datetime.now(UTC))
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()
    assert bo.url == f"{address}/login?next=%2Fcampaigns%2Fsms"
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
    db.close()


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
