"""Reading JSON that somebody else wrote."""

import json
from collections.abc import Mapping

from domain.texts import storable
from sender.carriers.protocol import BadWebhook

LONGEST_WORD = 255


def fields(body: bytes) -> Mapping[str, object]:
    """The fields of a JSON object; none when `body` is anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


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
