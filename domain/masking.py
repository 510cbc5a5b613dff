"""What a log may not say in full: phone numbers, keys and tokens."""

import re

_NUMBER = re.compile(r"(?<![\w.])((?:\+|%2B)?)(\d{8,15})(?![\w])", re.IGNORECASE)
_KEY = re.compile(r"\b(sck_\d+_)\w+")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w])[0-9a-f]{24,}(?![\w])", re.IGNORECASE)
_HIDDEN = "•••"


def masked(text: str) -> str:
    """The text with numbers as +1555•••1234, and without keys and tokens."""
    text = _KEY.sub(rf"\1{_HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {_HIDDEN}", text)
    text = _TOKEN.sub(_HIDDEN, text)
    return _NUMBER.sub(lambda found: f"{found[1]}{found[2][:4]}{_HIDDEN}{found[2][-4:]}", text)
