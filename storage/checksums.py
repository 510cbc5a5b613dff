"""A table's checksum: the same on every database and in every order of its rows."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

_MODULUS = 1 << 128


class Checksum:
    """The sum of the hashes of all rows that were added, and their number."""

    def __init__(self) -> None:
        self.rows = 0
        self.sum = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count these rows in."""
        for row in rows:
            text = json.dumps(list(row), default=_plain)
            digest = sha256(text.encode()).digest()
            self.sum = (self.sum + int.from_bytes(digest[:16])) % _MODULUS
            self.rows += 1

    def __str__(self) -> str:
        return f"{self.sum:032x}"


def _plain(value: Any) -> str:
    """What JSON has no word for."""
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
