"""Names that people give to things: tidied for the screen, and compared as people compare them."""

import unicodedata

from domain.problems import Problem

MAX_CHARACTERS = 120
"""Our own limit: what fits on two lines of a phone."""

DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the reading direction of what follows them, so that a name can pose as another."""


class NameMissing(Problem):
    """Enter a campaign name."""


class NameTooLong(Problem):
    """The campaign name is too long."""


def clean(raw: str) -> str:
    """Tidy a name: one space between words, no control or needless invisible characters, NFC.

    Raises NameMissing if nothing is left and NameTooLong above 120 characters.
    """
    name = tidy(raw)
    if not name:
        raise NameMissing
    if len(name) > MAX_CHARACTERS:
        raise NameTooLong(
            f"The campaign name has {len(name):,} characters and may have at most {MAX_CHARACTERS}. "
            "Shorten it."
        )
    return name


def key(name: str) -> str:
    """Give what two names share if a person would call them the same: "Spring sale", " spring  SALE ".

    It is Unicode's NFKC_Casefold (chapter 3.13, D146) with spaces collapsed.
    """
    seen = "".join(c for c in name if c.isspace() or not _is_unseen(c))
    folded = unicodedata.normalize("NFD", seen).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return unicodedata.normalize("NFKC", " ".join(unicodedata.normalize("NFKC", folded).split()))


def tidy(raw: str) -> str:
    """Clean a text for one line of the screen; it may come out empty."""
    if raw.isascii() and raw.isprintable():  # the same, only faster
        return " ".join(raw.split())
    text = "".join(
        " " if character.isspace() else character
        for character in raw
        if character.isspace() or character in _SHAPING or not _is_unseen(character)
    )
    while (tidier := _without_stray_shaping(unicodedata.normalize("NFC", text))) != text:
        text = tidier  # composing letters can leave another joiner without its neighbours
    return " ".join(text.split())


# Invisible characters that shape their neighbours: joiners, variation selectors, a flag's tags.
_JOINERS = frozenset("\u200c\u200d")
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_SHAPING = _JOINERS | _SELECTORS | _TAGS
_FLAG_OF_TAGS = "\U0001f3f4"

_ARABIC_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")  # Cf, yet they are seen
_BLANKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0"
)  # not Cf, yet unseen


def _is_unseen(character: str) -> bool:
    if character in _ARABIC_SIGNS:
        return False
    unseen = character in _BLANKS or character in _SELECTORS
    return unseen or unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _without_stray_shaping(text: str) -> str:
    """Keep an invisible character only where it shapes an emoji, or letters of a script that needs it."""
    kept: list[str] = []
    for position, character in enumerate(text):
        before, after = kept[-1] if kept else " ", text[position + 1 : position + 2] or " "
        if character not in _SHAPING or _shapes(character, before, after):
            kept.append(character)
    return "".join(kept)


def _shapes(character: str, before: str, after: str) -> bool:
    if character in _TAGS:
        return before == _FLAG_OF_TAGS or before in _TAGS
    if character in _SELECTORS:
        return before in "0123456789#*" or (_is_shaped(before) and before not in _SELECTORS)
    return _is_shaped(before) and _is_shaped(after) and after not in _SELECTORS


def _is_shaped(character: str) -> bool:
    """Whether this is an emoji or a letter or mark beyond Latin."""
    return character in "©®" or (character > "\u036f" and unicodedata.category(character)[0] in "LMS")
