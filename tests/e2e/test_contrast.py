"""Windows' contrast themes: the system chooses the colours, and what is data or chosen can still be seen."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CheckAxe


def ground(locator: Locator) -> str:
    """The colour that is painted behind an element."""
    return str(locator.evaluate("node => getComputedStyle(node).backgroundColor"))


def test_bars_and_choices_are_seen_where_the_system_chooses_the_colours(page: Page, axe: CheckAxe) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.goto("/campaigns/sms?search=Welcome")
    page.get_by_role("link", name="Welcome series").click()
    expect(page.get_by_role("heading", name="Message Timeline")).to_be_visible()
    canvas = ground(page.locator("body"))
    parts = page.get_by_role("button", name="Deliverability results").first.locator(".dbar-track i")
    colours = {ground(part) for part in parts.all()}
    assert len(colours) > 2
    assert canvas not in colours
    navigation = page.get_by_role("navigation", name="Main")
    assert ground(navigation.get_by_role("link", name="Campaigns")) not in (canvas, "rgba(0, 0, 0, 0)")
    axe(page)
