"""What a page shows before its data is there: the shape of what comes, which everybody can make sense of."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe

PARTS = {
    "/campaigns/sms": ".grid .ghost",
    "/contacts": ".records .ghost",
    "/suppressions": ".quiet-table .ghost",
    "/suppressions?tab=review": ".queue .ghost",
    "/inbox": ".inbox-rows .ghost",
    "/inbox?c=1": ".inbox-waiting .ghost",
}
BLANK = """(() => {
  const shape = getComputedStyle(document.querySelector(".nicegui-sub-pages"), "::after");
  return shape.content === "none" || parseFloat(shape.height) < 200;
})()"""


def test_no_page_is_blank_while_its_data_is_on_its_way(page: Page, axe: CheckAxe) -> None:
    page.route_web_socket("**/*", lambda _: None)  # nothing but the first answer ever arrives
    for path, part in PARTS.items():
        page.goto(path)
        expect(page.locator(part).first).to_be_visible()
        axe(page)
    page.goto("/campaigns/sms/1")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert not page.evaluate(BLANK)
