"""How carriers cut a text into billed segments, and which characters make it cost more than it need."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from domain.characters import EXTENSION, is_gsm7, look_alikes, name, outside_gsm7, replace
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
    encoding, parts, units, left = _measure(text)
    return SegmentCount(encoding, parts, units, left, () if encoding is Encoding.GSM7 else _costly(text))


def segments(text: str) -> int:
    """Give only the number of segments: for the many rendered texts of a campaign."""
    return _measure(text)[1]


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
    replacements = look_alikes(outside_gsm7(text))
    plain = replace(text, replacements)
    if segments(plain) <= segments(text):
        return plain
    short = {old: new for old, new in replacements.items() if _units(new) <= _units(old)}
    return replace(text, short)


def check_text(text: str) -> None:
    """Refuse a text that no carrier would take; raises TextTooLong."""
    if (units := _units(text)) > MAX_CHARACTERS:
        raise TextTooLong(
            f"This text has {units:,} characters and a message can have at most {MAX_CHARACTERS:,} "
            "(an emoji counts as two or more). Shorten it, or add a second message."
        )


# What one message holds, and what a part holds when several are joined: 140 octets, less a 6-octet header.
_GSM7 = (160, 153)
_UCS2 = (70, 67)
_ESC = "\x1b"


def _measure(text: str) -> tuple[Encoding, int, int, int]:
    """Give the encoding, the segments, the units and the units left."""
    if not is_gsm7(text):
        units = text.encode("utf-16-be", "surrogatepass")
        parts, left = _cut(_UCS2, len(units) // 2, partial(_is_high_surrogate, units))
        return Encoding.UCS2, parts, len(units) // 2, left
    septets = text
    for character in filter(text.__contains__, EXTENSION):
        septets = septets.replace(character, _ESC + character)
    parts, left = _cut(_GSM7, len(septets), partial(_is_escape, septets))
    return Encoding.GSM7, parts, len(septets), left


def _cut(sizes: tuple[int, int], units: int, opens_pair: Callable[[int], bool]) -> tuple[int, int]:
    """Give the number of segments and the units left in the last; `opens_pair` looks at one unit."""
    single, part = sizes
    if units <= single:
        return min(units, 1), single - units
    parts, start = 1, 0
    while units - start > part:
        start += part - opens_pair(start + part - 1)
        parts += 1
    return parts, part - (units - start)


def _is_escape(septets: str, position: int) -> bool:
    return septets[position] == _ESC


def _is_high_surrogate(units: bytes, position: int) -> bool:
    return 0xD8 <= units[2 * position] <= 0xDB


def _units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _costly(text: str) -> tuple[CostlyCharacter, ...]:
    counts = Counter(outside_gsm7(text))
    replacements = look_alikes(counts)
    return tuple(
        CostlyCharacter(cluster, name(cluster), times, replacements.get(cluster))
        for cluster, times in counts.items()
    )
