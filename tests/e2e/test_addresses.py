"""Addresses that lead nowhere: a page of ours that says so, with the status that programs read."""

import httpx
import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/campaigns/sms/999999",
        "/campaigns/sms/999999/details",
        "/campaigns/sms/999999/messages",
        "/campaigns/sms/abc",
        "/campaigns/sms/-1",
        "/campaigns/sms/99999999999999999999999",
        "/campaigns/sms/1/nowhere",
    ],
)
def test_what_does_not_exist_is_a_404_inside_the_app(page: Page, server: str, path: str) -> None:
    assert httpx.get(server + path).status_code == 404
    page.goto(path)
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns")).to_be_visible()


@pytest.mark.parametrize("path", ["/campaigns/sms", "/campaigns/sms/new", "/campaigns/sms/1"])
def test_what_exists_is_a_200(server: str, path: str) -> None:
    assert httpx.get(server + path).status_code == 200


def test_the_start_page_is_the_sms_tab(page: Page, server: str) -> None:
    page.goto(server)
    expect(page).to_have_url(server + "/campaigns/sms")
