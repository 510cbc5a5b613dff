"""What a text costs, told while it is written: segments, encoding, and each character that costs extra."""

from collections.abc import Callable

from nicegui import ui

from domain import segments
from domain.problems import Problem
from domain.segments import CostlyCharacter, SegmentCount
from ui.formats import plural
from ui.tags import Tag, icon

NAMED = 6
"""How many costly characters are named; the rest is counted."""


class Meter(Tag):
    """The line of numbers, and below it what makes the text dearer or too long."""

    def __init__(self, on_replace: Callable[[], object]) -> None:
        super().__init__("div", classes="meter")
        with self:
            self._line = Tag("p", classes="meter-line", aria_live="polite")
            self._too_long = Tag("p", classes="field-problem", role="alert")
            self._costly = Tag("div", classes="costly")
        with self._costly:
            with Tag("div", classes="costly-words"):
                self._why = Tag("p")
                self._list = Tag("ul", classes="costly-list", aria_label="Characters that cost extra")
            self._replace = ui.button("Replace", on_click=on_replace).props("outline dense")
        self._named: tuple[CostlyCharacter, ...] = ()
        self.show("")

    def show(self, text: str) -> None:
        """Count this text."""
        count = segments.count(text)
        self._line.text = segments.summary(count)
        try:
            segments.check_text(text)
            self._too_long.text = ""
        except Problem as problem:
            self._too_long.text = problem.text
        self._too_long.set_visibility(bool(self._too_long.text))
        self._costly.set_visibility(bool(count.costly))
        if count.costly:
            self._explain(text, count)

    def _explain(self, text: str, count: SegmentCount) -> None:
        plain = segments.make_plain(text)
        self._replace.set_visibility(plain != text)
        self._why.text = _why(count, segments.count(plain) if plain != text else None)
        if count.costly != self._named:
            self._named = count.costly
            self._list.clear()
            with self._list:
                for character in count.costly[:NAMED]:
                    _draw(character)
                rest = len(count.costly) - NAMED
                if rest > 0:
                    Tag("li", f"and {plural(rest, 'other')}", classes="muted")


def _why(count: SegmentCount, plain: SegmentCount | None) -> str:
    told = "These characters are outside GSM-7, so a segment holds 70 characters instead of 160."
    if plain is None:
        return told
    if plain.segments < count.segments:
        saved = f"{plural(count.segments, 'segment')} to {plain.segments}"
        return f"{told} With look-alikes the text goes from {saved}."
    return f"{told} Some have look-alikes that cost nothing extra."


def _draw(character: CostlyCharacter) -> None:
    with Tag("li", classes="costly-one"):
        Tag("span", character.character, classes="costly-glyph", dir="auto")
        times = f" ×{character.count}" if character.count > 1 else ""
        Tag("span", f"{character.name}{times}")
        if character.replacement:
            icon("arrow_forward")
            Tag("span", character.replacement, classes="costly-glyph")
        elif character.replacement == "":
            Tag("span", "can be left out", classes="muted")
