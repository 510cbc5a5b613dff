"""Phone numbers: read as people write them, kept as E.164, shown as people read them."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from domain.mobiles import country_of
from domain.problems import Problem


class BadNumber(Problem):
    """This is not a phone number. Write it with its country code, such as +1 415 555 0100."""


def normalise(raw: str, country: str = "US") -> str:
    """Give the E.164 form of a number; `country` (ISO 3166) is for numbers written without +.

    A number passes if one of its length can exist in its country (libphonenumber's "possible"): numbers of
    new ranges and those reserved for examples are fine. Raises BadNumber, which says what is wrong.
    """
    if found := _NORTH_AMERICAN.fullmatch(raw):
        country_code, digits = found[1], found[2] + found[3] + found[4]
        if country_code.startswith("+") or country.upper() in _COUNTRIES_OF_PLUS_1:
            return f"+1{digits}"
    if country_of(raw) is not None:
        return raw
    typed = "".join(c for c in raw if unicodedata.category(c) not in ("Cf", "Cc", "Cs")).strip()
    try:
        number = phonenumbers.parse(typed, country.upper())
    except NumberParseException as error:
        raise BadNumber(_complaint(typed, _UNREADABLE[error.error_type])) from None
    if flaw := _flaw(number, typed):
        raise BadNumber(_complaint(typed, flaw))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def for_people(e164: str) -> str:
    """Write a number as people read it, "+1 415 555 0100"; a sender ID that is no number stays as it is."""
    number = _read(e164)
    if number is None:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def mask(e164: str) -> str:
    """Hide the middle of a number for logs, "+1555•••1234"; at least three digits are always hidden."""
    if len(e164) < 8:
        return f"•••{e164[-2:] if len(e164) > 4 else ''}"
    return f"{e164[: min(5, len(e164) - 7)]}•••{e164[-4:]}"


def is_valid(e164: str) -> bool:
    """Whether the number lies in a range that its country has given out; never raises."""
    number = _read(e164)
    return number is not None and phonenumbers.is_valid_number(number)


# What most files hold is told by its shape alone, far faster than by libphonenumber, which says the same.
_NORTH_AMERICAN = re.compile(r"(\+1[ .-]?|1[ .-]?|)\(?([2-9][0-9]{2})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")
_COUNTRIES_OF_PLUS_1 = frozenset({"US", "CA"})

_PREFIX = "start with + and the country code"
_UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: f"has no country code that exists. Check it, or {_PREFIX}.",
    NumberParseException.NOT_A_NUMBER: "is not a phone number. Write one number, such as +1 415 555 0100.",
    NumberParseException.TOO_SHORT_AFTER_IDD: f"stops after the dialing prefix. Instead of it, {_PREFIX}.",
    NumberParseException.TOO_SHORT_NSN: f"is too short. Write all of it, or {_PREFIX}.",
    NumberParseException.TOO_LONG: "is too long for a phone number. Check that it is only one.",
}
_IMPOSSIBLE = {
    ValidationResult.INVALID_COUNTRY_CODE: f"has no country code that exists. Check it, or {_PREFIX}.",
    ValidationResult.TOO_SHORT: f"is too short. Write all of it with its area code, or {_PREFIX}.",
    ValidationResult.TOO_LONG: f"is too long. Check it, or if it is from another country, {_PREFIX}.",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code. Write the whole number.",
    ValidationResult.INVALID_LENGTH: f"has the wrong number of digits. Check it, or {_PREFIX}.",
}
_EXTENSION = "has an extension, which no text message can reach. Leave it out."
_LETTERS = "has letters in it. Write digits only, such as +1 415 555 0100."


def _flaw(number: PhoneNumber, typed: str) -> str | None:
    if number.extension:
        return _EXTENSION
    if any(map(str.isalpha, re.sub("^tel:", "", typed, flags=re.IGNORECASE))):
        return _LETTERS
    return _IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number))


def _complaint(typed: str, flaw: str) -> str:
    if not typed:
        return "The phone number is missing."
    return f"“{typed if len(typed) <= 40 else typed[:39] + '…'}” {flaw}"


def _read(e164: str) -> PhoneNumber | None:
    if not re.fullmatch(r"\+[0-9]{4,15}", e164):
        return None
    try:
        return phonenumbers.parse(e164)
    except NumberParseException:
        return None
