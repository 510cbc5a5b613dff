"""How large the faults are: a short form in `make test`, all of it in `make faults`."""

import os
from typing import TypeVar

import pytest

T = TypeVar("T")

FULL = os.environ.get("FAULTS") == "full"

only_full = pytest.mark.skipif(not FULL, reason="runs in `make faults`")


def sized(short: T, full: T) -> T:
    """What this run takes of the two."""
    return full if FULL else short
