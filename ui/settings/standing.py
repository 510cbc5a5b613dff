"""How a line stands, as a dot and words: open, waiting, paused by a person, or blocked by its carrier."""

from dataclasses import dataclass

from storage.line_board import LineRow
from ui.line_words import in_words
from ui.tags import Tag


@dataclass(frozen=True, slots=True)
class Words:
    """A line's standing: one word, what happened, and what to do."""

    word: str
    kind: str  # of the dot
    title: str = ""
    advice: str = ""


def words(row: LineRow) -> Words:
    """The standing of a line in words."""
    if row.blocked_reason and row.blocked_by:
        return Words("Paused", "paused", row.blocked_reason, "Messages wait until it is open again.")
    if row.blocked_reason:
        title, advice = row.blocked_words
        return Words("Blocked", "stopped", title, advice)
    if row.hold and row.hold.until:
        zone = row.settings.day_zone if row.hold.used_up else "UTC"
        return Words("Waiting", "paused", in_words(row.hold, zone))
    if row.rate_now and row.settings.rate and row.rate_now < row.settings.rate:
        slowed = f"The carrier asked for less: {row.rate_now:.3g} segments a second now, more each minute."
        return Words("Slowed", "scheduled", slowed)
    return Words("Open", "completed")


def dot(found: Words) -> None:
    """Draw it as a dot and a word."""
    with Tag("span", classes=f"pill pill-{found.kind}"):
        Tag("span", classes="pill-dot", aria_hidden="true")
        Tag("span", found.word)
