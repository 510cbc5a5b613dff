"""Opting out and answering, in a browser: the inbox, the review list and the suppression list."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe


def test_one_reads_and_answers_a_reply(page: Page) -> None:
    page.goto("/inbox")
    main = page.get_by_role("navigation", name="Main")
    link = main.get_by_role("link", name="Inbox")
    expect(link).to_have_accessible_description(re.compile("unread conversation"))
    page.get_by_role("searchbox", name="Search conversations").fill("Saturday")
    expect(page).to_have_url(re.compile("search=Saturday"))
    page.get_by_role("region", name="Conversations").get_by_role(
        "button", name="What time do you open"
    ).click()
    expect(page).to_have_url(re.compile(r"c=\d+"))
    answer = page.get_by_role("textbox", name="Answer")
    expect(page.get_by_role("button", name="Send answer")).to_be_disabled()
    answer.fill("From nine to five.")
    page.get_by_role("button", name="Send answer").click()
    texts = page.get_by_role("list", name="Texts")
    expect(texts).to_contain_text("From nine to five.")
    expect(texts.get_by_role("listitem").filter(has_text="From nine")).to_contain_text("Delivered")
    page.reload()
    expect(texts).to_contain_text("From nine to five.")


def test_who_opted_out_can_not_be_answered(page: Page) -> None:
    page.goto("/inbox?search=stop")
    page.get_by_role("region", name="Conversations").get_by_role("button", name="Opted out").first.click()
    expect(page.get_by_role("region", name="Conversation", exact=True)).to_contain_text("Opted out since")
    expect(page.get_by_role("textbox", name="Answer")).to_be_hidden()


def test_a_wish_in_plain_words_is_reviewed(page: Page) -> None:
    page.goto("/suppressions")
    page.get_by_role("tab", name="To review").click()
    expect(page).to_have_url(re.compile("tab=review"))
    queue = page.get_by_role("list", name="Opt-outs to review")
    item = queue.get_by_role("listitem").filter(has_text="I never signed up for this")
    expect(item).to_contain_text("business days left")
    item.get_by_role("button", name=re.compile("Undo hold")).click()
    expect(page.locator(".notices")).to_contain_text("can be texted again")
    expect(item).to_have_count(0)


def test_numbers_are_added_imported_exported_and_lifted(page: Page, tmp_path: Path) -> None:
    page.goto("/suppressions")
    page.get_by_role("button", name="Add number").click()
    dialog = page.get_by_role("dialog", name="Add number")
    dialog.get_by_label("Phone number").fill("12")
    dialog.get_by_role("button", name="Add number").click()
    expect(dialog).to_contain_text("is too short")
    dialog.get_by_label("Phone number").fill("(415) 555-0177")
    dialog.get_by_role("button", name="Add number").click()
    table = page.get_by_role("table", name="Suppressed numbers")
    expect(table).to_contain_text("+1 415-555-0177")

    page.get_by_role("button", name="Import").click()
    given = tmp_path / "old.csv"
    given.write_text("phone,reason\n+14155550178,=asked\n12,x\n")
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(given)
    report = page.get_by_role("dialog", name="Import suppressions")
    expect(report).to_contain_text("1 number added")
    expect(report).to_contain_text("is too short")
    report.get_by_role("button", name="Close").click()
    expect(table).to_contain_text("+1 415-555-0178")

    with page.expect_download() as download:
        page.get_by_role("link", name="for spreadsheets").click()
    exported = Path(download.value.path()).read_text()
    assert "'+14155550178,'=asked,Imported," in exported

    page.get_by_role("button", name="Lift suppression of +1 415-555-0177").click()
    asked = page.get_by_role("dialog")
    lift = asked.get_by_role("button", name="Lift suppression")
    expect(lift).to_be_disabled()
    asked.get_by_role("checkbox").click()
    expect(lift).to_be_enabled()
    lift.click()
    expect(table).not_to_contain_text("+1 415-555-0177")


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_them(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/suppressions")
    expect(page.get_by_role("table", name="Suppressed numbers")).to_be_visible()
    axe_day_and_night(page)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("dialog", name="Import suppressions")).to_be_visible()
    axe_day_and_night(page)
    page.goto("/suppressions?tab=review")
    expect(page.get_by_role("list", name="Opt-outs to review")).to_be_visible()
    axe_day_and_night(page)
    page.goto("/inbox")
    page.get_by_role("region", name="Conversations").get_by_role("button").first.click()
    expect(page.get_by_role("list", name="Texts")).to_be_visible()
    axe_day_and_night(page)
