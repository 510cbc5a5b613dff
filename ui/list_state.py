"""What the lists' table shows, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from storage.lists import SORTABLE, Query
from ui import view_state

PATH = "/lists"
USUAL = "name"
LARGEST_FIRST = frozenset({"size", "campaigns", "created"})


@dataclass(frozen=True, slots=True)
class ListState:
    """One way to look at the lists."""

    search: str = ""
    sort: str = USUAL
    descending: bool = False
    page: int = 1
    size: int = view_state.SIZES[0]

    @property
    def address(self) -> str:
        """Where this view is found again."""
        parts = {
            "search": self.search.strip(),
            "sort": view_state.sorting(self.sort, descending=self.descending, usual=USUAL),
            **view_state.paging(self.page, self.size),
        }
        return view_state.address(PATH, parts)

    def sorted_by(self, column: str) -> "ListState":
        """Sort by a column; by the same one again, the other way round."""
        descending = not self.descending if column == self.sort else column in LARGEST_FIRST
        return replace(self, sort=column, descending=descending, page=1)

    @property
    def query(self) -> Query:
        """The same for the database."""
        return Query(
            self.search,
            self.sort,  # type: ignore[arg-type] # one of SORTABLE, which are its values
            self.descending,
            self.page,
            self.size,
        )


def read(parameters: Mapping[str, str]) -> ListState:
    """The view that an address asks for; what makes no sense in it is left out."""
    sort = parameters.get("sort", USUAL)
    column = sort.removeprefix("-")
    known = column in SORTABLE
    return ListState(
        search=parameters.get("search", "")[:120],
        sort=column if known else USUAL,
        descending=sort.startswith("-") and known,
        page=view_state.number(parameters.get("page")) or 1,
        size=view_state.size(parameters.get("size")),
    )
