"""What a contact may hold, and how contact lists may be called."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.names import tidy
from domain.problems import Problem

LONGEST_TEXT = 200
MOST_FIELDS = 100
LONGEST_VALUE = 2_000
LONGEST_LIST_NAME = 120
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")


class BadEmail(Problem):
    """This is not an e-mail address. Write it as name@example.com, or leave it empty."""


class BadField(Problem):
    """Each field needs a name of its own."""


class ListNameMissing(Problem):
    """Enter a name for the list."""


class ListNameTooLong(Problem):
    """The list's name may have at most 120 characters. Shorten it."""


def clean_list_name(raw: str) -> str:
    """Tidy a list's name; raises `ListNameMissing` and `ListNameTooLong`."""
    name = tidy(raw)
    if not name:
        raise ListNameMissing
    if len(name) > LONGEST_LIST_NAME:
        raise ListNameTooLong
    return name


def clean_text(raw: str) -> str:
    """Tidy a name for one line; what is beyond the limit is cut off."""
    return tidy(raw)[:LONGEST_TEXT].strip()


def clean_email(raw: str) -> str:
    """Tidy an e-mail address, which may be empty; raises `BadEmail`."""
    email = tidy(raw)
    if email and (len(email) > LONGEST_TEXT or not _EMAIL.fullmatch(email)):
        raise BadEmail
    return email


def clean_fields(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The fields that were written down, without empty lines; raises `BadField`."""
    fields: dict[str, Any] = {}
    for raw_name, value in pairs:
        name = clean_text(raw_name)
        if not name and not str(value).strip():
            continue
        if not name:
            raise BadField(f"Give the field with the value “{str(value)[:40]}” a name.")
        if name in fields:
            raise BadField(f"There are two fields named “{name}”. Keep one of them.")
        fields[name] = value.strip()[:LONGEST_VALUE] if isinstance(value, str) else value
    if len(fields) > MOST_FIELDS:
        raise BadField(f"A contact can have at most {MOST_FIELDS} fields.")
    return fields


def full_name(first: str, last: str) -> str:
    """Both names, or the one there is."""
    return f"{first} {last}".strip()


def shown_fields(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values as people read them, in the order of the names."""
    words = {True: "Yes", False: "No", None: ""}
    return [
        (name, words[value] if isinstance(value, bool) or value is None else str(value))
        for name, value in sorted(fields.items(), key=lambda item: item[0].lower())
    ]
