import re

from playwright.sync_api import Page, expect

from domain.details import ACKNOWLEDGMENT
from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits

NEW = "/campaigns/sms/new"


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=option).click()
    expect(page.get_by_role("option")).to_have_count(0)


def start_fresh(page: Page) -> None:
    """The demo owner's form remembers what an earlier test typed."""
    page.goto(NEW)
    expect(page.get_by_role("button", name="Save Campaign")).to_be_visible()
    over = page.get_by_role("button", name="Start over")
    if over.is_visible():
        over.click()
        expect(over).to_be_hidden()


def fill(page: Page, name: str) -> None:
    page.get_by_label("Campaign Name").fill(name)
    choose(page, "Send As Number", "Main number")
    choose(page, "Contact List", "VIP customers")
    page.get_by_role("checkbox", name=ACKNOWLEDGMENT).check()


def test_a_campaign_is_made_and_its_messages_follow(page: Page) -> None:
    start_fresh(page)
    save = page.get_by_role("button", name="Save Campaign")
    expect(save).to_be_disabled()
    expect(page.get_by_text("Still missing: Campaign Name, Send As Number")).to_be_visible()
    expect(page.get_by_label("Campaign Owner")).to_have_value("Ada Park")
    fill(page, "Early birds")
    expect(save).to_be_enabled()
    save.click()
    expect(page).to_have_url(re.compile(r"/campaigns/sms/\d+/messages$"))
    page.goto(page.url.replace("messages", "details"))
    expect(page.get_by_label("Campaign Name")).to_have_value("Early birds")
    expect(page.get_by_role("checkbox", name=ACKNOWLEDGMENT)).to_be_checked()


def test_each_field_is_found_by_its_label(page: Page) -> None:
    start_fresh(page)
    for label in ("Campaign Name", "Channel", "Send As Number", "Contact List", "Campaign Owner"):
        expect(page.get_by_label(label)).to_have_count(1)
    for select in ("Channel", "Send As Number", "Contact List", "Campaign Owner"):
        expect(page.get_by_role("combobox", name=select, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Channel")).to_have_value("SMS")
    expect(
        page.get_by_role("listitem").filter(has_text="Campaign Details").locator("[aria-current=step]")
    ).to_be_visible()


def test_a_list_is_found_by_typing(page: Page) -> None:
    start_fresh(page)
    page.get_by_role("combobox", name="Contact List").press_sequentially("spring")
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("option", name="Spring leads · 1,200 contacts").click()
    expect(page.get_by_label("Contact List")).to_have_value("Spring leads · 1,200 contacts")


def test_a_taken_name_is_told_while_typing(page: Page) -> None:
    start_fresh(page)
    page.get_by_label("Campaign Name").fill("  WELCOME   series ")
    expect(page.get_by_text("Another campaign already has this name.")).to_be_visible()
    expect(page.get_by_label("Campaign Name")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Campaign Name").fill("Welcome series, again")
    expect(page.get_by_text("Another campaign already has this name.")).to_be_hidden()


def test_what_was_typed_survives_a_reload(page: Page) -> None:
    start_fresh(page)
    page.get_by_label("Campaign Name").fill("Half a thought")
    choose(page, "Contact List", "Spring leads")
    expect(page.get_by_text("Still missing: Send As Number, Opt-In Acknowledgment.")).to_be_visible()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.reload()
    expect(page.get_by_text("We kept what you typed.")).to_be_visible()
    expect(page.get_by_label("Campaign Name")).to_have_value("Half a thought")
    expect(page.get_by_label("Contact List")).to_have_value("Spring leads · 1,200 contacts")
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_label("Campaign Name")).to_have_value("")


def test_what_was_typed_while_the_server_is_away_is_typed_again(page: Page) -> None:
    start_fresh(page)
    page.get_by_label("Campaign Name").fill("Before")
    choose(page, "Contact List", "Spring leads")
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.evaluate("socket.disconnect()")
    fill(page, "Before, and while it was away")
    page.reload()
    expect(page.get_by_label("Campaign Name")).to_have_value("Before, and while it was away")
    expect(page.get_by_label("Send As Number")).to_have_value(re.compile("Main number"))
    expect(page.get_by_label("Contact List")).to_have_value(re.compile("VIP customers"))
    expect(page.get_by_role("checkbox", name=ACKNOWLEDGMENT)).to_be_checked()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.get_by_label("Campaign Name").press("Tab")  # it waits a moment for more to be typed
    page.get_by_role("button", name="Save Campaign").click()
    expect(page).to_have_url(re.compile(r"/campaigns/sms/\d+/messages$"))
    page.goto(page.url.replace("messages", "details"))
    expect(page.get_by_label("Campaign Name")).to_have_value("Before, and while it was away")
    page.goto(NEW)
    expect(page.get_by_text("Still missing: Campaign Name, Send As Number")).to_be_visible()
    expect(page.get_by_label("Campaign Name")).to_have_value("")
    expect(page.get_by_role("checkbox", name=ACKNOWLEDGMENT)).not_to_be_checked()


def test_a_scheduled_campaign_is_locked_and_leads_to_its_messages(page: Page, axe: CheckAxe) -> None:
    page.goto("/campaigns/sms?search=VIP+preview")
    page.get_by_role("link", name="VIP preview night").click()
    expect(page).to_have_url(re.compile("/messages$"))
    page.goto(page.url.replace("messages", "details"))
    expect(page.get_by_text("Details are locked once a campaign is scheduled.")).to_be_visible()
    expect(page.get_by_label("Campaign Name")).not_to_be_editable()
    expect(page.get_by_role("checkbox", name=ACKNOWLEDGMENT)).to_be_disabled()
    expect(page.get_by_role("button", name="Save Campaign")).to_have_count(0)
    axe(page)
    page.get_by_role("link", name="Go to Messages").click()
    expect(page).to_have_url(re.compile("/messages$"))


def test_restart_shows_who_has_what_and_leads_to_the_schedule(page: Page, axe: CheckAxe) -> None:
    page.goto("/campaigns/sms?search=Loyalty")
    page.get_by_role("button", name="More actions for Loyalty points expiring").click()
    page.get_by_role("menuitem", name="Restart Campaign").click()
    expect(page).to_have_url(re.compile(r"/details$"))
    expect(page.get_by_role("heading", name="Who already has which message")).to_be_visible()
    expect(page.get_by_text("already have it.")).to_be_visible()
    expect(page.get_by_label("Campaign Name")).not_to_be_editable()
    axe(page)
    page.get_by_role("button", name="Continue to the message schedule").click()
    expect(page).to_have_url(re.compile("/messages$"))


def test_an_unknown_campaign_says_so(page: Page) -> None:
    page.goto("/campaigns/sms/999999/details")
    expect(page.get_by_text("This campaign does not exist.")).to_be_visible()


def test_everyone_can_use_it_light_dark_and_on_a_phone(page: Page, axe: CheckAxe) -> None:
    start_fresh(page)
    axe(page)
    page.emulate_media(color_scheme="dark")
    page.get_by_label("Campaign Name").fill("Welcome series")
    expect(page.get_by_text("Another campaign already has this name.")).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    fits(page)
