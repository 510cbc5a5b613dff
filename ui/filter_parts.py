"""What every row of filters has: the button that opens it on a phone, and the active ones as chips."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ui.tags import Tag, icon

S = TypeVar("S")


class MoreFilters(Tag):
    """The button that opens and closes the panel where it does not fit, with how many filters are active."""

    def __init__(self) -> None:
        super().__init__("button", classes="filters-more", type="button", aria_expanded="false")
        with self:
            icon("tune")
            self._word = Tag("span", "Filters")

    def opens(self, panel: Tag) -> None:
        """The panel that it is for."""
        self.attributes(aria_controls=panel.html_id)
        self.on("click", lambda: self._toggle(panel), args=[])

    def count(self, active: int) -> None:
        """How many filters are active beside the search, which is in sight."""
        self._word.text = f"Filters ({active})" if active else "Filters"

    def _toggle(self, panel: Tag) -> None:
        opened = "is-open" not in panel.classes
        panel.classes(toggle="is-open")
        self.attributes(aria_expanded="true" if opened else "false")


class Chips(Tag, Generic[S]):
    """The active filters in words; a press takes one away, which leaves the state that stands beside it."""

    def __init__(self, more: MoreFilters, choose: Callable[[S], Awaitable[None]]) -> None:
        super().__init__("div", classes="chips")
        self._more, self._choose = more, choose

    def show(self, active: Sequence[tuple[str, S]]) -> None:
        """Draw them anew."""
        self._more.count(sum(not words.startswith("Search") for words, _ in active))
        self.clear()
        self.set_visibility(bool(active))
        with self:
            for words, without in active:
                with Tag(
                    "button", classes="chip", type="button", aria_label=f"Remove filter {words}"
                ) as chip:
                    Tag("bdi", words)
                    icon("close")
                chip.on("click", lambda without=without: self._choose(without), args=[])
