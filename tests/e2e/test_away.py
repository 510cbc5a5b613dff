"""While the server can't be reached the page says so, to everybody, and stops saying it afterwards."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe


@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_whose_server_is_away_says_what_that_means(
    page: Page, axe_day_and_night: CheckAxe, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/campaigns/sms")
    expect(page.get_by_role("table", name="SMS campaigns")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="reached")).to_have_count(0)
    page.evaluate("socket.disconnect()")
    told = page.get_by_role("alert").filter(has_text="The server can’t be reached.")
    expect(told).to_contain_text("What you change now may not be saved yet.")
    expect(told).to_be_in_viewport(ratio=1)
    axe_day_and_night(page)
    page.evaluate("socket.connect()")
    expect(told).to_have_count(0)
