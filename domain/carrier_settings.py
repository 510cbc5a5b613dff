"""What describes a kind of carrier: its settings, its limits for media, what to paste where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from urllib.parse import urlsplit

from domain.problems import Problem

LONGEST_SETTING = 2_000
YES_OR_NO = ("yes", "no", "true", "false", "on", "off", "1", "0")
IMAGES = ("image/jpeg", "image/png", "image/gif")


class BadSetting(Problem):
    """A setting of this carrier account is missing or wrong."""

    def __init__(self, text: str | None = None, field: str = "") -> None:
        super().__init__(text)
        self.field = field  # its name, so that a form can show the text beside it


class Form(StrEnum):
    """How a setting is written."""

    TEXT = "text"
    ADDRESS = "address"  # starts with http:// or https://
    SECONDS = "seconds"  # a number from 0 to 3600
    YES_NO = "yes_no"  # yes or no


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of an account."""

    name: str
    label: str
    help: str = ""
    secret: bool = False  # written once, shown never
    required: bool = True
    default: str = ""
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What the carrier takes beside the text of one message."""

    count: int
    total_bytes: int
    types: tuple[str, ...] = IMAGES


class Hook(StrEnum):
    """Which of an account's two addresses."""

    STATUS = "status"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True)
class Paste:
    """An address of ours that an operator enters at the carrier."""

    hook: Hook
    where: str
    suffix: str = ""  # what follows the address, for carriers that fill in a query


@dataclass(frozen=True, slots=True)
class CarrierKind:
    """A carrier as administrators see it."""

    name: str  # in settings and webhook paths
    label: str
    fields: tuple[Field, ...]
    media: MediaLimits | None  # None: text only
    pastes: tuple[Paste, ...]
    note: str = ""  # what else to know before the first message

    def field(self, name: str) -> Field:
        """The setting of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def base_url(self) -> str:
        """Where the carrier's API is, unless the account says otherwise; "" for the built-in sandbox."""
        return self.field("base_url").default

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the settings that nobody may read again."""
        return frozenset(field.name for field in self.fields if field.secret)


def checked(fields: Iterable[Field], given: Mapping[str, str]) -> dict[str, str]:
    """The given settings, tidied and with the defaults filled in; names that are no field's are left out.

    Raises BadSetting with what is wrong; its text never repeats a value.
    """
    values = {field.name: _checked(field, given.get(field.name, "").strip()) for field in fields}
    return {name: value for name, value in values.items() if value}


def _checked(field: Field, value: str) -> str:
    if not value and field.required:
        raise BadSetting(f"{_named(field)} is missing.", field.name)
    value = value or field.default
    if len(value) > LONGEST_SETTING or not (value.isascii() and value.isprintable()):
        raise BadSetting(f"{_named(field)} has characters or a length that it can't have.", field.name)
    if value and field.form is Form.ADDRESS and not _is_address(value):
        raise BadSetting(f"{_named(field)} must be an address with http:// or https:// in front.", field.name)
    if value and field.form is Form.SECONDS and not _is_seconds(value):
        raise BadSetting(f"{_named(field)} must be a number of seconds from 0 to 3600.", field.name)
    if value and field.form is Form.YES_NO and value.lower() not in YES_OR_NO:
        raise BadSetting(f"{_named(field)} must be yes or no.", field.name)
    return value


def _named(field: Field) -> str:
    return f"The setting “{field.label}” ({field.name})"


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _is_seconds(value: str) -> bool:
    try:
        seconds = float(value)
    except ValueError:
        return False
    return isfinite(seconds) and 0 <= seconds <= 3600
