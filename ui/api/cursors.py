"""Cursors: where a page ended, in a text that means nothing to whoever sends it back."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from domain.problems import Problem
from domain.texts import storable
from ui.api.shapes import Page

R = TypeVar("R")
T = TypeVar("T")
Part = str | int | None
LARGEST = 2**31 - 1
LARGEST_DELIVERY = 2**63 - 1
"""Ids of deliveries have 64 bits, all others 32."""


class BadCursor(Problem):
    """This cursor is not one that this list gave out. Start again without it."""


def write(*parts: Part) -> str:
    """The cursor that holds these parts."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read(cursor: str, *kinds: tuple[type, ...], largest: int = LARGEST) -> list[Part]:
    """Its parts again; raises `BadCursor` unless each is of one of its kinds."""
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor from None
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise BadCursor
    for part, kind in zip(parts, kinds, strict=True):
        if type(part) not in kind or (isinstance(part, int) and not 0 <= part <= largest):
            raise BadCursor
        if isinstance(part, str) and storable(part) != part:
            raise BadCursor
    return parts


def number(cursor: str | None, start: int = 0) -> int:
    """The one number of a cursor; `start` for the first page."""
    if cursor is None:
        return start
    (found,) = read(cursor, (int,))
    return found if isinstance(found, int) else start


def page(rows: Sequence[R], limit: int, shown: Callable[[R], T], place: Callable[[R], str]) -> Page[T]:
    """The first `limit` of the rows; callers ask for one row more to learn whether there is a page behind."""
    more = len(rows) > limit
    return Page(items=[shown(row) for row in rows[:limit]], next=place(rows[limit - 1]) if more else None)
