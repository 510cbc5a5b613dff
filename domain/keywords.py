"""What a reply means: STOP, START and HELP by the carriers' keyword lists (facts.md A6)."""

import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What an inbound text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    REPLY = "reply"


STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
    | {"remove", "arret", "arrete", "arrett", "td", "alto", "parar", "no mas"}
)
_START = frozenset({"start", "unstop"})
_YES = "yes"
_HELP = frozenset({"help", "info"})


def kind_of(text: str, *, opted_out: bool) -> Kind:
    """The kind of a whole message; a sentence that merely contains a keyword is a reply.

    `opted_out` says whether the number is suppressed: only then does a YES mean START. Anybody else
    answers a question with it.
    """
    words = folded(text)
    spelled = words.replace(" ", "") if max(map(len, words.split()), default=0) == 1 else words
    if spelled in STOP:
        return Kind.STOP
    if spelled in _START or (spelled == _YES and opted_out):
        return Kind.START
    return Kind.HELP if spelled in _HELP else Kind.REPLY


def folded(text: str) -> str:
    """Without case, accents, punctuation and spare spaces; "don't" is one word."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    joined = bare.translate(_APOSTROPHES)
    return " ".join("".join(c if c.isalnum() else " " for c in joined).split())


_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"))
