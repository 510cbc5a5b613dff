"""Contacts and lists in a browser, on a desk and on a phone, light and dark."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits


def test_a_person_is_found_by_number_added_to_a_list_and_deleted(page: Page) -> None:
    page.goto("/campaigns/sms")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Contacts").click()
    table = page.get_by_role("table", name="Contacts")
    expect(page.get_by_text(re.compile(r"^20,\d{3} contacts$"))).to_be_visible()
    page.get_by_role("button", name="Add contact").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Phone").fill("(415) 555-0177")
    form.get_by_label("First name").fill("Zoë")
    form.get_by_label("Last name").fill("Quill")
    form.get_by_role("button", name="Add field").click()
    form.get_by_label("Field 1 name").fill("city")
    form.get_by_label("Field 1 value").fill("Oslo")
    form.get_by_role("button", name="Save contact").click()
    expect(page.get_by_role("heading", name="Zoë Quill")).to_be_visible()
    expect(page.get_by_text("Oslo")).to_be_visible()
    page.get_by_role("button", name="Add to list").click()
    page.get_by_role("combobox", name="List").click()
    page.get_by_role("option", name="VIP customers").click()
    page.get_by_role("dialog").get_by_role("button", name="Add to list").click()
    page.get_by_role("link", name="VIP customers").click()
    expect(page.get_by_role("heading", name="VIP customers")).to_be_visible()
    page.get_by_role("searchbox", name="Search this list").fill("415 555-0177")
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/lists/\d+\?search="))
    table.get_by_role("link", name="Zoë Quill").click()
    page.get_by_role("button", name="Delete contact").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete contact").click()
    expect(page).to_have_url(re.compile("/contacts$"))
    page.get_by_role("searchbox", name="Search contacts").fill("zoe quill")
    expect(page.get_by_role("heading", name="No contacts match")).to_be_visible()


def test_headers_sort_and_pages_turn(page: Page) -> None:
    page.goto("/contacts")
    table = page.get_by_role("table", name="Contacts")
    expect(page.get_by_text(re.compile(r"^20,\d{3} contacts$"))).to_be_visible()
    phone = table.get_by_role("columnheader", name="Phone")
    phone.get_by_role("button").press("Enter")
    expect(phone).to_have_attribute("aria-sort", "ascending")
    expect(table.get_by_role("row").nth(1)).to_contain_text("+1 206")
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text(re.compile("^26–50 of 20,"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("^26–50 of 20,"))).to_be_visible()


def test_a_list_is_made_and_deleted(page: Page) -> None:
    page.goto("/lists")
    page.get_by_role("button", name="Create list").first.click()
    page.get_by_role("textbox", name="List name").fill("Autumn guests")
    page.get_by_role("dialog").get_by_role("button", name="Create list").click()
    expect(page.get_by_role("heading", name="Autumn guests")).to_be_visible()
    expect(page.get_by_text("Nobody is on this list yet")).to_be_visible()
    page.get_by_role("button", name="Delete list").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete list").click()
    expect(page).to_have_url(re.compile("/lists$"))
    expect(page.get_by_role("link", name="VIP customers")).to_be_visible()
    expect(page.get_by_role("link", name="Autumn guests")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_contacts_and_lists(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/contacts?search=aiko&zone=America/Chicago")
    expect(page.get_by_role("link", name="Aiko Abe").first).to_be_visible()
    axe_day_and_night(page)
    fits(page)
    page.get_by_role("link", name="Aiko Abe").first.click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()
    axe_day_and_night(page)
    page.get_by_role("button", name="Edit contact").click()
    expect(page.get_by_role("textbox", name="Phone")).to_be_visible()
    axe_day_and_night(page)
    page.get_by_role("button", name="Cancel").click()
    page.goto("/lists")
    expect(page.get_by_role("link", name="VIP customers")).to_be_visible()
    axe_day_and_night(page)
    page.get_by_role("link", name="VIP customers").click()
    expect(page.get_by_text("25 contacts", exact=True)).to_be_visible()
    axe_day_and_night(page)
    fits(page)
