"""The GSM-7 alphabet, and for every other character its name in words and what reads the same in GSM-7."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The GSM-7 default alphabet (3GPP TS 23.038, 6.2.1), one septet each, without its ESC."""

EXTENSION = "\f^{}\\[~]|€"
"""The GSM-7 extension table (6.2.1.1): an ESC goes before each of these, so they cost two septets."""


def is_gsm7(text: str) -> bool:
    """Whether the whole text can be sent in GSM-7."""
    return _OUTSIDE_GSM7.search(text) is None


def outside_gsm7(text: str) -> list[str]:
    """List what GSM-7 lacks, in order, each as a person sees it: an emoji of several code points is one."""
    return _CLUSTER.findall(text)


def replace(text: str, replacements: Mapping[str, str]) -> str:
    """Replace what `outside_gsm7` lists; what is not among the replacements stays."""
    return _CLUSTER.sub(lambda found: replacements.get(found[0], found[0]), text)


def look_alikes(costly: Iterable[str]) -> dict[str, str]:
    """Give what reads the same in GSM-7, for those of one text's costly characters that have such."""
    found = {cluster: _look_alike(cluster) for cluster in costly}
    if any(map(_runs_right_to_left, found)):
        found |= dict.fromkeys(_DIRECTION_MARKS & found.keys())  # they place this text's punctuation
    return {cluster: new for cluster, new in found.items() if new is not None}


@lru_cache(maxsize=4096)
def name(cluster: str) -> str:
    """Say which character this is in words, since it may be invisible or look like another."""
    if _FLAG.fullmatch(cluster):
        return "flag " + "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in cluster)
    if cluster[0].isascii() and cluster.endswith("\u20e3"):
        return f"keycap {cluster[0]}"
    composed = unicodedata.normalize("NFC", cluster)
    visible = _UNNAMED.sub("", composed) or composed
    return ", ".join(_NAMES.get(character) or _unicode_name(character) for character in visible)


_IN_GSM7 = re.escape(BASIC + EXTENSION)
_OUTSIDE_GSM7 = re.compile(f"[^{_IN_GSM7}]")

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
    if any(_CHANGES_MEANING.match(unicodedata.decomposition(character)) for character in bare):
        return None
    return _recomposed(bare) or _unaccented(bare)


def _recomposed(cluster: str) -> str | None:
    """Undo typographic forms only: "é" of two code points, "ﬁ", full-width and mathematical letters."""
    composed = unicodedata.normalize("NFKC", cluster)
    return None if composed.isspace() or not is_gsm7(composed) else composed


def _unaccented(cluster: str) -> str | None:
    """Take the accents off Latin letters and GSM-7's own Greek capitals: "á" is read as "a"."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", cluster) if not unicodedata.combining(c))
    letters = "".join(_LOOK_ALIKES.get(letter) or letter for letter in letters)
    return letters if letters.isalpha() and is_gsm7(letters) else None


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
