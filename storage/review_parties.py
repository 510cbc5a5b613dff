"""The people of a review, counted by all that it tells them apart by, and what becomes of each message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from domain.claim_rules import Cap
from domain.forecast import Forecast, Group, Sending, forecast
from domain.line_time import Pace
from domain.segments import Encoding
from storage.review_texts import Script, Text


class Alike(NamedTuple):
    """What people have in common who are counted together."""

    block: int  # the part of the list in which they are
    zone: str | None
    place: str
    had: tuple[datetime, ...]  # their latest texts, where a frequency cap counts them
    texts: tuple[int | None, ...]  # what each message comes to; None for those who had their turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """One message as it would go out."""

    expected: Forecast
    segments: Mapping[int, int]  # people by the segments of their own text
    encodings: Mapping[Encoding, int]
    missing: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many have a turn."""
        return sum(self.segments.values())

    @property
    def parts(self) -> int:
        """The segments of all of them together."""
        return sum(count * people for count, people in self.segments.items())


class Party(NamedTuple):
    """People alike in what counts: where they stand, when they may be sent to, and their texts."""

    block: int
    whens: tuple[int | None, ...]  # by message, as `Openings` counts them; None for those who had their turn
    had: tuple[datetime, ...]
    texts: tuple[int | None, ...]


def outcomes(
    scripts: Sequence[Script], people: Mapping[Alike, int], pace: Pace, cap: Cap | None
) -> list[Outcome]:
    """What becomes of each message; on their line the pump takes them in the order of their times."""
    parties = _parties(scripts, people)
    casts = [_Cast(script, place, parties, cap) for place, script in enumerate(scripts)]
    in_turn = sorted(range(len(scripts)), key=lambda place: scripts[place].turn)
    found = forecast([casts[place].sending() for place in in_turn], pace, cap)
    return [casts[place].outcome(found[in_turn.index(place)]) for place in range(len(scripts))]


def _parties(scripts: Sequence[Script], people: Mapping[Alike, int]) -> Mapping[Party, int]:
    found: Counter[Party] = Counter()
    for (block, zone, place, had, texts), count in people.items():
        whens = tuple(
            None if text is None else script.openings.when(zone, place)
            for script, text in zip(scripts, texts, strict=True)
        )
        found[Party(block, whens, had, texts)] += count
    return found


class _Cast:
    """Who gets one message, in groups as the forecast takes them."""

    def __init__(self, script: Script, place: int, parties: Mapping[Party, int], cap: Cap | None) -> None:
        self._script = script
        self._texts: Counter[int] = Counter()
        self._groups: list[Group] = []
        self._text_of: list[int] = []  # each group's, where a cap may leave people of it out
        crowds: Counter[tuple[int, int]] = Counter()
        for number, (party, people) in enumerate(parties.items()):
            when, text = party.whens[place], party.texts[place]
            if when is None or text is None:
                continue
            self._texts[text] += people
            if cap is None:
                crowds[party.block, when] += people
            else:
                group = script.openings.group(people, when, party.block)
                self._groups.append(replace(group, party=number, had=party.had))
                self._text_of.append(text)
        self._groups += [script.openings.group(count, when, block) for (block, when), count in crowds.items()]

    def sending(self) -> Sending:
        """The message as the forecast takes it; the usual cost counts those too whom a cap leaves out."""
        counted = self._counted()
        parts = sum(text.segments * people for text, people in counted)
        usual = parts / self._texts.total() if parts else 1.0
        return Sending(self._groups, self._script.cost(usual))

    def outcome(self, expected: Forecast) -> Outcome:
        """What comes of it, by those whom it does not leave out."""
        for place, people in zip(self._text_of, expected.capped, strict=True):
            self._texts[place] -= people
        segments, encodings, missing = Counter[int](), Counter[Encoding](), Counter[str]()
        for text, people in self._counted():
            segments[text.segments] += people
            encodings[text.encoding] += people
            missing.update(dict.fromkeys(text.missing, people))
        return Outcome(expected, segments, encodings, missing)

    def _counted(self) -> list[tuple[Text, int]]:
        return [(self._script.texts[place], people) for place, people in self._texts.items() if people]
