"""While the server can't be reached the page says so, to everybody, and stops saying it afterwards."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SCHEMES, CheckAxe


@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_whose_server_is_away_says_what_that_means(page: Page, axe: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/campaigns/sms")
    expect(page.get_by_role("table", name="SMS campaigns")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="reached")).to_have_count(0)
    page.evaluate("socket.disconnect()")
    told = page.get_by_role("alert").filter(has_text="The server can’t be reached.")
    expect(told).to_contain_text("What you change now may not be saved yet.")
    expect(told).to_be_in_viewport(ratio=1)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        axe(page)
    page.evaluate("socket.connect()")
    expect(told).to_have_count(0)
