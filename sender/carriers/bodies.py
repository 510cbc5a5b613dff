"""Writing JSON, and reading JSON and forms that somebody else wrote."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import parse_qsl

import orjson

from domain.texts import storable
from sender.carriers.protocol import BadWebhook

LONGEST_WORD = 255
LONGEST_SHORT_CODE = 8


def json_of(content: Mapping[str, object]) -> bytes:
    """A JSON object, as it is sent."""
    return orjson.dumps(content)


def fields(body: bytes) -> Mapping[str, object]:
    """The fields of a JSON object; none when `body` is anything else."""
    found = _read(body)
    return found if isinstance(found, dict) else {}


def objects(body: bytes) -> Sequence[Mapping[str, object]]:
    """The objects of a JSON list; none when `body` is anything else."""
    return members(_read(body))


def _read(body: bytes) -> object:
    """What the JSON says; None when it is none."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        return json.loads(body)  # takes half a surrogate pair too, which a person's phone may well send
    except (ValueError, RecursionError):
        return None


def members(found: object) -> Sequence[Mapping[str, object]]:
    """The objects in a list that was found inside; none when it is anything else."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def member(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object of that name; an empty one when it is missing or anything else."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def form(body: bytes) -> dict[str, str]:
    """The fields of an HTML form, the last of each name."""
    return dict(pairs(body))


def pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of an HTML form as they came."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def text(found: Mapping[str, object], name: str) -> str | None:
    """A text field, made fit to be stored; None when it is missing or not a text."""
    value = found.get(name)
    return storable(value) if isinstance(value, str) else None


def word(found: Mapping[str, object], name: str) -> str | None:
    """A name, code, number or id: a text that is neither empty nor longer than any of these can be."""
    value = text(found, name)
    return value if value and len(value) <= LONGEST_WORD else None


def required(found: Mapping[str, object], name: str) -> str:
    """A `word` that a webhook must have. Raises BadWebhook when it has none."""
    value = word(found, name)
    if value is None:
        raise BadWebhook(f"The field “{name}” is missing or wrong.")
    return value


def code(found: Mapping[str, object], name: str) -> str:
    """An error code, which carriers write as a number or as a word; "" when there is none."""
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:64]
    return word(found, name) or ""


def number(found: Mapping[str, object], name: str) -> str:
    """A phone number with its +, which some carriers leave out; a short code or a name stays as it is.

    Raises BadWebhook when there is none.
    """
    value = required(found, name).strip()
    return f"+{value}" if value.isascii() and value.isdigit() and len(value) > LONGEST_SHORT_CODE else value


def key(*parts: str) -> str:
    """A dedupe key that is the same for the same words of a carrier, and fits any of them."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
