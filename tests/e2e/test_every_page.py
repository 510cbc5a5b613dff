"""Every page as axe sees it: light and dark, on a desk and on a phone; none is wider than its window."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import CheckAxe

NewContext = Callable[..., BrowserContext]

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
    "/settings/carriers": "Carriers",
    "/settings/carriers/1": "Sandbox",
    "/settings/team": "Team",
    "/settings/workspace": "Workspace",
    "/settings/api": "API",
    "/settings/audit": "Audit",
    "/nowhere": "Page not found",
}


CUT = """[...document.querySelectorAll(".panel:not(.chart), .grid")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className)"""
"""Boxes whose content is wider than they are: it would be cut off, or lie over what stands beside them.

Charts are canvases that are measured by script."""

VIEWS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390), ("light", 1024)]


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_everybody_can_use_every_page(
    new_context: NewContext, axe: CheckAxe, scheme: str, width: int
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    for path, heading in PAGES.items():
        page.goto(path)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(CUT) == [], path
