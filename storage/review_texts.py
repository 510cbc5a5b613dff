"""What one message of a review comes to for one person after the other: their own text, counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from domain import expected_segments, segments, short_links
from domain.line_time import Cost
from domain.merge_fields import Template, template
from domain.segments import Encoding
from storage.review_hours import Openings

REMEMBERED = 50_000
"""Counted texts that are kept, for people who share a name."""


class Text(NamedTuple):
    """What is told of a text; many people's are alike."""

    segments: int
    encoding: Encoding
    missing: tuple[str, ...]  # merge fields without a word for this person, and without a fallback


class Script:
    """One message: whose text comes to what."""

    def __init__(self, openings: Openings, links: str) -> None:
        self._links = links if openings.message.shorten_links else ""
        self._shorten = short_links.stand_in(links) if self._links else None
        self.openings, self.message_id = openings, openings.message.id or 0
        self.template: Template = template(openings.message.text)
        self.names = sorted({one.name for one in self.template.fields})
        self.texts: list[Text] = []  # those that differ
        self._known: set[str] = set()
        self._counted: dict[tuple[str, ...], int] = {}

    @property
    def unknown(self) -> list[str]:
        """The text's fields that nobody has."""
        return [name for name in self.names if name not in self._known]

    @property
    def turn(self) -> tuple[datetime | None, int]:
        """Where the message stands among those of its line."""
        return self.openings.message.send_at, self.message_id

    def cost(self, usual: float) -> Cost:
        """What one text takes from the line, where it has so many segments on average."""
        return Cost(usual, expected_segments.claimed(self.openings.message.text, self._links))

    def count(self, values: Mapping[str, str]) -> int:
        """One person's text, as its place among `texts`."""
        key = tuple(values.get(name, "") for name in self.names)
        place = self._counted.get(key)
        if place is None:
            if len(self._counted) >= REMEMBERED:
                self._counted.clear()
            self._known.update(name for name in self.names if name in values)
            place = self._counted[key] = self._place(self._text(values))
        return place

    def _text(self, values: Mapping[str, str]) -> Text:
        count = segments.count(self._written(values))
        missing = tuple(sorted(set(self.template.missing(values))))
        return Text(max(1, count.segments), count.encoding, missing)

    def _place(self, text: Text) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)

    def _written(self, values: Mapping[str, str]) -> str:
        if self._shorten is None:
            return self.template.render(values)
        return short_links.written(self.openings.message.text, values, self._shorten)
