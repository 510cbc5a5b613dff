"""How carriers cut a text into billed segments, and which characters make it cost more than it need."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial

from domain.problems import Problem

MAX_CHARACTERS = 1600
"""The longest text that Twilio takes (its error 21617), in UTF-16 units: an emoji counts as two or more."""


class Encoding(StrEnum):
    """The alphabet a text is sent in; one character outside GSM-7 turns the whole text to UCS-2."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


class TextTooLong(Problem):
    """This text is longer than a message can be."""


@dataclass(frozen=True, slots=True)
class CostlyCharacter:
    """A character that GSM-7 lacks, as a person sees it: an emoji of several code points is one."""

    character: str
    name: str
    count: int
    replacement: str | None  # what make_plain puts in its place; "" removes it, None keeps it


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """What a text costs: `units` and `left` are septets in GSM-7 and UTF-16 units in UCS-2."""

    encoding: Encoding
    segments: int
    units: int
    left: int  # what still fits in the last segment; in a first one when the text is empty
    costly: tuple[CostlyCharacter, ...] = ()


def count(text: str) -> SegmentCount:
    """Count the segments of `text` as carriers do (3GPP TS 23.038 alphabets, 23.040 concatenation).

    A pair (ESC and its character in GSM-7, two surrogates in UCS-2) never straddles two parts.
    """
    if _OUTSIDE_GSM7.search(text):
        units = text.encode("utf-16-be", "surrogatepass")
        segments, left = _cut(_UCS2, len(units) // 2, partial(_is_high_surrogate, units))
        return SegmentCount(Encoding.UCS2, segments, len(units) // 2, left, _costly(text))
    septets = text
    for character in filter(text.__contains__, _EXTENSION):
        septets = septets.replace(character, _ESC + character)
    segments, left = _cut(_GSM7, len(septets), partial(_is_escape, septets))
    return SegmentCount(Encoding.GSM7, segments, len(septets), left)


def summary(count: SegmentCount) -> str:
    """Say a count as the composer shows it: "1 segment · GSM-7 · 123 characters left"."""
    return (
        f"{count.segments} {'segment' if count.segments == 1 else 'segments'} · {count.encoding} · "
        f"{count.left} {'character' if count.left == 1 else 'characters'} left"
    )


def make_plain(text: str) -> str:
    """Replace every costly character that has a good GSM-7 look-alike; emoji and other scripts stay.

    Never makes the text cost more segments: a longer look-alike ("..." for "…") is left out where it would.
    """
    replacements = _replacements(text)
    plain = _CLUSTER.sub(lambda found: replacements.get(found[0], found[0]), text)
    if count(plain).segments <= count(text).segments:
        return plain
    short = {old: new for old, new in replacements.items() if _units(new) <= _units(old)}
    return _CLUSTER.sub(lambda found: short.get(found[0], found[0]), text)


def check_text(text: str) -> None:
    """Refuse a text that no carrier would take; raises TextTooLong."""
    if (units := _units(text)) > MAX_CHARACTERS:
        raise TextTooLong(
            f"This text has {units:,} characters and a message can have at most {MAX_CHARACTERS:,} "
            "(an emoji counts as two or more). Shorten it, or add a second message."
        )


# The GSM 03.38 alphabet, and its extension table: an ESC goes before each of those, so they cost 2 septets.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_IN_GSM7 = re.escape(_BASIC + _EXTENSION)
_OUTSIDE_GSM7 = re.compile(f"[^{_IN_GSM7}]")
_ESC = "\x1b"

# What one message holds, and what a part holds when several are joined: 140 octets, less a 6-octet header.
_GSM7 = (160, 153)
_UCS2 = (70, 67)


def _cut(sizes: tuple[int, int], units: int, opens_pair: Callable[[int], bool]) -> tuple[int, int]:
    """Give the number of segments and the units left in the last; `opens_pair` looks at one unit."""
    single, part = sizes
    if units <= single:
        return min(units, 1), single - units
    segments, start = 1, 0
    while units - start > part:
        start += part - opens_pair(start + part - 1)
        segments += 1
    return segments, part - (units - start)


def _is_escape(septets: str, position: int) -> bool:
    return septets[position] == _ESC


def _is_high_surrogate(units: bytes, position: int) -> bool:
    return 0xD8 <= units[2 * position] <= 0xDB


def _units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


# One character as a person sees it, as far as it matters here. The first alternative that fits wins:
# a flag; a keycap; emoji joined into one; a plain letter with accents written apart; a letter of another
# script with its joiners and marks; else a single character, perhaps with a variation selector.
_ACCENTS = "\u0300-\u036f"
_SELECTORS = "\ufe00-\ufe0f"
_JOINERS = "\u200c\u200d"
_EMOJI = "[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]"
_EMOJI_MARKS = f"[{_SELECTORS}\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_LATIN = f"{_IN_GSM7}\u00c0-\u024f\u1e00-\u1eff"
_CLUSTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    f"|[0-9#*][{_SELECTORS}]?\u20e3"
    f"|{_EMOJI}{_EMOJI_MARKS}(?:\u200d{_EMOJI}{_EMOJI_MARKS})*"
    f"|[{_LATIN}][{_ACCENTS}]+"
    f"|[^\u0000-\u036f\u1e00-\u1eff\u2000-\u206f{_SELECTORS}\ufeff{_IN_GSM7}]"
    f"[{_JOINERS}{_ACCENTS}{_SELECTORS}]+"
    f"|[^{_IN_GSM7}][{_SELECTORS}]?"
)


def _costly(text: str) -> tuple[CostlyCharacter, ...]:
    replacements = _replacements(text)
    counts = Counter(_CLUSTER.findall(text))
    return tuple(
        CostlyCharacter(cluster, _name(cluster), times, replacements.get(cluster))
        for cluster, times in counts.items()
    )


def _replacements(text: str) -> dict[str, str]:
    """Give the look-alike of each costly character in `text` that has one."""
    found = {cluster: _look_alike(cluster) for cluster in set(_CLUSTER.findall(text))}
    if any(map(_runs_right_to_left, found)):
        found |= dict.fromkeys(_DIRECTION_MARKS & found.keys())  # they place this text's punctuation
    return {cluster: new for cluster, new in found.items() if new is not None}


def _runs_right_to_left(cluster: str) -> bool:
    return cluster not in _DIRECTION_MARKS and unicodedata.bidirectional(cluster[0]) in ("R", "AL")


@lru_cache(maxsize=4096)
def _look_alike(cluster: str) -> str | None:
    """Give a GSM-7 text that reads the same as `cluster`, "" if it can't be seen, None if there is none."""
    bare = _UNSEEN.sub("", cluster)
    if bare in _LOOK_ALIKES:
        return _LOOK_ALIKES[bare]
    if _LOOSE_ACCENTS.fullmatch(bare) or unicodedata.category(bare[0]) == "Cc":
        return ""
    if unicodedata.category(bare[0]) == "Zs":
        return " "
    return _recomposed(bare) or _unaccented(bare)


def _recomposed(cluster: str) -> str | None:
    """Undo typographic forms only: "é" of two code points, "ﬁ", full-width and mathematical letters."""
    if any(_CHANGES_MEANING.match(unicodedata.decomposition(character)) for character in cluster):
        return None
    composed = unicodedata.normalize("NFKC", cluster)
    return None if composed.isspace() or _OUTSIDE_GSM7.search(composed) else composed


def _unaccented(cluster: str) -> str | None:
    """Take the accents off Latin letters and GSM-7's own Greek capitals: "á" is read as "a"."""
    if any(_CHANGES_MEANING.match(unicodedata.decomposition(character)) for character in cluster):
        return None
    letters = "".join(c for c in unicodedata.normalize("NFKD", cluster) if not unicodedata.combining(c))
    letters = "".join(_LOOK_ALIKES.get(letter) or letter for letter in letters)
    return letters if letters.isalpha() and not _OUTSIDE_GSM7.search(letters) else None


_CHANGES_MEANING = re.compile("<(super|sub|fraction|circle|square)>")  # 10² is not 102, 1½ is not 11/2

_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
_UNSEEN = re.compile(
    f"[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f{_SELECTORS}\ufeff]"
)

_LOOSE_ACCENTS = re.compile(f"[{_ACCENTS}]+")

_LOOK_ALIKES = {
    "": "",
    **dict.fromkeys("‘’‚‛′‵ʹʻʼʽˈ´`", "'"),
    **dict.fromkeys("“”„‟″‶«»ʺ〝〞", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃﹘﹣", "-"),
    **dict.fromkeys("•‣◦∙●▪", "*"),
    **dict.fromkeys("\u0085\u000b\u2028\u2029", "\n"),
    "\t": " ",
    "\u1680": " ",
    "…": "...",
    "‹": "<",
    "›": ">",
    "·": ".",
    "¦": "|",
    "¸": ",",
    "×": "x",
    "÷": "/",
    "⁄": "/",
    "∕": "/",
    "∗": "*",
    "∼": "~",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "©": "(c)",
    "®": "(R)",
    "™": "(TM)",
    "ª": "a",
    "º": "o",
    "µ": "u",
    "ĸ": "k",
    "ı": "i",
    "Đ": "D",
    "Ð": "D",
    "đ": "d",
    "ð": "d",
    "Ħ": "H",
    "ħ": "h",
    "Ŀ": "L",
    "ŀ": "l",
    "ŉ": "'n",
    "Ł": "L",
    "ł": "l",
    "Ŧ": "T",
    "ŧ": "t",
    "Œ": "OE",
    "œ": "oe",
    "Þ": "Th",
    "þ": "th",
    "ẞ": "SS",
    "Ŋ": "N",
    "ŋ": "n",
    "ſ": "s",
    "Ə": "E",
    "ə": "e",
}


@lru_cache(maxsize=4096)
def _name(cluster: str) -> str:
    """Say which character this is in words, since it may be invisible or look like another."""
    if _FLAG.fullmatch(cluster):
        return "flag " + "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in cluster)
    if cluster[0].isascii() and cluster.endswith("\u20e3"):
        return f"keycap {cluster[0]}"
    composed = unicodedata.normalize("NFC", cluster)
    visible = _UNNAMED.sub("", composed) or composed
    return ", ".join(_NAMES.get(character) or _unicode_name(character) for character in visible)


def _unicode_name(character: str) -> str:
    return unicodedata.name(character, "").lower() or f"character U+{ord(character):04X}"


_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_UNNAMED = re.compile(f"[{_SELECTORS}{_JOINERS}\U000e0020-\U000e007f]")
_NAMES = {
    "\t": "tab",
    "\u000b": "line break",
    "\u0085": "line break",
    "\u2028": "line break",
    "\u2029": "paragraph break",
    "\ufeff": "zero width no-break space",
    "\ufe0e": "variation selector",
    "\ufe0f": "variation selector",
    "\U0001f3fb": "light skin tone",
    "\U0001f3fc": "medium-light skin tone",
    "\U0001f3fd": "medium skin tone",
    "\U0001f3fe": "medium-dark skin tone",
    "\U0001f3ff": "dark skin tone",
}
