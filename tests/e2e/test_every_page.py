"""Every page as axe sees it: light and dark, on a desk and on a phone; and none is wider than its window."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits

PAGES = {
    "/campaigns/sms": "Campaigns",
    "/campaigns/sms?search=nothing+like+it": "Campaigns",
    "/campaigns/sms/new": "New campaign",
    "/campaigns/sms/1": "Welcome series",
    "/campaigns/sms/3/messages": "VIP preview night",
    "/contacts": "Contacts",
    "/contacts?consent=given&field=plan": "Contacts",
    "/contacts/1": "Tom Chen",
    "/contacts/import": "Import contacts",
    "/lists": "Lists",
    "/lists/1": "VIP customers",
    "/suppressions": "Suppressions",
    "/suppressions?tab=review": "Suppressions",
    "/inbox": "Inbox",
    "/settings/lines": "Lines",
    "/settings/lines/1": "Main number",
    "/settings/lines/new": "Add line",
    "/settings/carriers": "Carriers",
    "/settings/carriers/1": "Sandbox",
    "/settings/carriers/new": "Add carrier",
    "/settings/team": "Team",
    "/settings/workspace": "Workspace",
    "/settings/api": "API",
    "/settings/audit": "Audit",
    "/nowhere": "Page not found",
}


@pytest.mark.timeout(900)  # more than sixty looks at pages, on a machine that may be busy
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_every_page(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    for path, heading in PAGES.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        axe_day_and_night(page)
        fits(page)
        if width == 1440:
            page.set_viewport_size({"width": 1024, "height": 768})
            fits(page)
