"""Nothing on a page is wider than the window, or than the box it stands in."""

from playwright.sync_api import Page

from tests.wait import until

TOO_WIDE = """() => {
    const widest = document.documentElement.scrollWidth > innerWidth
        ? [document.documentElement, ...[...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)]
        : [];
    const cut = [...document.querySelectorAll(".panel:not(.chart), .grid")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1);
    return [...widest, ...cut].map((node) => `${node.tagName} ${node.className}`);
}"""
"""Charts are left out: they are canvases that are measured by script."""


def fits(page: Page) -> None:
    """Wait until all of the page is inside its window; fail with the elements that are not.

    The page lays itself out anew a moment after its window changed, so the first look may be too early.
    """
    wide: list[str] = []

    def inside() -> bool:
        wide[:] = page.evaluate(TOO_WIDE)
        return not wide

    try:
        until(inside, 10, "a page inside its window")
    except AssertionError:
        raise AssertionError(f"{page.url} is too wide: {wide[:8]}") from None
