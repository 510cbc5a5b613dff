"""Opt-outs: who or what put a number on the suppression list, and what may take it off again."""

from enum import StrEnum


class Source(StrEnum):
    """What a suppression came from; the text is what is stored."""

    KEYWORD = "keyword"
    PLAIN_WORDS = "plain words"
    CARRIER = "carrier"
    TEAM = "team"
    API = "api"
    IMPORT = "import"
    ERASURE = "erasure"

    @property
    def words(self) -> str:
        """The source as a person reads it."""
        return _WORDS[self]


_WORDS = {
    Source.KEYWORD: "Replied STOP",
    Source.PLAIN_WORDS: "Asked in plain words",
    Source.CARRIER: "Told by the carrier",
    Source.TEAM: "Added by the team",
    Source.API: "Added by a program",
    Source.IMPORT: "Imported",
    Source.ERASURE: "Erased on request",
}

REOPENED_BY_START = frozenset({Source.KEYWORD, Source.CARRIER, Source.ERASURE})
"""What the person did alone, START undoes alone; what a person of the team decided stays."""


def source_words(source: str) -> str:
    """A stored source as a person reads it; an unknown one as it is."""
    return Source(source).words if source in frozenset(Source) else source
