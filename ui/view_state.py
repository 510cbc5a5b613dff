"""Reading and writing what a table shows in the address of its page."""

from collections.abc import Mapping
from urllib.parse import urlencode

SIZES = (25, 50, 100)


def address(path: str, parts: Mapping[str, str]) -> str:
    """Where a view is found again; what is empty is left out."""
    query = urlencode({name: value for name, value in parts.items() if value}, safe=",/")
    return f"{path}?{query}" if query else path


def number(text: str | None) -> int | None:
    """A positive number that any database takes."""
    found = int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
    return found or None


def size(text: str | None) -> int:
    """How many rows make a page: one of the sizes that are offered."""
    wanted = number(text)
    return wanted if wanted in SIZES else SIZES[0]


def paging(page: int, rows: int) -> dict[str, str]:
    """Page and size where they are not as always."""
    return {"page": str(page) if page > 1 else "", "size": str(rows) if rows != SIZES[0] else ""}


def sorting(column: str, *, descending: bool, usual: str) -> str:
    """The order in one word; "" when it is the usual one."""
    word = f"-{column}" if descending else column
    return "" if word == usual else word
