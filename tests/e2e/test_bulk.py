"""Many contacts at once, in a browser: selected rows and everybody of a view, undone or asked about."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("table", name="Contacts").get_by_role("checkbox").nth(1)).to_be_visible()


def chosen(page: Page, action: str, label: str, option: str) -> None:
    """Ask for an action and choose from its list; the dialog's button repeats the action's name."""
    page.get_by_role("group", name="Selected contacts").get_by_role("button", name=action).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name=label).fill(option)
    page.get_by_role("option", name=option).click()
    dialog.get_by_role("button", name=action).click()


def test_selected_people_are_put_on_a_list_and_that_is_undone(page: Page) -> None:
    opened(page, "/contacts?search=aiko")
    boxes = page.get_by_role("table", name="Contacts").get_by_role("checkbox")
    boxes.nth(1).press("Space")
    boxes.nth(2).press("Space")
    expect(page.get_by_text("2 selected", exact=True)).to_be_visible()
    chosen(page, "Add to list", "List", "VIP customers")
    expect(page.get_by_text("2 contacts were added to “VIP customers”.")).to_be_visible()
    expect(page.get_by_text("2 selected", exact=True)).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 contacts.")).to_be_visible()
    page.get_by_role("button", name="Close the outcome").click()
    expect(page.get_by_text("Undone for 2 contacts.")).to_be_hidden()


def test_everybody_who_matches_is_changed_in_the_background(page: Page) -> None:
    opened(page, "/contacts?search=aiko")
    count = page.get_by_text(re.compile(r"^[\d,]+ contacts$")).first.inner_text()
    page.get_by_role("checkbox", name="Select all on this page").press("Space")
    page.get_by_role("button", name=f"Select all {count}").click()
    expect(page.get_by_text(f"All {count} selected")).to_be_visible()
    chosen(page, "Set time zone", "Time zone", "Asia/Tokyo")
    expect(page.get_by_text(f"The time zone of {count} is now Asia/Tokyo.")).to_be_visible()
    expect(page.get_by_role("cell", name="Tokyo")).to_have_count(25)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"Undone for {count}.")).to_be_visible()
    page.get_by_role("button", name="Close the outcome").click()


def test_what_hurts_is_asked_about_and_undone_where_it_can_be(page: Page) -> None:
    page.goto("/contacts")
    page.get_by_role("button", name="Add contact").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Phone").fill("(415) 555-0188")
    form.get_by_label("First name").fill("Bulkina")
    form.get_by_role("button", name="Save contact").click()
    expect(page.get_by_role("heading", name="Bulkina")).to_be_visible()
    opened(page, "/contacts?search=bulkina")
    page.get_by_role("checkbox", name="Select Bulkina").press("Space")
    page.get_by_role("button", name="Opt out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Opt out 1 contact?")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("")
    dialog.get_by_role("button", name="Opt out").click()
    expect(dialog.get_by_text("Say why, such as")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("Asked at the till")
    dialog.get_by_role("button", name="Opt out").click()
    expect(page.get_by_text("1 contact was opted out.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 contact.")).to_be_visible()
    expect(page.get_by_role("row", name="Bulkina").get_by_text("Can be texted")).to_be_visible()
    page.get_by_role("checkbox", name="Select Bulkina").press("Space")
    page.get_by_role("button", name="Delete contacts").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete contacts").click()
    expect(page.get_by_text("1 contact was deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    expect(page.get_by_role("heading", name="No contacts match")).to_be_visible()
    page.get_by_role("button", name="Close the outcome").click()


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_change_many(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, "/contacts?search=aiko")
    page.get_by_role("table", name="Contacts").get_by_role("checkbox").nth(1 if width > 800 else 0).press(
        "Space"
    )
    expect(page.get_by_text("1 selected", exact=True)).to_be_visible()
    axe_day_and_night(page)
    fits(page)
    page.get_by_role("button", name="Set field").click()
    expect(page.get_by_role("dialog").get_by_label("Field name")).to_be_visible()
    axe_day_and_night(page)
