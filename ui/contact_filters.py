"""The controls above the contacts' table: search, filters, and what of them is active."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from domain.zones import zone_names
from storage.workspace import Choice
from ui.contact_state import ContactState
from ui.filter_parts import Chips, MoreFilters
from ui.filter_words import CONSENT_WORDS, OUTCOME_WORDS, STANDING_WORDS, active
from ui.select import Select
from ui.tags import Tag, icon

ANY_ZONE = "Any time zone"
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
        self._campaigns: dict[int, str] = {}
        with self:
            with Tag("div", classes="filters-row"):
                self.search = self._make_search(search)
                more = MoreFilters()
                with Tag("div", classes="filters-panel") as panel:
                    self._list = self._select("List", {0: "Any list"})
                    self._list.set_visibility(state.fixed_list is None)
                    self._standing = self._select("Status", dict(STANDING_WORDS))
                    self._zone = self._select("Time zone", _zone_options(), typed=True)
                    self._order = self._select("Sort by", dict(ORDERS))
                    self._order.classes("filter-order")
                    self._extra_button = Tag(
                        "button", classes="text-button filters-extra-button", type="button"
                    )
            self._extra = self._make_extra()
            self._chips = Chips[ContactState](more, self._choose)
        more.opens(panel)
        self._extra_button.on("click", lambda: self._open_extra(opened=not self._extra.visible), args=[])
        self._open_extra(opened=bool(state.consent or state.campaign_id or state.field))
        self.show(state)

    def offer_campaigns(self, campaigns: Sequence[Choice]) -> None:
        """The campaigns to choose from."""
        self._campaigns = {item.id: item.label for item in campaigns}
        self._showing = True
        self._campaign.set_options({0: "Any campaign"} | self._campaigns, value=self._campaign_value)
        self._showing = False
        self.show(self.state)

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
        self._consent.value = state.consent
        self._campaign.value = self._campaign_value
        self._outcome.value = state.outcome
        self._outcome.set_enabled(state.campaign_id is not None)
        self._field.value, self._value.value = state.field, state.value
        self._value.set_enabled(bool(state.field))
        order = (state.sort, state.descending)
        self._order.value = order if order in ORDERS else None
        self._showing = False
        self._chips.show(self._active())

    async def clear_all(self) -> None:
        """Take every filter away."""
        await self._choose(self.state.bare)

    @property
    def _list_value(self) -> int:
        return self.state.list_id if self.state.list_id in self._lists else 0

    @property
    def _campaign_value(self) -> int:
        return self.state.campaign_id if self.state.campaign_id in self._campaigns else 0

    def _make_extra(self) -> Tag:
        """What is asked for less often, folded away until somebody wants it."""
        with Tag("div", classes="filters-row filters-extra") as row:
            self._consent = self._select("Consent", dict(CONSENT_WORDS))
            self._campaign = self._select("Campaign", {0: "Any campaign"}, typed=True)
            self._outcome = self._select("What came of it", dict(OUTCOME_WORDS))
            self._field, self._value = self._typed("Field", "Such as plan"), self._typed("Value", "Any value")
        return row

    def _typed(self, label: str, placeholder: str) -> ui.input:
        field = ui.input(label, placeholder=placeholder, on_change=self._changed)
        return field.props("stack-label debounce=400 maxlength=200 autocomplete=off dir=auto").classes(
            "filter"
        )

    def _open_extra(self, *, opened: bool) -> None:
        self._extra.set_visibility(opened)
        self._extra_button.text = "Fewer filters" if opened else "More filters"
        self._extra_button.attributes(aria_expanded="true" if opened else "false")

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

    def _select(self, label: str, options: dict[Any, str], *, typed: bool = False) -> Select:
        field = Select(options, label=label, with_input=typed, on_change=self._changed)
        return field.props("stack-label").classes("filter")

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
            consent=self._consent.value or "",
            campaign_id=self._campaign.value or None,
            outcome=(self._outcome.value or "") if self._campaign.value else "",
            field=(self._field.value or "").strip(),
            value=(self._value.value or "").strip() if (self._field.value or "").strip() else "",
            sort=column,
            descending=descending,
        )
        return self._choose(wanted)

    def _active(self) -> list[tuple[str, ContactState]]:
        """Each active filter in words, with the state without it."""
        return active(self.state, self._lists, self._campaigns)


def _zone_options() -> dict[str, str]:
    return {"": ANY_ZONE} | {name: name.replace("_", " ") for name in zone_names()}
