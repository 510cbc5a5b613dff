"""What people type to find a person: words of a name or an e-mail address, and numbers in any spelling."""

import unicodedata
from dataclasses import dataclass

from domain.names import key, tidy

LONGEST_KEY = 120
"""Characters of a text that are searched and sorted by."""

MOST_WORDS = 5
FEWEST_DIGITS = 2
DIGITS_OF_ONE = 9
"""With so many digits a number is one person's, and not an area's."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Every word must begin a name or an e-mail address; the number, if any, one of the prefixes."""

    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def fold(text: str) -> str:
    """What a text is found and sorted by: without case, accents and needless spaces ("Zoë" as "zoe")."""
    if text.isascii() and text.isprintable():  # the same, only faster
        return " ".join(text.lower().split())[:LONGEST_KEY]
    apart = unicodedata.normalize("NFD", key(text))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", bare).split())[:LONGEST_KEY]


def terms(search: str) -> Terms:
    """Read a search; words without a letter are the parts of one phone number."""
    words = tidy(search[:LONGEST_KEY]).split()
    digits = "".join(c for word in words if _is_number(word) for c in word if c.isascii() and c.isdigit())
    plus = any(word.startswith(("+", "00", "011")) for word in words if _is_number(word))
    texts = [folded for word in words if not _is_number(word) for folded in fold(word).split()]
    if len(digits) < FEWEST_DIGITS:
        texts += [word for word in words if _is_number(word) and word.strip("+-().")]
        digits = ""
    return Terms(tuple(texts[:MOST_WORDS]), _prefixes(digits, plus=plus) if digits else ())


def names_person(search: str, name_key: str, email_key: str, phone: str) -> bool:
    """Whether a search leads to this person and names them: by a whole name, an e-mail address or a number.

    `name_key` and `email_key` are folded, `phone` is in E.164. A few letters or an area code name nobody.
    """
    wanted = terms(search)
    known = [*name_key.split(), email_key]
    by_words = all(any(part.startswith(word) for part in known) for word in wanted.words)
    leads = [prefix for prefix in wanted.phones if phone.startswith(prefix)]
    if not by_words or (wanted.phones and not leads):
        return False
    whole = any(word in known or "@" in word for word in wanted.words)
    return whole or any(len(prefix) > DIGITS_OF_ONE for prefix in leads)


def _is_number(word: str) -> bool:
    return "@" not in word and not any(map(str.isalpha, word))


def _prefixes(digits: str, *, plus: bool) -> tuple[str, ...]:
    """With its country code if it was typed so; without, it may be a whole or a North American number."""
    bare = digits.removeprefix("011").removeprefix("00") or digits
    if plus:
        return (f"+{bare}",)
    return (f"+{bare}", f"+1{bare}") if not bare.startswith("1") else (f"+{bare}",)
