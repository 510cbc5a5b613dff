"""Cells of an exported file: as they are for machines, never a formula for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Reader(StrEnum):
    """Who reads the file."""

    MACHINES = "machines"
    SPREADSHEETS = "spreadsheets"


def cell(text: str, reader: Reader) -> str:
    """The cell; a leading apostrophe keeps a spreadsheet from calculating, also with what follows spaces."""
    if reader is Reader.SPREADSHEETS and text.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{text}"
    return text


def lines(rows: Iterable[Sequence[object]], reader: Reader) -> str:
    """Rows as CSV; what is None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(["" if value is None else cell(str(value), reader) for value in row])
    return out.getvalue()
