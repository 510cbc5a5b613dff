"""Settings in a browser: a carrier from its credentials to its lines, and a line that is held and opened."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

SECRET = "tok-seeded-91bc"
NewContext = Callable[..., BrowserContext]


def choose(page: Page, field: str, option: str | re.Pattern[str]) -> None:
    page.get_by_label(field, exact=True).click()
    page.get_by_role("option", name=option).first.click()
    expect(page.get_by_role("option")).to_have_count(0)


def add_carrier(page: Page, name: str) -> None:
    page.goto("/settings/carriers")
    page.get_by_role("button", name="Add carrier").click()
    expect(page).to_have_url(re.compile("/settings/carriers/new$"))
    expect(page.get_by_label("Account SID")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Account SID").fill("AC7f3a")
    page.get_by_label("Auth token").fill(SECRET)
    page.get_by_label("API address (optional)").fill("http://127.0.0.1:9")


def test_a_carrier_is_tested_added_and_given_a_line(page: Page) -> None:
    add_carrier(page, "Main account")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("127.0.0.1:9 refuses the connection.")).to_be_visible()
    page.get_by_role("button", name="Add carrier").click()
    expect(page.get_by_role("heading", name="Main account")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the address for replies and stop")).to_be_visible()
    expect(page.get_by_text(re.compile(r"/webhooks/twilio/[0-9a-f]{32}/inbound"))).to_be_visible()
    expect(page.get_by_text("Saved. It is never shown again.")).to_be_visible()
    assert SECRET not in page.content()

    page.reload()
    expect(page.get_by_role("button", name="Replace Auth token")).to_be_visible()
    assert SECRET not in page.content()

    page.get_by_role("link", name="Add line").click()
    expect(page.get_by_role("heading", name="Add line")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Toll-free")
    page.get_by_label("Number or sender ID").fill("+1 800 555 0100")
    expect(page.get_by_text("Main account")).to_be_visible()
    choose(page, "Kind", "Toll-free number")
    choose(page, "Preset", "Toll-free at Twilio")
    expect(page.get_by_label("Segments a second")).to_have_value("3")
    expect(page.get_by_text("Source: Twilio")).to_be_visible()
    page.get_by_role("button", name="Add line").click()
    expect(page.get_by_role("heading", name="Toll-free")).to_be_visible()
    page.get_by_role("link", name="Lines", exact=True).first.click()
    expect(page.get_by_role("link", name="Toll-free")).to_be_visible()


def test_a_line_is_held_and_opened_again(page: Page) -> None:
    page.goto("/settings/lines")
    page.get_by_role("link", name="Support line").click()
    page.get_by_role("button", name="Pause line").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Pause line").click()
    expect(page.get_by_text("Ada Park paused this line.").first).to_be_visible()
    page.get_by_role("button", name="Unblock").first.click()
    expect(page.get_by_role("button", name="Pause line")).to_be_visible()


def test_the_navigation_leads_to_the_settings(page: Page) -> None:
    page.goto("/campaigns/sms")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Lines")).to_be_visible()
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Carriers").click()
    expect(page).to_have_url(re.compile("/settings/carriers$"))
    expect(page.get_by_role("link", name="Sandbox")).to_be_visible()
