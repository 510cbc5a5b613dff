"""A text is kept as a template in a browser, found again and put into another message."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.test_composer import draft, saved, write

__all__ = ["draft"]


def test_a_text_is_kept_found_used_and_deleted(draft: Page, axe: CheckAxe) -> None:
    first = write(draft, 1, "Hello {first_name|there}, the doors open at nine.")
    first.get_by_role("button", name="Save as template").click()
    dialog = draft.get_by_role("dialog", name="Save as template")
    axe(draft)
    dialog.get_by_role("button", name="Save template").click()
    expect(dialog.get_by_text("Enter a name for the template.")).to_be_visible()
    dialog.get_by_role("textbox", name="Template name").fill("Doors open")
    dialog.get_by_role("textbox", name="Template name").press("Enter")
    expect(draft.get_by_text("The template is saved.")).to_be_visible()

    second = write(draft, 2, "Old words")
    second.get_by_role("button", name="Use a template").click()
    dialog = draft.get_by_role("dialog", name="Use a template")
    search = dialog.get_by_role("searchbox", name="Search templates")
    search.fill("quite another")
    expect(dialog.get_by_text("No template matches “quite another”.")).to_be_visible()
    search.fill("DOORS nine")
    axe(draft)
    dialog.get_by_role("button", name=re.compile("^Doors open")).click()
    text = second.get_by_role("textbox", name="Message text")
    expect(text).to_have_value("Hello {first_name|there}, the doors open at nine.")
    notice = draft.locator(".notice", has_text="The template took the place of the text.")
    notice.get_by_role("button", name="Undo").click()
    expect(text).to_have_value("Old words")
    saved(draft)

    second.get_by_role("button", name="Use a template").click()
    dialog.get_by_role("button", name="Delete template Doors open").click()
    expect(dialog.get_by_role("button", name="Undo")).to_be_focused()
    dialog.get_by_role("button", name="Undo").click()
    dialog.get_by_role("button", name="Delete template Doors open").click()
    expect(dialog.get_by_text("“Doors open” was deleted.")).to_be_visible()
    draft.keyboard.press("Escape")
    second.get_by_role("button", name="Use a template").click()
    expect(dialog.get_by_text("No templates yet.")).to_be_visible()
