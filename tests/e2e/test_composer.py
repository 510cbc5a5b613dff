"""Writing a campaign's messages and scheduling them, as a person does it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from ui.web import UPLOAD_CAP

CheckAxe = Callable[[Page], None]
MINE, LOCKED = "Webinar reminder", "VIP preview night"


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    return made.getvalue()


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def in_days(days: int) -> str:
    return f"{datetime.now(ZoneInfo('America/New_York')) + timedelta(days=days):%Y-%m-%d}"


@pytest.fixture
def draft(page: Page) -> Page:
    """The page of a new draft without messages: a clone of the demo's, emptied."""
    page.goto("/campaigns/sms")
    page.get_by_role("button", name=f"More actions for {MINE}", exact=True).click()
    page.get_by_role("menuitem", name="Clone Campaign").click()
    page.wait_for_url(re.compile(r"/campaigns/sms/\d+/details"))
    page.goto(page.url.replace("/details", "/messages"))
    message(page, 1).get_by_role("button", name="Remove message").click()
    expect(page.get_by_text("No messages yet")).to_be_visible()
    return page


def message(page: Page, number: int) -> Locator:
    return page.get_by_role("region", name=f"Message {number}", exact=True)


def write(page: Page, number: int, text: str, date: str = "", time: str = "") -> Locator:
    page.get_by_role("button", name="Add Message").click()
    card = message(page, number)
    card.get_by_role("textbox", name="Message text").fill(text)
    card.get_by_role("textbox", name="Send date").fill(date)
    card.get_by_role("textbox", name="Send time").fill(time)
    card.get_by_role("textbox", name="Send time").blur()
    return card


def saved(page: Page) -> None:
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_two_messages_are_written_reviewed_and_scheduled(draft: Page, axe: CheckAxe) -> None:
    schedule = draft.get_by_role("button", name="Schedule Campaign")
    expect(schedule).to_be_disabled()
    expect(draft.get_by_text("Add a message first.")).to_be_visible()

    first = write(draft, 1, "Hello there. Reply STOP to opt out.", in_days(3), "9:30 pm")
    expect(first.get_by_role("textbox", name="Send time")).to_have_value("21:30")
    expect(first.get_by_text("1 segment · GSM-7 · 125 characters left")).to_be_visible()
    second = write(draft, 2, "Still there?")
    expect(schedule).to_be_disabled()
    expect(draft.get_by_text("Message 2: Choose a send date and a send time.")).to_be_visible()
    second.get_by_label("Send date").fill(in_days(4))
    second.get_by_label("Send time").fill("09:30")
    expect(schedule).to_be_enabled()
    expect(draft.get_by_role("group", name="Preview on a phone").get_by_text("Still there?")).to_be_visible()
    axe(draft)

    schedule.click()
    dialog = draft.get_by_role("dialog", name="Review campaign")
    expect(dialog.get_by_text("Listed on Spring leads")).to_be_visible()
    expect(dialog.get_by_text("Message 2", exact=True)).to_be_visible()
    expect(dialog.get_by_text("Total cost")).to_be_visible()
    axe(draft)
    dialog.get_by_role("button", name="Back to messages").click()
    expect(dialog).to_be_hidden()

    schedule.click()
    dialog.get_by_role("button", name="Confirm and schedule").click()
    expect(draft).to_have_url(re.compile(r"/campaigns/sms/\d+$"))
    expect(draft.get_by_text("is scheduled.")).to_be_visible()


def test_an_emoji_goes_to_the_cursor_and_costly_characters_are_replaced(draft: Page) -> None:
    card = write(draft, 1, "It’s on")
    field = card.get_by_role("textbox", name="Message text")
    expect(card.get_by_text("1 segment · UCS-2 · 63 characters left")).to_be_visible()
    expect(card.get_by_text("right single quotation mark")).to_be_visible()
    card.get_by_role("button", name="Replace").click()
    expect(field).to_have_value("It's on")
    expect(card.get_by_text("1 segment · GSM-7 · 153 characters left")).to_be_visible()
    field.focus()
    field.press("Home")
    card.get_by_role("button", name="Insert emoji").click()
    draft.get_by_role("searchbox", name="Search emoji").fill("waving hand")
    draft.get_by_role("dialog", name="Insert emoji").get_by_role("button", name="waving hand").first.click()
    expect(field).to_have_value("👋It's on")
    saved(draft)
    draft.reload()
    expect(message(draft, 1).get_by_role("textbox", name="Message text")).to_have_value("👋It's on")


def test_attachments_are_judged_by_their_content(draft: Page, tmp_path: Path) -> None:
    card = write(draft, 1, "")
    adder = card.get_by_label("Add attachments")
    adder.set_input_files([file("shop.png", picture()), file("setup.png", b"MZ" + b"\0" * 2000)])
    expect(card.get_by_role("button", name="Remove shop.png")).to_be_visible()
    expect(card.get_by_text("setup.png: This file is not a JPEG, PNG or GIF image.")).to_be_visible()
    huge = tmp_path / "huge.png"
    huge.write_bytes(picture() + b"\0" * 30_000_000)
    adder.set_input_files(huge)
    expect(card.get_by_text("huge.png: This file has 30.0 MB; at most 25.0 MB can be sent.")).to_be_visible()
    preview = draft.get_by_role("group", name="Preview on a phone").get_by_role("img", name="shop.png")
    expect(preview).to_be_visible()
    answer = draft.request.get(preview.get_attribute("src") or "")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert draft.request.get("/media/1.2.nonsense").status == 404
    draft.reload()
    card.get_by_role("button", name="Remove shop.png").click()
    expect(card.get_by_role("button", name="Remove shop.png")).to_be_hidden()


def test_a_file_that_was_removed_can_be_added_again(draft: Page) -> None:
    card = write(draft, 1, "")
    adder = card.get_by_label("Add attachments")
    remove = card.get_by_role("button", name="Remove shop.png")
    adder.set_input_files(file("shop.png", picture()))
    expect(remove).to_be_visible()
    adder.set_input_files(file("shop.png", picture()))
    expect(card.get_by_text("shop.png: This file is already here.")).to_be_visible()
    remove.click()
    expect(remove).to_be_hidden()
    adder.set_input_files(file("shop.png", picture()))
    expect(remove).to_be_visible()


def test_a_time_that_makes_no_sense_is_explained_when_it_is_left_by_tab(draft: Page) -> None:
    time = write(draft, 1, "Hello").get_by_role("textbox", name="Send time")
    time.fill("25:00")
    time.press("Tab")
    expect(draft.get_by_text("25:00 is not a time of day. Write the time as 09:30").first).to_be_visible()
    expect(time).to_have_attribute("aria-invalid", "true")


def test_when_a_message_expires_is_chosen_and_kept(draft: Page) -> None:
    card = write(draft, 1, "Hello")
    expiry = card.get_by_role("combobox", name="Expire after")
    expect(expiry).to_have_value("24 hours")
    expiry.click()
    draft.get_by_role("option", name="3 days").click()
    expect(expiry).to_have_value("3 days")
    saved(draft)
    draft.reload()
    expect(expiry).to_have_value("3 days")


def test_what_is_typed_outlives_a_reload_right_after(draft: Page) -> None:
    card = write(draft, 1, "First")
    saved(draft)
    card.get_by_role("textbox", name="Message text").fill("Typed a moment ago")
    expect(card.get_by_text("1 segment · GSM-7 · 142 characters left")).to_be_visible()
    draft.reload()
    expect(card.get_by_role("textbox", name="Message text")).to_have_value("Typed a moment ago")


def test_what_is_typed_while_the_server_is_away_is_typed_again(draft: Page) -> None:
    card = write(draft, 1, "Before")
    saved(draft)
    text = card.get_by_role("textbox", name="Message text")
    draft.evaluate("socket.disconnect()")
    text.fill("Before, and while it was away")
    draft.reload()
    expect(text).to_have_value("Before, and while it was away")
    saved(draft)
    draft.reload()
    expect(text).to_have_value("Before, and while it was away")
    text.fill("And after")
    saved(draft)
    draft.reload()
    expect(text).to_have_value("And after")


def test_a_change_that_was_given_up_stays_away(page: Page) -> None:
    page.goto("/campaigns/sms?search=Customer survey")
    page.get_by_role("link", name="View Campaign Details").click()
    page.get_by_role("button", name="Edit Schedule").click()
    card = message(page, 1)
    text, discard = (
        card.get_by_role("textbox", name="Message text"),
        card.get_by_role("button", name="Discard my change"),
    )
    before = text.input_value()
    text.fill("Something else")
    expect(discard).to_be_visible()
    page.reload()
    expect(text).to_have_value("Something else")
    discard.click()
    expect(text).to_have_value(before)
    page.reload()
    expect(text).to_have_value(before)
    expect(discard).to_be_hidden()


def test_two_windows_do_not_overwrite_each_other(draft: Page) -> None:
    text = message(draft, 1).get_by_role("textbox", name="Message text")
    write(draft, 1, "Mine")
    saved(draft)
    other = draft.context.new_page()
    other.goto(draft.url)
    there = message(other, 1).get_by_role("textbox", name="Message text")
    expect(there).to_have_value("Mine")
    there.fill("Theirs")
    expect(text).to_have_value("Theirs")
    message(other, 1).get_by_role("textbox", name="Send date").fill(in_days(5))
    expect(message(draft, 1).get_by_role("textbox", name="Send date")).to_have_value(in_days(5))
    other.close()


def test_a_time_that_is_too_early_offers_the_earliest(draft: Page) -> None:
    write(draft, 1, "One", in_days(2), "09:30")
    card = write(draft, 2, "Two", in_days(2), "09:30")
    expect(card.get_by_text("message 2 may not begin before")).to_be_visible()
    draft.get_by_role("button", name="Schedule Campaign").click()
    expect(draft.get_by_role("dialog", name="Review campaign")).to_be_hidden()
    card.get_by_role("button", name="Use the earliest time").click()
    expect(card.get_by_role("textbox", name="Send time")).to_have_value("09:32")
    expect(card.get_by_text("message 2 may not begin before")).to_be_hidden()
    card.get_by_role("textbox", name="Send date").fill("2020-01-01")
    expect(card.get_by_text("This time has already passed.")).to_be_visible()
    expect(draft.get_by_role("button", name="Schedule Campaign")).to_be_disabled()


def test_a_message_moves_by_keyboard_and_times_stay_with_places(draft: Page) -> None:
    write(draft, 1, "One", in_days(2), "09:30")
    write(draft, 2, "Two", in_days(3), "10:30")
    saved(draft)
    up = draft.get_by_role("button", name="Move message 2 up")
    up.focus()
    up.press("Enter")
    expect(message(draft, 1).get_by_role("textbox", name="Message text")).to_have_value("Two")
    expect(message(draft, 1).get_by_role("textbox", name="Send date")).to_have_value(in_days(2))
    expect(message(draft, 2).get_by_role("textbox", name="Send time")).to_have_value("10:30")
    expect(draft.get_by_text("Now message 1 of 2.")).to_be_attached()
    expect(draft.get_by_role("button", name="Move message 1 down")).to_be_focused()


def test_a_removed_message_comes_back(draft: Page) -> None:
    write(draft, 1, "Keep me", in_days(2), "09:30")
    saved(draft)
    message(draft, 1).get_by_role("button", name="Remove message").click()
    expect(draft.get_by_text("No messages yet")).to_be_visible()
    draft.get_by_role("button", name="Undo").last.click()
    expect(message(draft, 1).get_by_role("textbox", name="Message text")).to_have_value("Keep me")


def test_a_scheduled_campaign_lets_only_times_change(page: Page, axe: CheckAxe) -> None:
    page.goto("/campaigns/sms")
    page.get_by_role("button", name=f"More actions for {LOCKED}", exact=True).click()
    page.get_by_role("menuitem", name="Edit Schedule").click()
    card = message(page, 1)
    expect(card.get_by_role("textbox", name="Message text")).not_to_be_editable()
    expect(page.get_by_role("button", name="Add Message")).to_be_hidden()
    day = card.get_by_role("textbox", name="Send date")
    before = day.input_value()
    day.fill("2020-01-01")
    card.get_by_role("button", name="Save time").click()
    expect(card.get_by_text("This time has already passed.")).to_be_visible()
    expect(day).to_have_value("2020-01-01")
    axe(page)
    card.get_by_role("button", name="Discard my change").click()
    expect(day).to_have_value(before)


def test_an_unknown_campaign_says_so(page: Page) -> None:
    for wrong in ("999999", "nonsense", "-1", "99999999999999999999"):
        page.goto(f"/campaigns/sms/{wrong}/messages")
        expect(page.get_by_text("This campaign does not exist.")).to_be_visible()


@pytest.mark.parametrize("text", ["x" * 10_000, "שלום \u200b עולם", "👨‍👩‍👧‍👦" * 40, "<b>&amp;</b>"])
def test_any_text_is_taken_and_kept(draft: Page, text: str) -> None:
    write(draft, 1, text)
    saved(draft)
    draft.reload()
    expect(message(draft, 1).get_by_role("textbox", name="Message text")).to_have_value(text)
    if len(text) > 2000:
        expect(message(draft, 1).get_by_text("This text has 10,000 characters")).to_be_visible()


def test_a_message_is_dragged_to_another_place(draft: Page) -> None:
    draft.set_viewport_size({"width": 1280, "height": 1300})  # both messages are in view
    write(draft, 1, "One", in_days(2), "09:30")
    write(draft, 2, "Two", in_days(3), "10:30")
    saved(draft)
    draft.evaluate("scrollTo(0, 0)")
    handle, goal = message(draft, 2).locator(".drag-handle"), message(draft, 1)
    handle.scroll_into_view_if_needed()
    box = goal.bounding_box()
    assert box is not None
    handle.hover()
    draft.mouse.down()
    for share in (0.5, 0.3):  # of the place where the first one lay: there it makes room, and lies below
        draft.mouse.move(box["x"] + 20, box["y"] + box["height"] * share, steps=8)
    draft.mouse.up()
    expect(message(draft, 1).get_by_role("textbox", name="Message text")).to_have_value("Two")
    expect(message(draft, 1).get_by_role("textbox", name="Send date")).to_have_value(in_days(2))


def test_an_upload_that_is_far_too_large_is_refused_at_the_door(draft: Page) -> None:
    write(draft, 1, "One")
    with draft.expect_request(re.compile("/upload/")) as sent:
        message(draft, 1).get_by_label("Add attachments").set_input_files([file("shop.png", picture())])
    asked = sent.value.all_headers()
    kept = ("cookie", "origin", "content-type")
    headers: dict[str, str] = {name: asked[name] for name in kept if name in asked}
    answer = httpx.post(sent.value.url, headers=headers, content=b"\0" * (UPLOAD_CAP + 1), timeout=60)
    assert answer.status_code == 413


def test_a_merge_field_goes_in_at_the_caret(page: Page) -> None:
    page.goto("/campaigns/sms?q=Webinar reminder")
    page.get_by_role("link", name="Webinar reminder").first.click()
    page.wait_for_url("**/campaigns/sms/*/*")
    page.goto(page.url.replace("/details", "/messages"))
    text = page.get_by_role("textbox", name="Message text").first
    text.fill("Hi ! See you")
    text.evaluate("field => field.setSelectionRange(3, 3)")
    page.get_by_role("button", name="Insert field").first.click()
    page.get_by_role("menuitem", name="{first_name|there}").click()
    expect(text).to_have_value("Hi {first_name|there}! See you")
    phone = page.get_by_role("group", name="Messages")
    expect(phone).to_contain_text("Hi {first_name|there}! See you")
    page.get_by_role("button", name="Next recipient").click()
    expect(phone).not_to_contain_text("{first_name")
    expect(phone).to_contain_text("! See you")
