"""A filter becomes a list in a browser, and a campaign can go to it."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe


def test_a_filter_is_saved_as_a_list_that_fills_itself(page: Page, axe: CheckAxe) -> None:
    page.goto("/contacts")
    expect(page.get_by_text(re.compile(r"^20,\d{3} contacts$"))).to_be_visible()
    expect(page.get_by_role("button", name="Save as list")).to_be_hidden()
    page.get_by_role("button", name="More filters").press("Enter")
    page.get_by_role("combobox", name="Consent").click()
    page.get_by_role("option", name="No opt-in on record").click()
    page.get_by_role("searchbox", name="Search contacts").fill("aiko abe")
    expect(page).to_have_url(re.compile(r"search=aiko\+abe&consent=none"))
    count = page.get_by_text(re.compile(r"^[\d,]+ contacts?$")).first.inner_text()
    axe(page)
    page.get_by_role("button", name="Save as list").click()
    page.get_by_role("textbox", name="List name").fill("Aikos without opt-in")
    page.get_by_role("dialog").get_by_role("button", name="Save as list").click()
    expect(page.get_by_role("heading", name="Aikos without opt-in")).to_be_visible()
    expect(
        page.get_by_text(re.compile(f"^{count} match(es)? now, not used by any campaign$"))
    ).to_be_visible()
    expect(page.get_by_role("button", name="Add contact")).to_be_hidden()
    axe(page)
    page.goto("/campaigns/sms/new")
    page.get_by_role("combobox", name="Contact List").click()
    expect(page.get_by_role("option", name=re.compile("^Aikos without opt-in"))).to_be_visible()
    page.goto("/lists")
    expect(page.get_by_text("Saved filter: fills itself")).to_be_visible()
    page.get_by_role("link", name="Aikos without opt-in").click()
    expect(page.get_by_text("It finds: Search: aiko abe · No opt-in on record")).to_be_visible()
    page.get_by_role("button", name="Change filter").click()
    page.get_by_role("searchbox", name="Search contacts").fill("aiko")
    expect(page).to_have_url(re.compile("search=aiko&consent=none&saved="))
    axe(page)
    page.get_by_role("button", name="Save filter of “Aikos without opt-in”").click()
    expect(page.get_by_text("It finds: Search: aiko · No opt-in on record")).to_be_visible()
    page.get_by_role("button", name="Delete list").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete list").click()
    expect(page).to_have_url(re.compile("/lists$"))
