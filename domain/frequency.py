"""Who has had enough texts when their turn comes, while a sending is played through under a frequency cap."""

from datetime import datetime
from typing import NamedTuple

from domain.claim_rules import Cap


class Run(NamedTuple):
    """People next to each other who had texts at the same instants."""

    people: int
    had: tuple[datetime, ...] = ()


class Frequency:
    """Notes what people are sent, by parties: people alike who keep their order in every message."""

    def __init__(self, cap: Cap) -> None:
        self._cap = cap
        self._parties: dict[int, list[Run]] = {}

    def join(self, party: int, people: int, had: tuple[datetime, ...]) -> None:
        """Make a party known, and when its people had texts from elsewhere; once is enough."""
        self._parties.setdefault(party, [Run(people, had)])

    def enough(self, party: int, gone: int, at: datetime) -> int:
        """How many of those behind the first `gone` get nothing at that instant, up to one who does."""
        found = 0
        for people, had in self._behind(party, gone):
            if not self._cap.is_reached(had, at):
                break
            found += people
        return found

    def alike(self, party: int, gone: int) -> int:
        """How many behind the first `gone` had texts at the same instants."""
        return self._behind(party, gone)[0].people

    def note(self, party: int, gone: int, count: int, at: datetime) -> None:
        """Those behind the first `gone`, so many of them, get a text then."""
        runs: list[Run] = []
        start, end, place = gone, gone + count, 0
        for people, had in self._parties[party]:
            before = max(0, min(people, start - place))
            behind = max(0, min(people, place + people - end))
            parts = ((before, had), (people - before - behind, (*had, at)), (behind, had))
            runs += [Run(*part) for part in parts if part[0]]
            place += people
        self._parties[party] = runs

    def _behind(self, party: int, gone: int) -> list[Run]:
        place, found = 0, []
        for people, had in self._parties[party]:
            place += people
            if place > gone:
                found.append(Run(min(people, place - gone), had))
        return found
