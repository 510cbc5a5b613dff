"""How a line stands, as a dot and words: open, waiting, paused by a person, or blocked by its carrier."""

from dataclasses import dataclass
from datetime import datetime

from domain.carrier_errors import explain
from storage.line_board import LineRow
from ui.formats import relative
from ui.tags import Tag


@dataclass(frozen=True, slots=True)
class Words:
    """A line's standing: one word, what happened, and what to do."""

    word: str
    kind: str  # of the dot
    title: str = ""
    advice: str = ""


def words(row: LineRow, now: datetime) -> Words:
    """The standing of a line in words."""
    if row.blocked_reason and row.blocked_by:
        return Words("Paused", "paused", row.blocked_reason, "Messages wait until it is open again.")
    if row.blocked_reason:
        told = explain(row.carrier, row.blocked_code) if row.blocked_code else None
        return Words(
            "Blocked",
            "stopped",
            told.title if told else row.blocked_reason,
            told.advice if told else "",
        )
    if row.hold and row.hold.until:
        again = relative(row.hold.until, now)
        if row.hold.unreachable:
            advice = "Look at the carrier's status page if this lasts."
            return Words(
                "Waiting", "paused", f"The carrier is in trouble. One message is tried {again}.", advice
            )
        return Words("Waiting", "paused", f"The carrier asked for a pause. It goes on {again}.")
    if row.rate_now and row.settings.rate and row.rate_now < row.settings.rate:
        slowed = f"The carrier asked for less: {row.rate_now:.3g} segments a second now, more each minute."
        return Words("Slowed", "scheduled", slowed)
    return Words("Open", "completed")


def dot(found: Words) -> None:
    """Draw it as a dot and a word."""
    with Tag("span", classes=f"pill pill-{found.kind}"):
        Tag("span", classes="pill-dot", aria_hidden="true")
        Tag("span", found.word)
