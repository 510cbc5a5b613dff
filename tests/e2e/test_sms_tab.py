import re

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.details import ACKNOWLEDGMENT
from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits

TAB = "/campaigns/sms"
HEADERS = ("Status", "Campaign Name", "Start Date", "Created By", "# of Messages", "Contact List")


def open_tab(page: Page, query: str = "") -> Locator:
    page.goto(f"{TAB}{query}")
    expect(page.get_by_text(re.compile(r"^[\d,]+ campaigns?$"))).to_be_visible()
    return page.get_by_role("table", name="SMS campaigns")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def make(page: Page, name: str) -> None:
    page.goto("/campaigns/sms/new")
    page.get_by_label("Campaign Name").fill(name)
    for field, option in (("Send As Number", "Main number"), ("Contact List", "VIP customers")):
        page.get_by_role("combobox", name=field).click()
        page.get_by_role("option", name=option).click()
        expect(page.get_by_role("option")).to_have_count(0)
    page.get_by_role("checkbox", name=ACKNOWLEDGMENT).check()
    page.get_by_role("button", name="Save Campaign").click()
    expect(page).to_have_url(re.compile("/messages$"))


def test_the_table_shows_every_campaign_but_archived_ones(page: Page) -> None:
    table = open_tab(page)
    expect(page.get_by_role("heading", name="Campaigns", level=1)).to_be_visible()
    expect(page.get_by_role("tab", name="SMS")).to_have_attribute("aria-selected", "true")
    for header in HEADERS:
        expect(table.get_by_role("columnheader", name=header)).to_be_visible()
    expect(row(page, "Welcome series")).to_contain_text("Completed")
    expect(row(page, "Holiday hours")).to_contain_text("Not scheduled")
    expect(row(page, "Summer clearance")).to_have_count(0)


def test_every_header_sorts_by_mouse_and_by_keyboard(page: Page) -> None:
    table = open_tab(page)
    for header in HEADERS:
        cell = table.get_by_role("columnheader", name=header)
        cell.click()
        expect(cell).to_have_attribute("aria-sort", re.compile("ending$"))
    name = table.get_by_role("columnheader", name="Campaign Name")
    name.get_by_role("button").press("Enter")
    expect(name).to_have_attribute("aria-sort", "ascending")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Black Friday")
    name.get_by_role("button").press("Enter")
    expect(name).to_have_attribute("aria-sort", "descending")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Welcome series")
    expect(page).to_have_url(re.compile("sort=-name"))


def test_search_and_filters_are_in_the_address_and_come_back(page: Page) -> None:
    open_tab(page)
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search campaigns")
    expect(search).to_be_focused()
    search.fill("e")
    page.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="Archived").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 campaign", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("search=e&status=archived"))
    page.reload()
    expect(search).to_have_value("e")
    expect(row(page, "Summer clearance")).to_contain_text("Archived")
    page.get_by_role("link", name="Summer clearance").click()
    expect(page).to_have_url(re.compile(r"/campaigns/sms/\d+"))
    page.go_back()
    expect(search).to_have_value("e")
    expect(row(page, "Summer clearance")).to_be_visible()
    page.get_by_role("button", name="Remove filter Status: Archived").click()
    expect(row(page, "Welcome series")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).to_have_url(re.compile("/campaigns/sms$"))
    expect(search).to_have_value("")


def test_going_to_campaigns_again_takes_the_filters_away(page: Page) -> None:
    open_tab(page, "?search=webinar")
    page.get_by_role("searchbox", name="Search campaigns").fill("welcome")
    expect(row(page, "Welcome series")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click()
    expect(row(page, "Holiday hours")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search campaigns")).to_have_value("")


def test_the_line_filters(page: Page) -> None:
    open_tab(page)
    page.get_by_role("combobox", name="SMS line").click()
    page.get_by_role("option", name="Support line").click()
    expect(page.get_by_text("2 campaigns", exact=True)).to_be_visible()
    expect(row(page, "Customer survey")).to_be_visible()


def test_a_typed_day_filters_and_a_bad_one_is_explained(page: Page) -> None:
    open_tab(page)
    first = page.get_by_role("textbox", name="Start date from")
    first.fill("2026-02-30")
    first.press("Enter")
    expect(page.get_by_text("2026-02-30 is not in the calendar.")).to_be_visible()
    expect(first).to_have_value("2026-02-30")
    first.fill("2099-01-01")
    expect(page.get_by_text("No campaigns match")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(row(page, "Welcome series")).to_be_visible()


def test_the_menu_works_by_keyboard_and_asks_before_it_deletes(page: Page) -> None:
    open_tab(page)
    opener = page.get_by_role("button", name="More actions for Holiday hours")
    opener.press("Enter")
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(items).to_have_text(
        [
            re.compile(name)
            for name in ("Edit Campaign", "Clone Campaign", "Archive Campaign", "Delete Campaign")
        ]
    )
    page.keyboard.press("d")
    expect(items.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    page.get_by_role("menuitem", name="Delete Campaign").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete Campaign")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(row(page, "Holiday hours")).to_be_visible()


def test_archiving_can_be_taken_back(page: Page) -> None:
    open_tab(page)
    page.get_by_role("button", name="More actions for Black Friday early access").click()
    page.get_by_role("menuitem", name="Archive Campaign").click()
    expect(row(page, "Black Friday early access")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    page.reload()
    expect(row(page, "Black Friday early access")).to_be_visible()


def test_a_running_row_moves_while_a_menu_stays_open_and_keeps_the_focus(page: Page) -> None:
    table = open_tab(page, "?status=running")
    progress = table.get_by_role("progressbar").first
    page.get_by_role("button", name="More actions for Cyber Monday").first.click()
    item = page.get_by_role("menuitem", name="Pause Campaign")
    expect(item).to_be_focused()
    before = progress.get_attribute("aria-valuetext") or ""
    expect(progress).not_to_have_attribute("aria-valuetext", before)
    expect(item).to_be_focused()
    expect(table.get_by_text(re.compile(r"\d+/s"))).to_be_visible()


LONG = "Sommerschlussverkauf" * 4 + " und noch einiges mehr dazu"
RIGHT_TO_LEFT = "עסקאות סוף השבוע"


@pytest.mark.parametrize("width", [1280, 1440, 390])
def test_long_and_right_to_left_names_stay_inside(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in (LONG, RIGHT_TO_LEFT):
        make(page, f"{name} {width}")
    open_tab(page, "?sort=name")
    expect(page.get_by_role("link", name=f"{RIGHT_TO_LEFT} {width}")).to_be_visible()
    fits(page)


def test_everyone_can_use_it_light_dark_and_on_a_phone(page: Page, axe: CheckAxe) -> None:
    open_tab(page)
    axe(page)
    page.get_by_role("button", name="More actions for Holiday hours").click()
    expect(page.get_by_role("menuitem", name="Delete Campaign")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="dark")
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="Filters")).to_be_visible()
    expect(page.get_by_role("combobox", name="Status")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("combobox", name="Status")).to_be_visible()
    axe(page)
    fits(page)


def test_cards_are_sorted_by_a_choice(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    table = open_tab(page)
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Sort by").click()
    page.get_by_role("option", name="Name, A to Z").click()
    expect(table.get_by_role("row").first).to_contain_text("Black Friday")


def test_c_creates(page: Page) -> None:
    open_tab(page)
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/campaigns/sms/new$"))
