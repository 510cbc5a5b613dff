"""The switch for short links in a browser: the meter follows, and it is kept."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.test_composer import draft, message, saved, write

__all__ = ["draft"]

LONG = "https://shop.example/spring-sale/" + "a-page-with-a-long-name/" * 6


def test_the_meter_counts_short_links(draft: Page, axe: CheckAxe) -> None:
    card = write(draft, 1, f"Have a look: {LONG}")
    expect(card.get_by_text("2 segments · GSM-7")).to_be_visible()
    card.get_by_role("checkbox", name="Shorten and count links").check()
    expect(card.get_by_text("1 segment · GSM-7")).to_be_visible()
    saved(draft)
    axe(draft)
    draft.reload()
    switch = message(draft, 1).get_by_role("checkbox", name="Shorten and count links")
    expect(switch).to_be_checked()
    switch.uncheck()
    expect(message(draft, 1).get_by_text("2 segments · GSM-7")).to_be_visible()
