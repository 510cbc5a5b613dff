"""The small types that the endpoints' bodies and queries are made of."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain import zones
from domain.problems import Problem
from domain.texts import storable

T = TypeVar("T")
FIRST, LAST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2099, 12, 30, tzinfo=UTC)


def _storable(text: str) -> str:
    if storable(text) != text:
        raise ValueError("may hold neither the character NUL nor half a surrogate pair")
    return text


def _known_zone(name: str) -> str:
    try:
        zones.zone(name)
    except Problem as problem:
        raise ValueError(problem.text) from None
    return name


def _in_range(instant: datetime) -> datetime:
    if not FIRST <= instant <= LAST:
        raise ValueError(f"must lie between {FIRST.year} and {LAST.year}")
    return instant.astimezone(UTC)


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def _sane_date(day: date) -> date:
    if day.year not in zones.YEARS:
        raise ValueError(f"must lie between {FIRST.year} and {LAST.year}")
    return day


String = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=500), AfterValidator(_storable)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
ZoneName = Annotated[String, AfterValidator(_known_zone)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_range)]
Day = Annotated[date, AfterValidator(_sane_date)]
Blank = BeforeValidator(_blank_is_none)
"""For query parameters: given but empty means not given."""

Limit = Annotated[int, Query(ge=1, le=1000, description="Items on one page.")]
Cursor = Annotated[str | None, Blank, Query(description="The `next` of the page before.")]


class In(BaseModel):
    """A body: a field that it does not know is an error, so that no typing mistake goes unseen."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the cursor of the page behind, null on the last."""

    items: list[T]
    next: str | None


def instant_of(start: datetime | date) -> datetime:
    """An instant as it is, a day as its beginning in UTC."""
    if isinstance(start, datetime):
        return start
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def instant_behind(end: datetime | date) -> datetime:
    """The first instant that is not part of what ends with this instant or day."""
    step = timedelta(microseconds=1) if isinstance(end, datetime) else timedelta(days=1)
    return instant_of(end) + step
