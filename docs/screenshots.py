"""Takes the README's pictures from a fresh demo: `make screenshots`."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    """Start the demo, take the pictures, stop it."""
    PICTURES.mkdir(exist_ok=True)
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SMS_DEMO": "1", "SMS_PORT": str(port), "SMS_DATA_DIR": folder}
        demo = subprocess.Popen(
            [sys.executable, "main.py"],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert demo.stdout is not None  # noqa: S101
        demo.stdout.readline()  # it says when it is ready
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
                    args=["--no-sandbox", "--disable-gpu"],
                )
                _take_all(browser, f"http://127.0.0.1:{port}")
                browser.close()
        finally:
            demo.terminate()
            demo.wait()


def _take_all(browser: Browser, address: str) -> None:
    page = _page(browser, address, WIDE, "light")
    page.goto("/campaigns/sms")
    expect(page.get_by_role("table", name="SMS campaigns")).to_be_visible()
    page.screenshot(path=PICTURES / "campaigns.png")
    _open_running(page)
    page.screenshot(path=PICTURES / "results.png")
    _open_draft(page)
    page.screenshot(path=PICTURES / "messages.png")
    dark = _page(browser, address, WIDE, "dark")
    dark.goto("/campaigns/sms")
    _open_running(dark)
    dark.screenshot(path=PICTURES / "results-dark.png")
    phone = _page(browser, address, PHONE, "light")
    phone.goto(dark.url)
    expect(phone.get_by_role("region", name="Message Timeline")).to_be_visible()
    phone.screenshot(path=PICTURES / "results-phone.png")


def _open_running(page: Page) -> None:
    page.get_by_role("link", name="Cyber Monday: live now").first.click()
    bar = page.get_by_role("button", name="Deliverability results for message 1")
    bar.click()
    expect(bar).to_have_attribute("aria-expanded", "true")
    expect(bar).to_have_accessible_description(re.compile(r"^\d{2,}"))  # some are delivered


def _open_draft(page: Page) -> None:
    page.goto("/campaigns/sms")
    page.get_by_role("link", name="Webinar reminder").click()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("textbox", name="Message text")).to_be_visible()


def _page(browser: Browser, address: str, size: dict[str, int], scheme: str) -> Page:
    context = browser.new_context(
        base_url=address,
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="America/New_York",
        locale="en-US",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    return context.new_page()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
