"""The controls above the contacts' table: search, filters, and what of them is active."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from domain.zones import zone_names
from storage.contact_grid import Standing
from storage.workspace import Choice
from ui.contact_state import ContactState
from ui.fields import free_options
from ui.tags import Tag, icon

STANDING_WORDS: dict[Standing, str] = {
    "": "Any status",
    "reachable": "Can be texted",
    "suppressed": "Opted out",
    "invalid": "Invalid number",
}
ORDERS = {
    ("name", False): "Name, A to Z",
    ("name", True): "Name, Z to A",
    ("added", True): "Newest first",
    ("added", False): "Oldest first",
    ("phone", False): "Phone",
    ("email", False): "E-mail",
}


class ContactFilters(Tag):
    """Shows a `ContactState` and calls back with the one that somebody chose."""

    def __init__(
        self, state: ContactState, on_change: Callable[[ContactState], Awaitable[None]], search: str
    ) -> None:
        super().__init__("div", classes="filters", role="search")
        self.state = state
        self._on_change = on_change
        self._showing = False
        self._lists: dict[int, str] = {}
        with self:
            with Tag("div", classes="filters-row"):
                self.search = self._make_search(search)
                self._more = Tag("button", classes="filters-more", type="button", aria_expanded="false")
                with self._more:
                    icon("tune")
                    self._more_word = Tag("span", "Filters")
                with Tag("div", classes="filters-panel") as self._panel:
                    self._list = self._select("List", {0: "Any list"})
                    self._list.set_visibility(state.fixed_list is None)
                    self._standing = self._select("Status", dict(STANDING_WORDS))
                    self._zone = self._select("Time zone", _zone_options(), typed=True)
                    self._order = self._select("Sort by", dict(ORDERS))
                    self._order.classes("filter-order")
            self._chips = Tag("div", classes="chips")
        self._more.attributes(aria_controls=self._panel.html_id)
        self._more.on("click", self._open, args=[])
        self.show(state)

    def offer_lists(self, lists: Sequence[Choice]) -> None:
        """The lists to choose from; they are known once the database has answered."""
        self._lists = {item.id: item.label for item in lists}
        self._showing = True
        self._list.set_options({0: "Any list"} | self._lists, value=self._list_value)
        self._showing = False
        self.show(self.state)

    def show(self, state: ContactState) -> None:
        """Make every control say what `state` says."""
        self.state = state
        self._showing = True
        self.search.value = state.search
        self._list.value = self._list_value
        self._standing.value = state.standing
        self._zone.value = state.timezone
        order = (state.sort, state.descending)
        self._order.value = order if order in ORDERS else None
        self._showing = False
        self._draw_chips()

    async def clear_all(self) -> None:
        """Take every filter away."""
        await self._choose(self.state.bare)

    @property
    def _list_value(self) -> int:
        return self.state.list_id if self.state.list_id in self._lists else 0

    async def _choose(self, state: ContactState) -> None:
        if state != self.state:
            self.show(replace(state, page=1))
            await self._on_change(self.state)

    def _make_search(self, label: str) -> ui.input:
        field = ui.input(placeholder="Name, number or e-mail", on_change=self._changed)
        field.props("type=search debounce=250").classes("filter-search")
        field.props["aria-label"] = label
        with field.add_slot("prepend"):
            icon("search")
        with field.add_slot("append"):
            Tag("kbd", "/", aria_hidden="true")
        return field

    def _select(self, label: str, options: dict[Any, str], *, typed: bool = False) -> ui.select:
        field = ui.select(options, label=label, with_input=typed, on_change=self._changed)
        return free_options(field).props("stack-label behavior=menu").classes("filter")

    def _changed(self) -> Awaitable[None] | None:
        """No coroutine: whether the page itself is setting the values is known only at once."""
        if self._showing:
            return None
        column, descending = self._order.value or (self.state.sort, self.state.descending)
        wanted = replace(
            self.state,
            search=self.search.value or "",
            list_id=self._list.value or None if self.state.fixed_list is None else None,
            standing=self._standing.value or "",
            timezone=self._zone.value or "",
            sort=column,
            descending=descending,
        )
        return self._choose(wanted)

    def _open(self) -> None:
        opened = "is-open" not in self._panel.classes
        self._panel.classes(toggle="is-open")
        self._more.attributes(aria_expanded="true" if opened else "false")

    def _draw_chips(self) -> None:
        chips = self._active()
        count = len([words for words, _ in chips if not words.startswith("Search")])
        self._more_word.text = f"Filters ({count})" if count else "Filters"
        self._chips.clear()
        self._chips.set_visibility(bool(chips))
        with self._chips:
            for words, without in chips:
                with Tag(
                    "button", classes="chip", type="button", aria_label=f"Remove filter {words}"
                ) as chip:
                    Tag("bdi", words)
                    icon("close")
                chip.on("click", lambda without=without: self._choose(without), args=[])

    def _active(self) -> list[tuple[str, ContactState]]:
        """Each active filter in words, with the state without it."""
        state = self.state
        found = [
            (state.search.strip(), f"Search: {state.search.strip()}", replace(state, search="")),
            (
                state.list_id,
                f"List: {self._lists.get(state.list_id or 0, 'unknown')}",
                replace(state, list_id=None),
            ),
            (state.standing, STANDING_WORDS[state.standing], replace(state, standing="")),
            (state.timezone, state.timezone.replace("_", " "), replace(state, timezone="")),
        ]
        return [(words, without) for active, words, without in found if active]


def _zone_options() -> dict[str, str]:
    return {"": "Any time zone"} | {name: name.replace("_", " ") for name in zone_names()}
