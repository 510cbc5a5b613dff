"""Keys and webhooks in a browser: made, shown once, used, told, replayed, revoked."""

import hashlib
import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.wait import until

Heard = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, Heard]]:
    """A program that is told, at its address, and what it heard."""
    heard: Heard = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/events", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_is_shown_once_works_and_is_revoked(page: Page, server: str, axe: CheckAxe) -> None:
    page.goto("/settings/api")
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_text("Give the key a name")).to_be_visible()
    dialog.get_by_label("Name").fill("CRM import")
    dialog.get_by_label("Audit").uncheck()
    axe(page)
    dialog.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="The new key")
    key = shown.get_by_label("Key", exact=True).inner_text()
    assert key.startswith("sck_")
    axe(page)
    shown.get_by_role("button", name="Done").click()

    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(f"{server}/api/v1/lists", headers=headers, timeout=20).status_code == 200
    assert httpx.get(f"{server}/api/v1/audit", headers=headers, timeout=20).status_code == 403
    page.reload()
    row = page.get_by_role("list", name="Keys").get_by_role("listitem").filter(has_text="CRM import")
    expect(row).to_contain_text("Manager")
    expect(row).to_contain_text("Last used")
    expect(page.get_by_text(key)).to_have_count(0)
    row.get_by_role("button", name="Revoke CRM import").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    assert httpx.get(f"{server}/api/v1/lists", headers=headers, timeout=20).status_code == 401


def test_an_address_is_told_and_told_again(page: Page, axe: CheckAxe, elsewhere: tuple[str, Heard]) -> None:
    address, heard = elsewhere
    page.goto("/settings/api")
    page.get_by_role("button", name="Add webhook").click()
    dialog = page.get_by_role("dialog", name="Add webhook")
    dialog.get_by_label("Address").fill("http://10.0.0.7/events")
    dialog.get_by_label("A person opts out").check()
    dialog.get_by_role("button", name="Add webhook").click()
    expect(dialog.get_by_text("Only https:// addresses are called")).to_be_visible()
    dialog.get_by_label("Address").fill(address)
    axe(page)
    dialog.get_by_role("button", name="Add webhook").click()
    shown = page.get_by_role("dialog", name="The webhook’s secret")
    secret = shown.get_by_label("Secret", exact=True).inner_text()
    shown.get_by_role("button", name="Done").click()

    page.goto("/suppressions")
    page.get_by_role("button", name="Add number").click()
    adding = page.get_by_role("dialog")
    adding.get_by_label("Phone number").fill("+12125550177")
    adding.get_by_role("button", name="Add number").click()

    def ours() -> Heard:  # the demo's own people opt out as well
        return [one for one in heard if json.loads(one[1])["data"]["phone"] == "+12125550177"]

    until(lambda: len(ours()) == 1, 20, "the event")
    headers, body = ours()[0]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"

    page.goto("/settings/api")
    page.get_by_role("link", name=address).click()
    calls = page.get_by_role("list", name="Calls").get_by_role("listitem")
    calls = calls.filter(has_text=headers["webhook-id"])
    expect(calls).to_contain_text("Delivered, 1 try · answer 204")
    axe(page)
    calls.get_by_role("button", name="Send").click()
    until(lambda: len(ours()) == 2, 20, "the same event again")
    assert ours()[1][0]["webhook-id"] == headers["webhook-id"]
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Remove webhook").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.wait_for_url("**/settings/api")
    expect(page.get_by_text("No webhook yet")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_page(page: Page, axe_day_and_night: CheckAxe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/settings/api")
    expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
    axe_day_and_night(page)
