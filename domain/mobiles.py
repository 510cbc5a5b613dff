"""Mobile numbers with their country code, known by their country's own pattern.

Imports are full of them, and all of libphonenumber's rules take some 100 µs a number. What is said here
follows from its tables, for the first country of each country code: it would say the same.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType, timezone

_PLAIN = re.compile(r"\+[1-9][0-9]{6,14}")


class Country(NamedTuple):
    """What tells a country's mobile numbers, and the zones in which they may be."""

    mobile: re.Pattern[str]
    other: re.Pattern[str]  # a number that is like this, too, belongs to a place, or is written otherwise
    zones: tuple[str, ...]

    def has(self, digits: str) -> bool:
        """Whether these digits, without the country code, are a mobile number and nothing else."""
        return self.mobile.fullmatch(digits) is not None and self.other.match(digits) is None


def country_of(e164: str) -> Country | None:
    """The country whose mobile number this is; None where it takes all rules to say."""
    if not _PLAIN.fullmatch(e164):
        return None
    for end in (3, 4):
        country = _country(e164[1:end])
        if country is not None:
            return country if country.has(e164[end:]) else None
    return None


@cache
def _country(code: str) -> Country | None:
    """The first country with this code, when its mobile numbers belong to no place."""
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("",))[0]
    table = PhoneMetadata.metadata_for_region(region)
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if table is None or example is None or phonenumbers.is_number_geographical(example):
        return None
    if table.same_mobile_and_fixed_line_pattern or table.leading_digits or table.mobile is None:
        return None
    mobile, prefix = table.mobile.national_number_pattern or "", table.national_prefix_for_parsing
    fixed = table.fixed_line.national_number_pattern if table.fixed_line else None
    other = [f"(?:{fixed})$"] if fixed else []
    other += [f"(?:{prefix})"] if prefix else []
    zones = timezone.time_zones_for_number(example)
    return Country(re.compile(mobile), re.compile("|".join(["0", *other])), tuple(zones))
