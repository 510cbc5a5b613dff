"""The results page in a real browser, on the demo's campaigns; one of them is always running."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CheckAxe
from tests.wait import until

WELCOME, DRAFT, STOPPED = 1, 5, 6
FIRST_LIVE, LAST_LIVE = 10, 60


def visit(page: Page, cid: object) -> None:
    page.goto(f"/campaigns/sms/{cid}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def rail(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Campaign Status & Actions")


def bar(page: Page, position: int = 1) -> Locator:
    return page.get_by_role("button", name=f"Deliverability results for message {position}")


def delivered(page: Page) -> int:
    found = re.search(r"([\d,]+) of [\d,]+ delivered", bar(page).inner_text())
    return int(found[1].replace(",", "")) if found else 0


def open_running(page: Page) -> None:
    """Open the campaign that runs; the demo makes a new one within seconds when it is over."""

    def found() -> bool:
        for cid in range(FIRST_LIVE, LAST_LIVE):
            visit(page, cid)
            if page.get_by_text("This campaign does not exist").count():
                return False
            is_live = page.get_by_role("heading", level=1, name="Cyber Monday").count()
            if is_live and rail(page).get_by_role("status").inner_text() == "Running" and delivered(page):
                return True
        return False

    until(found, 60, "a running campaign")


def test_bars_move_in_every_open_browser_without_a_reload(page: Page, new_context) -> None:  # type: ignore[no-untyped-def]
    open_running(page)
    other = new_context().new_page()
    other.goto(page.url)
    expect(bar(other)).to_be_visible()
    for one in (page, other):
        one.evaluate("window.stillHere = true")
        expect(bar(one)).not_to_contain_text(f"{delivered(one):,} of")
        assert one.evaluate("window.stillHere")


def test_an_open_breakdown_and_the_focus_survive_the_pushes(page: Page) -> None:
    open_running(page)
    bar(page).click()
    expect(bar(page)).to_have_attribute("aria-expanded", "true")
    count = page.get_by_role("button", name=re.compile(r"^[\d,]+ delivered, show people"))
    count.focus()
    expect(count).not_to_have_text(count.inner_text())
    expect(count).to_be_focused()
    expect(bar(page)).to_have_attribute("aria-expanded", "true")


def test_the_breakdown_sums_to_the_total(page: Page) -> None:
    visit(page, WELCOME)
    bar(page).press("Enter")
    table = page.get_by_role("table", name="Deliveries of message 1 by state")
    expect(table.get_by_role("rowheader", name="Delivered The carrier confirmed")).to_be_visible()
    numbers = [int(text.replace(",", "")) for text in table.get_by_role("button").all_inner_texts()]
    total = table.get_by_role("row", name="Total").get_by_role("cell").first
    assert f"{sum(numbers):,}" == total.inner_text() == "1,200"
    said = "The phone could not be reached"
    timeline = page.get_by_role("region", name="Message Timeline")
    expect(timeline.get_by_text(said)).to_be_visible()
    charts = page.get_by_role("region", name="Charts")
    expect(charts.get_by_text(said)).to_be_visible()
    delivered = charts.get_by_role("table", name="Progress over time").get_by_role("row").last
    expect(delivered.get_by_role("cell").first).not_to_have_text("0")
    expect(page.get_by_text("are unconfirmed.")).to_be_visible()


def test_hover_and_focus_show_the_summary(page: Page) -> None:
    visit(page, WELCOME)
    summary = page.get_by_role("tooltip")
    expect(bar(page)).to_have_accessible_description(re.compile(r"^1,167 of 1,200 delivered, 97\.3 %\. "))
    bar(page, 2).hover()
    expect(summary).to_contain_text("Undelivered")
    page.get_by_role("heading", level=1).hover()
    expect(summary).to_be_hidden()
    page.get_by_role("link", name="Campaigns").last.focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if summary.is_visible():
            break
    expect(summary).to_contain_text("Delivered")
    page.keyboard.press("Escape")
    expect(summary).to_be_hidden()


def test_the_people_behind_a_number_are_found_by_name_and_number(page: Page) -> None:
    visit(page, WELCOME)
    bar(page).click()
    count = page.get_by_role("button", name="undelivered, The phone could not be reached, show people")
    count.click()
    people = page.get_by_role("dialog", name="Message 1 · The phone could not be reached")
    rows = people.get_by_role("table").get_by_role("row")
    expect(people.get_by_role("status")).to_have_text("1–11 of 11")
    name, number = rows.nth(1).get_by_role("rowheader").inner_text(), rows.nth(1).get_by_role("cell").first
    search = people.get_by_label("Search by name or number")
    expect(search).to_be_focused()
    digits = number.inner_text()
    search.fill(digits)
    expect(people.get_by_role("status")).to_have_text("1 person found")
    expect(rows.nth(1)).to_contain_text(name)
    search.fill(name.split()[-1].upper())
    expect(people.get_by_role("table")).to_contain_text(digits)
    search.fill("nobody is called so")
    expect(people.get_by_text("Nobody here matches")).to_be_visible()
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(count).to_be_focused()


def test_people_are_paged(page: Page) -> None:
    visit(page, WELCOME)
    bar(page).click()
    page.get_by_role("button", name="1,167 delivered, show people").click()
    people = page.get_by_role("dialog")
    expect(people.get_by_role("button", name="Previous")).to_be_disabled()
    people.get_by_role("button", name="Next").click()
    expect(people.get_by_role("status")).to_have_text("26–50 of 1,167")
    people.get_by_role("button", name="Previous").click()
    expect(people.get_by_role("status")).to_have_text("1–25 of 1,167")


def test_a_stop_shows_in_another_open_page_and_restart_leads_to_the_details(page: Page, new_context) -> None:  # type: ignore[no-untyped-def]
    open_running(page)
    other = new_context().new_page()
    other.goto(page.url)
    expect(rail(other).get_by_role("status")).to_have_text("Running")
    rail(page).get_by_role("button", name="Stop Campaign").click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Cancel").click()
    expect(rail(page).get_by_role("status")).to_have_text("Running")
    rail(page).get_by_role("button", name="Stop Campaign").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop Campaign").click()
    expect(rail(other).get_by_role("status")).to_have_text("Stopped")
    expect(other.get_by_text("canceled before being sent")).to_be_visible()
    expect(rail(other).get_by_role("button", name="Stop Campaign")).to_be_hidden()
    rail(page).get_by_role("button", name="Restart Campaign").click()
    page.wait_for_url("**/details")


def test_a_draft_and_a_campaign_that_is_not_there_are_told(page: Page) -> None:
    visit(page, DRAFT)
    expect(page.get_by_text("Not scheduled yet")).to_be_visible()
    rail = page.get_by_role("complementary", name="Campaign Status & Actions")
    expect(rail.get_by_role("status")).to_have_text("Draft")
    expect(rail.get_by_role("button", name="Edit Campaign")).to_be_visible()
    visit(page, "nonsense")
    expect(page.get_by_text("This campaign does not exist.")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_it(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, STOPPED)
    axe_day_and_night(page)
    bar(page).click()
    expect(page.get_by_role("table").first).to_be_visible()
    axe_day_and_night(page)
    page.get_by_role("button", name="canceled, show people").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("of 720")
    axe_day_and_night(page)
