"""Where a person may be: country, state and every time zone that their number or their own word allows."""

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from domain.area_codes import STATE_OF
from domain.zones import zone_names_known, zones_of_number

MAX_PREFIX = 8
"""Characters of a North American number that decide its place: +1, area code, exchange."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may be; all `zones` are possible at once."""

    country: str  # ISO 3166, "" when it can't be told
    state: str  # of the United States, such as "FL"; "" when it can't be told
    zones: tuple[str, ...]  # none when nothing is known

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions whose rules count here, from the widest to the narrowest: "US", "US-FL"."""
        if not self.country:
            return ()
        return (self.country, f"{self.country}-{self.state}") if self.state else (self.country,)

    @property
    def key(self) -> str:
        """The same text for the same place."""
        return f"{self.country}-{self.state}|{' '.join(self.zones)}"


def of_key(key: str) -> Place:
    """The place that has this key."""
    region, _bar, zones = key.partition("|")
    country, _dash, state = region.partition("-")
    return Place(country, state, tuple(zones.split()))


def of(contact_zone: str | None, e164: str) -> Place:
    """Where the person may be: a contact's own zone counts, else every zone of the number.

    The state is the area code's, as people keep their numbers when they move but rarely tell (facts.md C4);
    a zone that nobody knows counts as none.
    """
    found = _of_number(_deciding(e164))
    if contact_zone and contact_zone in zone_names_known():
        return Place(found.country, found.state, (contact_zone,))
    return found


def _deciding(e164: str) -> str:
    """The number with zeros for the digits that don't decide where it is."""
    kept = min(MAX_PREFIX, len(e164)) if e164.startswith("+1") else max(0, len(e164) - 3)
    return e164[:kept] + "0" * (len(e164) - kept)


@lru_cache(maxsize=200_000)
def _of_number(e164: str) -> Place:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Place("", "", ())
    found = phonenumbers.region_code_for_number(number)
    country = found or _main_country(number.country_code or 0)
    state = STATE_OF.get(e164[2:5], "") if found == "US" else ""
    return Place(_PART_OF.get(country, country), state, zones_of_number(e164))


def _main_country(code: int) -> str:
    country = phonenumbers.region_code_for_country_code(code)
    return "" if country in ("ZZ", "001") else country


_PART_OF = dict.fromkeys(("GG", "IM", "JE"), "GB") | dict.fromkeys(("AS", "GU", "MP", "PR", "VI"), "US")
"""Islands with a code of their own where the larger country's rules count."""

STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA",
    "Colorado": "CO", "Connecticut": "CT", "Delaware": "DE", "Washington D.C.": "DC", "Florida": "FL",
    "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL", "Indiana": "IN", "Iowa": "IA",
    "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA", "Maine": "ME", "Maryland": "MD",
    "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO",
    "Montana": "MT", "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH", "New Jersey": "NJ",
    "New Mexico": "NM", "New York": "NY", "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH",
    "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Rhode Island": "RI", "South Carolina": "SC",
    "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT",
    "Virginia": "VA", "Washington State": "WA", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
}  # fmt: skip
"""The states as libphonenumber names them, with their postal codes."""
