"""The composer and the dead end, as axe sees them: light and dark, on a desk and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_write_messages(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for campaign in ("Webinar reminder", "Store opening: Brooklyn"):
        page.goto(f"/campaigns/sms?q={campaign}")
        page.get_by_role("link", name=campaign).first.click()
        page.wait_for_url("**/campaigns/sms/*/*")
        page.goto(page.url.replace("/details", "/messages"))
        expect(page.get_by_role("textbox", name="Message text").first).to_be_visible()
        axe_day_and_night(page)
    page.goto("/nowhere")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    axe_day_and_night(page)


def test_axe_says_what_is_wrong(page: Page, axe_day_and_night: CheckAxe) -> None:
    page.goto("/nowhere")
    axe_day_and_night(page)
    page.evaluate("document.querySelector('h1').style.color = 'rgba(128, 128, 128, .5)'")
    with pytest.raises(AssertionError, match="contrast"):
        axe_day_and_night(page)
    page.goto("/nowhere")
    page.evaluate("document.querySelector('h1').append(new Image())")
    with pytest.raises(AssertionError, match="alternative text"):
        axe_day_and_night(page)
