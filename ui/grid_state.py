"""What the SMS tab shows, as its address says it: search, filters, sort and page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from domain import zones
from domain.campaigns import ARCHIVED, Status
from domain.problems import Problem
from storage.grid import SORTABLE, Query
from ui.view_state import SIZES
from ui.view_state import number as _number

PATH = "/campaigns/sms"
STATUSES = (*(status.value for status in Status), ARCHIVED)
LAST_BEFORE_FIRST = "This day is before the first one."


@dataclass(frozen=True, slots=True)
class GridState:
    """One way to look at the campaigns; dates are kept as they were typed."""

    search: str = ""
    statuses: tuple[str, ...] = ()
    line_id: int | None = None
    first_day: str = ""
    last_day: str = ""
    sort: str = "start"
    descending: bool = True
    page: int = 1
    size: int = SIZES[0]

    @property
    def filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return bool(self.search.strip() or self.statuses or self.line_id or self.first_day or self.last_day)

    @property
    def address(self) -> str:
        """Where this view is found again; what is as always is left out."""
        parts = {
            "search": self.search.strip(),
            "status": ",".join(self.statuses),
            "line": str(self.line_id or ""),
            "from": self.first_day,
            "to": self.last_day,
            "sort": self._sort_word,
            "page": str(self.page) if self.page > 1 else "",
            "size": str(self.size) if self.size != SIZES[0] else "",
        }
        query = urlencode({name: value for name, value in parts.items() if value}, safe=",")
        return f"{PATH}?{query}" if query else PATH

    @property
    def _sort_word(self) -> str:
        if (self.sort, self.descending) == ("start", True):
            return ""
        return f"-{self.sort}" if self.descending else self.sort

    def sorted_by(self, column: str) -> "GridState":
        """Sort by a column; by the same one again, the other way round."""
        again = column == self.sort
        descending = not self.descending if again else column in ("start", "messages")
        return replace(self, sort=column, descending=descending, page=1)

    def problems(self) -> tuple[str, str]:
        """What is wrong with each of the two days; "" where nothing is."""
        first, last = problem_of(self.first_day), problem_of(self.last_day)
        if self.first_day and self.last_day and not first and not last:
            later = zones.parse_date(self.first_day) > zones.parse_date(self.last_day)
            last = LAST_BEFORE_FIRST if later else ""
        return first, last

    def query(self, zone: str) -> Query:
        """The same for the database; days are whole days in `zone`, and one that is wrong filters nothing."""
        wrong_first, wrong_last = self.problems()
        return Query(
            search=self.search,
            statuses=self.statuses,
            line_id=self.line_id,
            start_from=None if wrong_first or not self.first_day else _midnight(self.first_day, zone),
            start_before=None if wrong_last or not self.last_day else _midnight(self.last_day, zone, days=1),
            sort=self.sort,  # type: ignore[arg-type] # one of SORTABLE, which are its values
            descending=self.descending,
            page=self.page,
            size=self.size,
        )


def read(parameters: Mapping[str, str]) -> GridState:
    """The view that an address asks for; what makes no sense in it is left out."""
    statuses = parameters.get("status", "").lower().split(",")
    sort = parameters.get("sort", "-start")
    column = sort.removeprefix("-")
    known = column in SORTABLE
    size = _number(parameters.get("size"))
    return GridState(
        search=parameters.get("search", "")[:120],
        statuses=tuple(status for status in STATUSES if status in statuses),
        line_id=_number(parameters.get("line")),
        first_day=parameters.get("from", "")[:40],
        last_day=parameters.get("to", "")[:40],
        sort=column if known else "start",
        descending=sort.startswith("-") if known else True,
        page=_number(parameters.get("page")) or 1,
        size=size if size in SIZES else SIZES[0],
    )


def problem_of(day: str) -> str:
    """Why this is no day; "" for a good one and for none."""
    if not day.strip():
        return ""
    try:
        zones.parse_date(day)
    except Problem as problem:
        return problem.text
    return ""


def read_day(day: str) -> date | None:
    """The day that was typed, or None."""
    return None if not day.strip() or problem_of(day) else zones.parse_date(day)


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    start = zones.parse_date(day) + timedelta(days=days)
    return zones.resolve(datetime.combine(start, time()), zone).instant
