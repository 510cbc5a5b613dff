"""Merge fields: `{first_name|there}` becomes the person's own word, or what stands behind the bar."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

OWN = ("first_name", "last_name", "email", "phone")
"""The fields that every contact has; others are the contact's own, by name."""

_FIELD = re.compile(r"\{ *([^\W\d][\w .-]{0,39}?) *(?:\|([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a text where a person's word comes."""

    name: str  # as `named` writes it
    fallback: str | None  # None when the text has none: then nothing is written


@dataclass(frozen=True, slots=True)
class Template:
    """A text split at its fields."""

    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every place, in order."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    def render(self, values: Mapping[str, str]) -> str:
        """The text for a person with these `values`, by field name; an empty value counts as none."""
        return "".join(part if isinstance(part, str) else _word(part, values) for part in self.parts)

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """The fields without a fallback for which the person has no value: they leave a hole."""
        return [f.name for f in self.fields if f.fallback is None and not values.get(f.name, "").strip()]


@lru_cache(maxsize=256)
def template(text: str) -> Template:
    """Split a text; braces that hold no field stay as they are."""
    parts: list[str | Field] = []
    end = 0
    for found in _FIELD.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        parts.append(Field(named(found[1]), found[2]))
        end = found.end()
    if end < len(text) or not parts:
        parts.append(text[end:])
    return Template(tuple(parts))


def named(raw: str) -> str:
    """A field's name as texts write it: "Loyalty tier" becomes loyalty_tier."""
    return re.sub(r"[\W_]+", "_", raw.casefold()).strip("_")


def values_of(
    first_name: str, last_name: str, email: str, phone: str, fields: Mapping[str, object]
) -> dict[str, str]:
    """A contact's values by field name; its own fields never hide those that every contact has."""
    own = {"first_name": first_name, "last_name": last_name, "email": email, "phone": phone}
    return {named(name): str(value) for name, value in fields.items() if value is not None} | own


def written(name: str, fallback: str = "") -> str:
    """A field as it stands in a text."""
    return f"{{{name}|{fallback}}}" if fallback else f"{{{name}}}"


def unknown(text: str, known: Iterable[str]) -> Sequence[str]:
    """The fields of a text that nobody has: most likely a slip of the pen."""
    names = set(OWN) | {named(name) for name in known}
    return sorted({field.name for field in template(text).fields} - names)


def _word(field: Field, values: Mapping[str, str]) -> str:
    value = values.get(field.name, "").strip()
    return value or (field.fallback or "")
