"""How a row of a file becomes a contact: which column holds what, and what is wrong with a row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.contacts import LONGEST_VALUE, clean_email, clean_text
from domain.opt_ins import of_a_day
from domain.phones import normalise
from domain.problems import Problem
from domain.searching import fold
from domain.texts import storable
from domain.zones import zone

MOST_BYTES = 50_000_000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200


class FileTooLarge(Problem):
    """This file has more than 50 MB. Split it, and import one part after the other."""


def check_size(size: int) -> None:
    """Refuse a file of more than 50 MB; `size` is in bytes. Raises `FileTooLarge`."""
    if size > MOST_BYTES:
        raise FileTooLarge


class TooManyRows(Problem):
    """This file has more than 1,000,000 rows. Split it, and import one part after the other."""


class FileEmpty(Problem):
    """This file has no rows below its header."""


class FileUnreadable(Problem):
    """This file can't be read. Save it as CSV or XLSX, and choose it again."""


class PhoneColumnMissing(Problem):
    """Say which column holds the phone number."""


class ColumnTwice(Problem):
    """Two columns are read as the same thing. Leave one of them out."""


LONGEST_DAY = len("2026-11-30")


class BadConsentTime(Problem):
    """The opt-in time can't be read. Write it as 2026-11-30 or 2026-11-30 09:30."""


class Target(StrEnum):
    """What a column is read as."""

    PHONE = "phone"
    NAME = "name"
    FIRST = "first_name"
    LAST = "last_name"
    EMAIL = "email"
    ZONE = "timezone"
    CONSENT_AT = "consent_at"
    CONSENT_SOURCE = "consent_source"
    CONSENT_TEXT = "consent_text"
    CONSENT_ADDRESS = "consent_address"
    FIELD = "field"
    SKIP = "skip"


LABELS = {
    Target.PHONE: "Phone",
    Target.NAME: "Full name",
    Target.FIRST: "First name",
    Target.LAST: "Last name",
    Target.EMAIL: "E-mail",
    Target.ZONE: "Time zone",
    Target.CONSENT_AT: "Opt-in time",
    Target.CONSENT_SOURCE: "Opt-in source",
    Target.CONSENT_TEXT: "Opt-in text",
    Target.CONSENT_ADDRESS: "Opt-in IP address",
    Target.FIELD: "Field of its own",
    Target.SKIP: "Leave out",
}
MANY = frozenset({Target.FIELD, Target.SKIP})
"""What several columns may be read as."""

_GUESSES: Mapping[Target, frozenset[str]] = {
    Target.PHONE: frozenset(
        {
            "phone",
            "phone number",
            "mobile",
            "mobile number",
            "mobile phone",
            "cell",
            "cell phone",
            "number",
            "tel",
        }
        | {"telephone", "msisdn", "handy", "telefon", "telefono", "phone 1 value"}
    ),
    Target.NAME: frozenset({"name", "full name", "contact", "contact name"}),
    Target.FIRST: frozenset(
        {"first name", "first", "firstname", "given name", "forename", "vorname", "fname"}
    ),
    Target.LAST: frozenset({"last name", "last", "lastname", "surname", "family name", "nachname", "lname"}),
    Target.EMAIL: frozenset({"email", "e mail", "email address", "e mail address", "mail"}),
    Target.ZONE: frozenset({"timezone", "time zone", "tz"}),
    Target.CONSENT_AT: frozenset(
        {"opt in time", "opt in time utc", "opt in date", "opted in at", "consent date", "consent time"}
    ),
    Target.CONSENT_SOURCE: frozenset({"opt in source", "consent source", "opted in via"}),
    Target.CONSENT_TEXT: frozenset({"opt in text", "consent text", "consent wording"}),
    Target.CONSENT_ADDRESS: frozenset({"opt in ip", "opt in ip address", "consent ip", "ip address", "ip"}),
}


_ONLY_TOLD = frozenset(
    {"zone of the number", "status", "opted out utc", "opt out reason", "lists", "added utc"}
)
"""Columns of an export of ours that an import leaves out: here they follow from other things."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is read from each column, and the country of numbers without a country code."""

    headers: tuple[str, ...]
    targets: tuple[Target, ...]
    country: str = "US"
    source: str = ""  # where people opted in, when no column says


@dataclass(frozen=True, slots=True)
class Person:
    """A good row."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    timezone: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    consent: tuple[datetime, str, str, str] | None = None  # when, source, wording, address


def guess(headers: Sequence[str]) -> tuple[Target, ...]:
    """What each column is likely to hold, by its header; an unknown one becomes a field."""
    taken: set[Target] = set()
    targets = []
    spelled = [" ".join(re.split(r"[^0-9a-z]+", fold(header))).strip() for header in headers]
    left_out = _ONLY_TOLD if set(spelled) >= _ONLY_TOLD else frozenset[str]()
    for words in spelled:
        found = next((t for t, names in _GUESSES.items() if words in names and t not in taken), None)
        target = found or (Target.FIELD if words and words not in left_out else Target.SKIP)
        taken.add(target)
        targets.append(target)
    if Target.FIRST in taken or Target.LAST in taken:
        targets = [Target.FIELD if target is Target.NAME else target for target in targets]
    return tuple(targets)


def check(layout: Layout) -> None:
    """Raise `PhoneColumnMissing` or `ColumnTwice`."""
    single = [target for target in layout.targets if target not in MANY]
    if Target.PHONE not in single:
        raise PhoneColumnMissing
    for target in single:
        if single.count(target) > 1:
            raise ColumnTwice(f"Two columns are read as “{LABELS[target]}”. Leave one of them out.")


def person(row: Sequence[str], layout: Layout, now: datetime) -> Person:
    """Read a row; raises the problem of the first cell that is wrong."""
    cells: dict[Target, str] = {}
    fields: dict[str, str] = {}
    for place, (target, cell) in enumerate(zip(layout.targets, row, strict=False)):
        text = cell.strip()
        if not text or target is Target.SKIP:
            continue
        if target is Target.FIELD:
            fields[clean_text(layout.headers[place])] = storable(text)[:LONGEST_VALUE]
        else:
            cells[target] = text
    first, last = _names(cells)
    zone_name = cells.get(Target.ZONE)
    if zone_name:
        zone(zone_name)
    email = cells.get(Target.EMAIL, "")
    return Person(
        normalise(cells.get(Target.PHONE, ""), layout.country),
        first,
        last,
        clean_email(email) if email else "",
        zone_name,
        fields,
        _consent(cells, layout.source, now) if Target.CONSENT_AT in cells else None,
    )


def consent_time(text: str) -> datetime:
    """Read a date or a time; one without a zone is in UTC. Raises `BadConsentTime`.

    A day alone is its noon: so it is the same day for nearly everybody who looks at it.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadConsentTime from None
    if len(text.strip()) <= LONGEST_DAY:
        found += timedelta(hours=12)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _names(cells: Mapping[Target, str]) -> tuple[str, str]:
    if Target.NAME in cells:
        first, _, last = clean_text(cells[Target.NAME]).partition(" ")
        return first, last
    return clean_text(cells.get(Target.FIRST, "")), clean_text(cells.get(Target.LAST, ""))


def _consent(cells: Mapping[Target, str], source: str, now: datetime) -> tuple[datetime, str, str, str]:
    return (
        of_a_day(consent_time(cells[Target.CONSENT_AT]), now),
        storable(cells.get(Target.CONSENT_SOURCE, source)),
        storable(cells.get(Target.CONSENT_TEXT, "")),
        storable(cells.get(Target.CONSENT_ADDRESS, "")),
    )
