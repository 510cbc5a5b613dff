import pytest
from phonenumbers.geodata import GEOCODE_DATA

from domain import places
from domain.area_codes import STATE_OF
from domain.places import Place


@pytest.mark.parametrize(
    ("number", "regions", "zones"),
    [
        ("+12125550100", ("US", "US-NY"), {"America/New_York"}),
        ("+14155550100", ("US", "US-CA"), {"America/Los_Angeles"}),
        ("+12085550100", ("US", "US-ID"), {"America/Boise", "America/Los_Angeles"}),
        ("+19075550100", ("US", "US-AK"), {"America/Adak", "America/Anchorage"}),
        ("+17875550100", ("US",), {"America/Puerto_Rico"}),
        ("+14165550100", ("CA",), {"America/Toronto"}),
        ("+33612345678", ("FR",), {"Europe/Paris"}),
        ("+491701234567", ("DE",), {"Europe/Berlin"}),
    ],
)
def test_a_number_tells_country_state_and_every_zone(
    number: str, regions: tuple[str, ...], zones: set[str]
) -> None:
    place = places.of(None, number)
    assert place.regions == regions
    assert set(place.zones) == zones


def test_a_mobile_number_of_the_islands_counts_as_british() -> None:
    assert places.of(None, "+447911123456").regions == ("GB",)


def test_a_toll_free_number_may_be_anywhere_in_the_plan() -> None:
    place = places.of(None, "+18005550100")
    assert place.state == ""
    assert {"America/New_York", "Pacific/Honolulu", "Pacific/Guam"} <= set(place.zones)


def test_the_contacts_own_zone_goes_first_but_the_numbers_state_stays() -> None:
    assert places.of("America/Denver", "+12125550100") == Place("US", "NY", ("America/Denver",))


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", None])
def test_a_zone_that_nobody_knows_counts_as_none(zone: str | None) -> None:
    assert places.of(zone, "+12125550100").zones == ("America/New_York",)


@pytest.mark.parametrize("number", ["", "+", "+1", "12345", "PINECO", "+999999999999"])
def test_what_is_no_number_is_nowhere(number: str) -> None:
    assert places.of(None, number).zones == ()
    assert places.of("Europe/Paris", number).zones == ("Europe/Paris",)


@pytest.mark.parametrize("number", ["+12125550100", "+18005550100", "+61412345678", "x"])
def test_a_place_is_told_again_by_its_key(number: str) -> None:
    place = places.of(None, number)
    assert places.of_key(place.key) == place


def state_in(description: str) -> str:
    """The state in libphonenumber's description: "Florida", "New York, NY", "Washington D.C."."""
    last = description.rpartition(", ")[2]
    return places.STATES.get(description) or (last if last in places.STATES.values() else "")


def test_every_area_code_is_in_the_state_that_libphonenumber_describes() -> None:
    described: dict[str, set[str]] = {}
    for prefix, words in GEOCODE_DATA.items():
        odd = prefix == "1201631"  # an exchange of New Jersey that it takes for New York
        if prefix.startswith("1") and not odd and (state := state_in(words.get("en", ""))):
            described.setdefault(prefix[1:4], set()).add(state)
    assert {area: {state} for area, state in STATE_OF.items()} == described


@pytest.mark.parametrize("number", ["+12010000100", "+19115550100"])
def test_a_number_that_nobody_can_have_has_no_state(number: str) -> None:
    assert places.of(None, number).state == ""


def test_every_state_has_a_number() -> None:
    found = {places.of(None, f"+1{area}2000100").state for area in range(200, 1000)}
    assert set(places.STATES.values()) <= found
