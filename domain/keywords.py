"""What a reply means: STOP, START and HELP by the carriers' keyword lists (facts.md A6)."""

import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What an inbound text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    REPLY = "reply"


_STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
    | {"remove", "arret", "arrete", "arrett", "td", "alto", "parar", "no mas"}
)
_START = frozenset({"start", "unstop", "yes"})
_HELP = frozenset({"help", "info"})


def kind_of(text: str) -> Kind:
    """The kind of a whole message; a sentence that merely contains a keyword is a reply."""
    words = _folded(text)
    if words in _STOP:
        return Kind.STOP
    if words in _START:
        return Kind.START
    return Kind.HELP if words in _HELP else Kind.REPLY


def _folded(text: str) -> str:
    """Without case, accents, punctuation and spare spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())
