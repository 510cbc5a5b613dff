"""Cells that are safe in a spreadsheet: what begins like a formula would be carried out there."""

import re

_PHONE = re.compile(r"\+[0-9]{4,15}")


def harmless(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would compute it; numbers stay numbers."""
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _PHONE.fullmatch(cell):
        return f"'{cell}"
    return cell
