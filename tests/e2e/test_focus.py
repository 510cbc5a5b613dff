"""Whoever uses the keyboard sees where they are: every control that Tab reaches shows a whole ring."""

import pytest
from playwright.sync_api import Page, expect

MOST = 70
"""Presses on one page; what comes after so many is more of the same."""

PAGES = {
    "/campaigns/sms": "Customer survey",
    "/campaigns/sms/new": "Still missing",
    "/campaigns/sms/5/messages": "Schedule Campaign",
    "/campaigns/sms/3/messages": "Save time",
    "/campaigns/sms/7": "Resume Campaign",
    "/contacts": "Aiko Abe",
    "/contacts/1": "Record opt-in",
    "/lists": "VIP customers",
    "/suppressions": "Lift",
    "/inbox?c=1": "Send answer",
    "/settings/lines": "Support line",
    "/settings/lines/new": "How fast it may send",
    "/settings/workspace": "Retention",
    "/settings/team": "Eve Quist",
    "/settings/audit": "Record consent",
}
"""Path → words that are there when all of it is."""

DIALOGS = (
    ("/campaigns/sms/5/messages", "Use a template"),
    ("/campaigns/sms/5/messages", "Send a test"),
    ("/campaigns/sms/5/messages", "Insert emoji"),
    ("/campaigns/sms/5/messages", "Open the calendar"),
    ("/campaigns/sms/7", "Stop Campaign"),
    ("/contacts/1", "Edit contact"),
    ("/contacts/1", "Record opt-in"),
    ("/suppressions", "Add number"),
    ("/suppressions", "Lift"),
    ("/settings/api", "Create key"),
    ("/settings/workspace", "Add rule"),
    ("/settings/team", "Invite member"),
)

RING = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return ""; // the browser's own controls have their turn
  if (node.dataset.looked) return null;
  node.dataset.looked = true;
  const seen = (host, part) => {
    const style = getComputedStyle(host, part);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return null;
    return { host, reach: parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset) };
  };
  const name = `${node.tagName} ${node.className} ${node.getAttribute("aria-label") ?? node.innerText}`;
  const field = node.closest(".q-field")?.querySelector(".q-field__control");
  if (field && getComputedStyle(field, "::after").borderTopColor !== "rgba(0, 0, 0, 0)") return "";
  const hosts = [...node.querySelectorAll(".q-checkbox__bg, .q-radio__bg")];
  for (let host = node; host && hosts.length < 6; host = host.parentElement) hosts.push(host);
  const ring = hosts.map((host) => seen(host) ?? seen(host, "::after")).find(Boolean);
  if (!ring) return `no ring: ${name}`;
  const box = ring.host.getBoundingClientRect();
  const reach = Math.max(0, ring.reach) - 0.5;
  for (let around = ring.host.parentElement; around; around = around.parentElement) {
    const style = getComputedStyle(around);
    if (style.overflowX === "visible" && style.overflowY === "visible") continue;
    if (style.display === "contents" || around === document.documentElement) continue;
    const left = around.getBoundingClientRect().left + around.clientLeft;
    const top = around.getBoundingClientRect().top + around.clientTop;
    const cut = box.left - reach < left || box.right + reach > left + around.clientWidth
      || box.top - reach < top || box.bottom + reach > top + around.clientHeight;
    if (cut && around !== document.body) return `cut off by ${around.className}: ${name}`;
    if (style.position === "fixed") break;
  }
  return "";
}"""
"""Null where the round is over, "" where the ring is whole, otherwise what is wrong."""


@pytest.mark.timeout(600)  # many pages, on a machine that may be busy
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_ring_around_what_has_the_focus_is_never_missing_or_cut_off(
    page: Page, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong: set[str] = set()
    for path, words in PAGES.items():
        page.goto(path)
        expect(page.get_by_text(words).first).to_be_visible()
        reached, faults = go_round(page)
        assert reached > 5, path
        wrong |= {f"{path}: {fault}" for fault in faults}
    assert wrong == set()


@pytest.mark.timeout(600)
def test_nor_is_it_in_a_dialog(page: Page) -> None:
    wrong: set[str] = set()
    for path, button in DIALOGS:
        page.goto(path)
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        reached, faults = go_round(page)
        assert reached, button
        wrong |= {f"{button}: {fault}" for fault in faults}
    assert wrong == set()


def go_round(page: Page) -> tuple[int, set[str]]:
    """Press Tab until the round is over: how many controls were reached, and whose ring is wrong."""
    reached, faults = 0, set()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found = page.evaluate(RING)
        if found is None:
            break
        reached += 1
        if found:
            faults.add(found)
    return reached, faults
