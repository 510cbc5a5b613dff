"""What the contacts' table shows, as its address says it: search, filters, sort and page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from domain import zones
from domain.problems import Problem
from storage.contact_conditions import CONSENT_STATES, OUTCOMES, ConsentState, Outcome
from storage.contact_grid import SORTABLE, STANDINGS, Query, Standing
from ui import view_state

PATH = "/contacts"
W = TypeVar("W", bound=str)
USUAL = "name"
SECOND = frozenset({"added"})
"""Columns of which the largest is wanted first."""


@dataclass(frozen=True, slots=True)
class ContactState:
    """One way to look at the contacts; `fixed_list` is that of a list's own page."""

    search: str = ""
    list_id: int | None = None
    timezone: str = ""
    standing: Standing = ""
    consent: ConsentState = ""
    campaign_id: int | None = None
    outcome: Outcome = ""
    field: str = ""
    value: str = ""
    sort: str = USUAL
    descending: bool = False
    page: int = 1
    size: int = view_state.SIZES[0]
    fixed_list: int | None = None
    saved: int | None = None  # the list whose filter is being changed

    @property
    def filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return replace(self, fixed_list=None).query.filtered

    @property
    def address(self) -> str:
        """Where this view is found again."""
        path = f"/lists/{self.fixed_list}" if self.fixed_list else PATH
        return view_state.address(
            path,
            {
                "search": self.search.strip(),
                "list": str(self.list_id or ""),
                "zone": self.timezone,
                "status": self.standing,
                "consent": self.consent,
                "campaign": str(self.campaign_id or ""),
                "outcome": self.outcome,
                "field": self.field,
                "value": self.value if self.field else "",
                "saved": str(self.saved or ""),
                "sort": view_state.sorting(self.sort, descending=self.descending, usual=USUAL),
                **view_state.paging(self.page, self.size),
            },
        )

    @property
    def export_query(self) -> str:
        """What the export of this view is asked with."""
        whole = replace(self, list_id=self.fixed_list or self.list_id, fixed_list=None, saved=None, page=1)
        return whole.address.partition("?")[2]

    @property
    def bare(self) -> "ContactState":
        """The same order and size, without any filter."""
        return ContactState(
            sort=self.sort,
            descending=self.descending,
            size=self.size,
            fixed_list=self.fixed_list,
            saved=self.saved,
        )

    def sorted_by(self, column: str) -> "ContactState":
        """Sort by a column; by the same one again, the other way round."""
        descending = not self.descending if column == self.sort else column in SECOND
        return replace(self, sort=column, descending=descending, page=1)

    @property
    def query(self) -> Query:
        """The same for the database."""
        return Query(
            search=self.search,
            list_id=self.fixed_list or self.list_id,
            timezone=self.timezone,
            standing=self.standing,
            consent=self.consent,
            campaign_id=self.campaign_id,
            outcome=self.outcome if self.campaign_id else "",
            field=self.field,
            value=self.value if self.field else "",
            sort=self.sort,  # type: ignore[arg-type] # one of SORTABLE, which are its values
            descending=self.descending,
            page=self.page,
            size=self.size,
        )


def read(parameters: Mapping[str, str], fixed_list: int | None = None) -> ContactState:
    """The view that an address asks for; what makes no sense in it is left out."""
    sort = parameters.get("sort", USUAL)
    column = sort.removeprefix("-")
    known = column in SORTABLE
    return ContactState(
        search=parameters.get("search", "")[:120],
        list_id=None if fixed_list else view_state.number(parameters.get("list")),
        timezone=_zone(parameters.get("zone", "")),
        standing=_one_of(STANDINGS, parameters.get("status")),
        consent=_one_of(CONSENT_STATES, parameters.get("consent")),
        campaign_id=view_state.number(parameters.get("campaign")),
        outcome=_one_of(OUTCOMES, parameters.get("outcome")),
        field=parameters.get("field", "")[:200],
        value=parameters.get("value", "")[:200],
        sort=column if known else USUAL,
        descending=sort.startswith("-") and known,
        page=view_state.number(parameters.get("page")) or 1,
        size=view_state.size(parameters.get("size")),
        fixed_list=fixed_list,
        saved=None if fixed_list else view_state.number(parameters.get("saved")),
    )


def _one_of(words: Sequence[W], wanted: str | None) -> W | Literal[""]:
    return next((word for word in words if word == wanted), "")


def _zone(name: str) -> str:
    try:
        zones.zone(name)
    except Problem:
        return ""
    return name
