"""Clicks per link of one message: who followed it, and how often."""

from domain.tallies import number
from storage.short_links import Clicks
from ui.tags import Tag


class LinkClicks(Tag):
    """A table of the links that were shortened; hidden where there are none."""

    def __init__(self) -> None:
        super().__init__("div", classes="reasons")
        self._rows: dict[str, _Row] = {}
        with self:
            heading = Tag("h3", "Clicks per link")
            with Tag("table", classes="states links", aria_labelledby=heading.html_id):
                with Tag("thead"), Tag("tr"):
                    for name in ("Link", "People", "Clicks"):
                        Tag("th", name, scope="col")
                self._body = Tag("tbody")
            Tag(
                "p",
                "People count once, however often they click. Previews by messengers and mail programs "
                "don't count.",
                classes="muted small",
            )

    def show(self, links: tuple[Clicks, ...]) -> None:
        """Bring the numbers up to date; a row stays where it is once it is there."""
        for link in links:
            if link.url not in self._rows:
                with self._body:
                    self._rows[link.url] = _Row(link.url)
            self._rows[link.url].show(link)
        self.set_visibility(bool(links))


class _Row(Tag):
    """One link."""

    def __init__(self, url: str) -> None:
        super().__init__("tr")
        with self:
            with Tag("th", scope="row"):
                Tag("span", url, classes="link-url", dir="ltr")
            self._people = Tag("td", classes="num")
            self._clicks = Tag("td", classes="num muted")

    def show(self, link: Clicks) -> None:
        """Change the numbers."""
        self._people.text, self._clicks.text = number(link.people), number(link.clicks)
