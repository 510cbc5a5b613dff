"""A message is tried on one's own number in a browser, and what becomes of it shows by itself."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.test_composer import draft, write

__all__ = ["draft"]


def test_a_message_is_tried_on_ones_own_number(draft: Page, axe: CheckAxe) -> None:
    card = write(draft, 1, "Hello {first_name|there}, this is a trial.")
    card.get_by_role("button", name="Send a test").click()
    dialog = draft.get_by_role("dialog", name="Send a test")
    number = dialog.get_by_role("textbox", name="Your number")
    send = dialog.get_by_role("button", name="Send test")
    number.fill("12")
    send.click()
    expect(dialog.get_by_text("is too short")).to_be_visible()
    number.fill("+1 415 555 0131")
    send.click()
    expect(dialog.get_by_role("status")).to_contain_text("Delivered")
    axe(draft)
    number.fill("+1 415 555 0001")  # the sandbox refuses it
    send.click()
    expect(dialog.get_by_role("status")).to_contain_text("Failed")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    card.get_by_role("button", name="Send a test").click()
    expect(number).to_have_value("+1 415-555-0001")
    dialog.get_by_role("button", name="Close").click()
    draft.goto("/inbox")
    draft.get_by_text("Hello there, this is a trial.").first.click()
    expect(draft.get_by_text("Test by Ada Park")).to_be_visible()
