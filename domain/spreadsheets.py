"""Cells of an exported file: as they are for machines, never a formula for spreadsheets."""

import re
from enum import StrEnum

_PHONE = re.compile(r"\+[0-9]{4,15}")


def harmless(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would compute it; numbers stay numbers."""
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell


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
