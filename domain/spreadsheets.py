"""Cells of an exported file: as they are for machines, never a formula for spreadsheets."""

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
