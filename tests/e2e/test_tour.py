"""The demo's tour on a phone, where it is offered in the menu that lies over the page."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe


def test_on_a_phone_the_tour_is_taken_from_the_menu(page: Page, axe: CheckAxe) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/lists")
    page.get_by_role("button", name="Open navigation").click()
    page.get_by_role("button", name="Take the tour").click()
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_contain_text("1 of 6")
    axe(page)
    for place in range(1, 7):
        expect(tour).to_contain_text(f"{place} of 6")
        tour.get_by_role("button", name="Done" if place == 6 else "Next").click()
    expect(tour).to_be_hidden()
