"""Every route and name that people's scripts rely on, walked once, so that none is lost unnoticed."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from domain.campaigns import Status
from domain.details import ACKNOWLEDGMENT

ZONE = ZoneInfo("America/New_York")
NAME = "By its names alone"
HEADERS = ("Status", "Campaign Name", "Start Date", "Created By", "# of Messages", "Contact List")
PAGES = {
    "/campaigns/sms": "Campaigns",
    "/campaigns/sms/new": "New campaign",
    "/contacts": "Contacts",
    "/lists": "Lists",
    "/suppressions": "Suppressions",
    "/inbox": "Inbox",
    "/settings/lines": "Lines",
    "/settings/carriers": "Carriers",
    "/settings/team": "Team",
    "/settings/workspace": "Workspace",
    "/settings/api": "API",
    "/settings/audit": "Audit log",
}
MENUS = {
    "draft": {"Edit Campaign", "Clone Campaign", "Archive Campaign", "Delete Campaign"},
    "scheduled": {"Edit Schedule", "Stop Campaign", "Clone Campaign"},
    "running": {"Pause Campaign", "Stop Campaign", "Clone Campaign"},
    "paused": {"Edit Schedule", "Resume Campaign", "Stop Campaign", "Clone Campaign"},
    "stopped": {"Restart Campaign", "Clone Campaign", "Archive Campaign"},
    "completed": {"Clone Campaign", "Archive Campaign"},
    "archived": {"Unarchive Campaign", "Clone Campaign"},
}
VIEWED = {"running", "paused", "stopped", "completed", "archived"}


def table(page: Page) -> Locator:
    return page.get_by_role("table", name="SMS campaigns")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=re.compile(option)).first.click()


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_page_is_a_deep_link(page: Page, path: str, title: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation.get_by_text("CRM", exact=True)).to_be_visible()
    for place in ("Campaigns", "Contacts", "Lists", "Inbox", "Settings"):
        expect(navigation.get_by_role("link", name=place, exact=True)).to_be_visible()


def test_machines_find_their_routes(server: str) -> None:
    with httpx.Client(base_url=server) as client:
        for path in ("/healthz", "/readyz", "/metrics", "/api/docs", "/api/openapi.json"):
            assert client.get(path).status_code == 200, path
        refused = client.get("/api/v1/campaigns")
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
        for path in ("/media/nothing", "/l/nothing", "/webhooks/sandbox/nobody/status"):
            assert client.get(path).status_code in (404, 405), path


def test_the_sms_tab_by_its_names(page: Page) -> None:
    page.goto("/campaigns/sms")
    expect(page.get_by_role("tab", name="SMS", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("button", name="Create New Campaign", exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search campaigns", exact=True)).to_be_visible()
    for name in ("Status", "SMS line"):
        expect(page.get_by_role("combobox", name=name, exact=True)).to_be_visible()
    for name in ("Start date from", "Start date to"):
        expect(page.get_by_role("textbox", name=name, exact=True)).to_be_visible()
    for name in HEADERS:
        header = table(page).get_by_role("columnheader", name=name, exact=True)
        header.click()
        expect(header).to_have_attribute("aria-sort", re.compile("^(ascending|descending)$"))


@pytest.mark.parametrize("status", [*(one.value for one in Status), "archived"])
def test_a_row_offers_what_its_status_allows(page: Page, status: str) -> None:
    page.goto(f"/campaigns/sms?status={status}")
    row = table(page).get_by_role("row").filter(has_text=status.capitalize()).first
    view = row.get_by_role("link", name="View Campaign Details", exact=True)
    expect(view).to_have_count(1 if status in VIEWED else 0)
    name = row.get_by_role("rowheader").get_by_role("link").inner_text()
    row.get_by_role("button", name=f"More actions for {name}", exact=True).click()
    for action in MENUS[status]:
        expect(page.get_by_role("menuitem", name=action, exact=True)).to_be_visible()


def test_from_the_first_field_to_the_results_by_names_alone(page: Page) -> None:
    page.goto("/campaigns/sms/new")
    save = page.get_by_role("button", name="Save Campaign", exact=True)
    expect(save).to_be_disabled()
    steps = page.get_by_role("navigation", name="Steps").get_by_role("listitem")
    expect(steps).to_have_text([re.compile("Campaign Details"), re.compile("Messages")])
    expect(page.get_by_role("combobox", name="Channel", exact=True)).to_have_value("SMS")
    page.get_by_label("Campaign Name", exact=True).fill(NAME)
    choose(page, "Send As Number", "Main number")
    choose(page, "Contact List", "VIP customers")
    choose(page, "Campaign Owner", "Bo Lind")
    page.get_by_role("checkbox", name=ACKNOWLEDGMENT, exact=True).check()
    save.click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/messages$"))

    expect(page.get_by_role("combobox", name="Message Type", exact=True)).to_have_value("Standard Messages")
    schedule = page.get_by_role("button", name="Schedule Campaign", exact=True)
    expect(schedule).to_be_disabled()
    page.get_by_role("button", name="Add Message", exact=True).click()
    card = page.get_by_role("region", name="Message 1", exact=True)
    text = card.get_by_role("textbox", name="Message text", exact=True)
    text.fill("Reply STOP to opt out ")
    expect(card.get_by_text("1 segment · GSM-7 · 138 characters left", exact=True)).to_be_visible()
    card.get_by_role("button", name="Insert emoji", exact=True).click()
    emoji = page.get_by_role("dialog", name="Insert emoji")
    emoji.get_by_role("searchbox").fill("rocket")
    emoji.get_by_role("button", name="rocket", exact=True).click()
    expect(text).to_have_value("Reply STOP to opt out 🚀")
    expect(card.get_by_text("1 segment · UCS-2 · 46 characters left", exact=True)).to_be_visible()
    card.get_by_label("Add attachments", exact=True).set_input_files(
        {"name": "shop.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(card.get_by_role("button", name="Remove shop.png", exact=True)).to_be_visible()
    expect(card.get_by_role("button", name="Remove message", exact=True)).to_be_visible()
    tomorrow = datetime.now(ZONE) + timedelta(days=1)
    card.get_by_role("textbox", name="Send date", exact=True).fill(f"{tomorrow:%Y-%m-%d}")
    card.get_by_role("textbox", name="Send time", exact=True).fill("09:30")
    expect(schedule).to_be_enabled()
    schedule.click()
    review = page.get_by_role("dialog", name="Review campaign", exact=True)
    review.get_by_role("button", name="Confirm and schedule", exact=True).click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+$"))

    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    timeline = page.get_by_role("region", name="Message Timeline", exact=True)
    bar = timeline.get_by_role("button", name="Deliverability results for message 1", exact=True)
    expect(bar).to_have_attribute("aria-expanded", "false")
    expect(bar).to_have_accessible_description("Not started")
    rail = page.get_by_role("complementary", name="Campaign Status & Actions", exact=True)
    expect(rail.get_by_role("status")).to_have_text("Scheduled")
    for action in ("Edit Schedule", "Clone Campaign"):
        expect(rail.get_by_role("button", name=action, exact=True)).to_be_visible()
    rail.get_by_role("button", name="Stop Campaign", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop Campaign", exact=True).click()
    expect(rail.get_by_role("status")).to_have_text("Stopped")
    expect(page.get_by_role("status").filter(has_text=f"“{NAME}” is stopped.")).to_be_visible()
    rail.get_by_role("button", name="Restart Campaign", exact=True).click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/details$"))
    expect(page.get_by_label("Campaign Name", exact=True)).not_to_be_editable()


def test_a_breakdown_is_a_table_of_states_and_counts(page: Page) -> None:
    page.goto("/campaigns/sms?status=completed")
    table(page).get_by_role("link", name="View Campaign Details").first.click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+$"))
    bar = page.get_by_role("button", name="Deliverability results for message 1", exact=True)
    expect(bar).to_have_accessible_description(re.compile(r"of [\d,]+ delivered"))
    bar.click()
    expect(bar).to_have_attribute("aria-expanded", "true")
    states = page.get_by_role("table", name="Deliveries of message 1 by state")
    expect(states.get_by_role("row").filter(has_text="Delivered").first).to_contain_text(re.compile(r"\d"))


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    return made.getvalue()
