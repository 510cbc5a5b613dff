"""Why a line sends nothing right now, in words."""

from storage.line_holds import LineHold
from ui.formats import clock


def in_words(hold: LineHold, timezone: str) -> str:
    """What holds the line, and when it goes on."""
    if hold.until is None:
        return f"The line can't send. {hold.reason}"
    if hold.used_up:
        return f"The line's daily cap is used up; going on at {clock(hold.until, timezone)}."
    if hold.unreachable:
        return f"The carrier can't be reached; trying again at {clock(hold.until, timezone)}."
    return f"The carrier asked for fewer messages; going on at {clock(hold.until, timezone)}."
