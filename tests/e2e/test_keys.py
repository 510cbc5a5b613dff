"""The keyboard alone: shortcuts with their help, the tour, and everything that a campaign needs."""

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.test_story import ACKNOWLEDGMENT, soon, status

MOST_TABS = 150


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until the control has the focus, as somebody without a mouse does."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate(
            "node => node === document.activeElement || node.contains(document.activeElement)"
        ):
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab never came to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def choose(page: Page, label: str, option: str) -> None:
    tab_to(page, page.get_by_role("combobox", name=label))
    page.keyboard.press("ArrowDown")
    wanted = page.get_by_role("option", name=re.compile(option))
    expect(wanted).to_be_visible()
    for _ in range(40):
        active = page.locator("[role=option].q-manual-focusable--focused")
        if active.count() and re.search(option, active.first.inner_text()):
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")  # where several can be chosen the list stays open
            expect(wanted).to_be_hidden()
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no arrow came to {option}")


def test_keys_lead_everywhere_and_a_dialog_lists_them(page: Page, axe: CheckAxe) -> None:
    page.goto("/campaigns/sms")
    expect(page.get_by_role("table", name="SMS campaigns").get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Go to contacts")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    for key, path in (
        ("p", "/contacts"),
        ("l", "/lists"),
        ("s", "/suppressions"),
        ("i", "/inbox"),
        ("c", "/campaigns/sms"),
    ):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(f"{path}$"))
        expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search campaigns")).to_be_focused()
    page.keyboard.type("?g")  # typed, not obeyed
    expect(page.get_by_role("searchbox", name="Search campaigns")).to_have_value("?g")
    expect(keys).to_be_hidden()


def test_the_tour_is_offered_taken_by_keys_and_not_offered_again(page: Page, axe: CheckAxe) -> None:
    page.goto("/lists")
    press(page, page.get_by_role("button", name="Take the tour"))
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_contain_text("1 of 6")
    axe(page)
    for place in range(2, 7):
        page.keyboard.press("n")
        expect(tour).to_contain_text(f"{place} of 6")
    page.keyboard.press("b")
    expect(tour).to_contain_text("5 of 6")
    expect(page).to_have_url(re.compile("/inbox$"))
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(page.get_by_role("button", name="Take the tour")).to_be_hidden()


def test_a_campaign_is_made_run_stopped_and_restarted_by_keyboard_alone(page: Page) -> None:
    page.goto("/campaigns/sms")
    table = page.get_by_role("table", name="SMS campaigns")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("c")
    name = page.get_by_label("Campaign Name")
    tab_to(page, name)
    page.keyboard.type("Keys only")
    choose(page, "Send As Number", "Short code")
    choose(page, "Contact List", "VIP customers")
    choose(page, "Campaign Owner", "Bo Lind")
    press(page, page.get_by_role("checkbox", name=ACKNOWLEDGMENT), "Space")
    save = page.get_by_role("button", name="Save Campaign")
    expect(save).to_be_enabled()
    press(page, save)
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/messages$"))
    when = soon() + timedelta(days=1)
    press(page, page.get_by_role("button", name="Add Message"))
    message = page.get_by_role("region", name="Message 1", exact=True).or_(
        page.get_by_role("group", name="Message 1", exact=True)
    )
    tab_to(page, message.get_by_role("textbox", name="Message text"))
    page.keyboard.type("Hello. Reply STOP to opt out.")
    for label, text in (("Send date", f"{when:%Y-%m-%d}"), ("Send time", f"{when:%H:%M}")):
        tab_to(page, message.get_by_role("textbox", name=label))
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Schedule Campaign")
    expect(button).to_be_enabled()
    press(page, button)
    confirm = page.get_by_role("button", name="Confirm and schedule")
    expect(confirm).to_be_enabled()
    press(page, confirm)
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+$"))
    expect(status(page)).to_have_text("Scheduled")
    bar = page.get_by_role("button", name="Deliverability results for message 1")
    press(page, bar)
    expect(bar).to_have_attribute("aria-expanded", "true")
    press(page, page.get_by_role("button", name="Stop Campaign"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="Stop Campaign"))
    expect(status(page)).to_have_text("Stopped")
    press(page, page.get_by_role("button", name="Restart Campaign"))
    expect(page).to_have_url(re.compile(r"/details$"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/campaigns/sms$"))
    head = table.get_by_role("columnheader", name="Campaign Name")
    press(page, head.get_by_role("button"))
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("/")
    page.keyboard.type("keys only")
    expect(table.get_by_role("row")).to_have_count(2)
    press(page, page.get_by_role("button", name="More actions for Keys only"))
    item = page.get_by_role("menuitem", name="Archive Campaign")
    expect(item).to_be_visible()
    for _ in range(8):
        if item.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No campaigns match")).to_be_visible()
    choose(page, "Status", "^Archived")
    expect(
        table.get_by_role("link", name="Keys only").or_(table.get_by_text("Keys only")).first
    ).to_be_visible()
