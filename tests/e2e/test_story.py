"""The whole story in one browser: create, schedule, run, deliver, stop, restart."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

ZONE = ZoneInfo("America/New_York")
ACKNOWLEDGMENT = (
    "I understand that I am required to obtain and store opt-in approval for every mobile number texted."
)
NAME = "Pine Street opening"


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=re.compile(option)).click()


def write_message(page: Page, number: int, text: str, when: datetime) -> Locator:
    page.get_by_role("button", name="Add Message").click()
    message = page.get_by_role("region", name=f"Message {number}", exact=True).or_(
        page.get_by_role("group", name=f"Message {number}", exact=True)
    )
    message.get_by_role("textbox", name="Message text").fill(text)
    set_time(message, when)
    return message


def set_time(message: Locator, when: datetime) -> None:
    message.get_by_role("textbox", name="Send date").fill(f"{when:%Y-%m-%d}")
    message.get_by_role("textbox", name="Send time").fill(f"{when:%H:%M}")
    message.get_by_role("textbox", name="Send time").press("Tab")


def schedule(page: Page) -> None:
    button = page.get_by_role("button", name="Schedule Campaign")
    expect(button).to_be_enabled()
    button.click()
    review = page.get_by_role("dialog", name="Review campaign")
    expect(review).to_be_visible()
    review.get_by_role("button", name="Confirm and schedule").click()


def status(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Campaign Status & Actions").get_by_role("status")


def soon() -> datetime:
    """A full minute that is far enough ahead to be typed and confirmed."""
    return (datetime.now(ZONE) + timedelta(seconds=75)).replace(second=0, microsecond=0)


def test_the_whole_story(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.get_by_text(re.compile(r"^[\d,]+ campaigns?$"))).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click()
    expect(page.get_by_role("tab", name="SMS")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Create New Campaign").click()

    save = page.get_by_role("button", name="Save Campaign")
    expect(save).to_be_disabled()
    page.get_by_label("Campaign Name").fill(NAME)
    choose(page, "Send As Number", "Short code")
    choose(page, "Contact List", "VIP customers")
    choose(page, "Campaign Owner", "Bo Lind")
    expect(save).to_be_disabled()
    page.get_by_role("checkbox", name=ACKNOWLEDGMENT).check()
    expect(save).to_be_enabled()
    save.click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/messages$"))

    first = soon()
    write_message(page, 1, "We open at ten. Reply STOP to opt out.", first)
    write_message(page, 2, "See you tomorrow!", first + timedelta(days=1))
    schedule(page)
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+$"))
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    expect(status(page)).to_have_text(re.compile("Scheduled|Running"))

    expect(status(page)).to_have_text(re.compile("Running"), timeout=120_000)
    bar = page.get_by_role("button", name="Deliverability results for message 1")
    expect(bar).to_have_accessible_description(re.compile(r"^2\d of 2\d delivered"), timeout=30_000)
    delivered = bar.get_attribute("aria-describedby")
    assert delivered

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click()
    page.get_by_role("searchbox", name="Search campaigns").or_(
        page.get_by_role("textbox", name="Search campaigns")
    ).fill(NAME)
    row = page.get_by_role("table", name="SMS campaigns").get_by_role("row", name=re.compile(NAME))
    expect(row).to_contain_text("Running")
    row.get_by_role("button", name=f"More actions for {NAME}").click()
    page.get_by_role("menuitem", name="Stop Campaign").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop Campaign").click()
    expect(row).to_contain_text("Stopped")
    row.get_by_text("View Campaign Details").click()
    expect(status(page)).to_have_text(re.compile("Stopped"))
    expect(bar).to_have_accessible_description(re.compile(r"^2\d of 2\d delivered"))

    rail = page.get_by_role("complementary", name="Campaign Status & Actions")
    rail.get_by_role("button", name="Restart Campaign").click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/details$"))
    expect(page.get_by_label("Campaign Name")).not_to_be_editable()

    page.goto(page.url.replace("/details", "/messages"))
    second = page.get_by_role("region", name="Message 2", exact=True).or_(
        page.get_by_role("group", name="Message 2", exact=True)
    )
    set_time(second, soon() + timedelta(days=2))
    schedule(page)
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+$"))
    expect(status(page)).to_have_text(re.compile("Scheduled"))
    expect(bar).to_have_accessible_description(re.compile(r"^2\d of 2\d delivered"))
