"""What the suppressions page shows, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from domain.opt_outs import Source
from storage.suppressions import Sort

PATH = "/suppressions"
LIST, REVIEW = "list", "review"
SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class SuppressionState:
    """One way to look at the list."""

    tab: str = LIST
    search: str = ""
    source: str = ""
    sort: Sort = "since"
    descending: bool = True
    page: int = 1
    size: int = SIZES[0]

    @property
    def filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return bool(self.search.strip() or self.source)

    @property
    def address(self) -> str:
        """Where this view is found again; what is as always is left out."""
        order = f"{'-' if self.descending else ''}{self.sort}"
        parts = {
            "tab": self.tab if self.tab != LIST else "",
            "search": self.search.strip(),
            "source": self.source,
            "sort": order if order != "-since" else "",
            "page": str(self.page) if self.page > 1 else "",
            "size": str(self.size) if self.size != SIZES[0] else "",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def sorted_by(self, column: Sort) -> "SuppressionState":
        """Sort by a column; by the same one again, the other way round."""
        descending = not self.descending if column == self.sort else column == "since"
        return replace(self, sort=column, descending=descending, page=1)


def read(parameters: Mapping[str, str]) -> SuppressionState:
    """The view that an address asks for; what makes no sense in it is left out."""
    order = parameters.get("sort", "-since")
    page, size = parameters.get("page", ""), parameters.get("size", "")
    source = parameters.get("source", "")
    return SuppressionState(
        tab=REVIEW if parameters.get("tab") == REVIEW else LIST,
        search=parameters.get("search", "")[:120],
        source=source if source in frozenset(Source) else "",
        sort="phone" if order.removeprefix("-") == "phone" else "since",
        descending=order.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and 0 < int(page[:8]) < 10**7 else 1,
        size=int(size) if size in {str(one) for one in SIZES} else SIZES[0],
    )
