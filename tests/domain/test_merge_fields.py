import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.merge_fields import named, template, unknown, values_of, written

MAYA = values_of("Maya", "Okafor", "maya@example.com", "+14155550100", {"Loyalty tier": "gold", "Points": 40})


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hi {first_name|there}!", "Hi Maya!"),
        ("Hi { first_name | there }!", "Hi Maya!"),
        ("{first_name} {last_name}", "Maya Okafor"),
        ("You have {points} points, {loyalty_tier|friend}", "You have 40 points, gold"),
        ("{Loyalty tier}", "gold"),
        ("{FIRST_NAME}", "Maya"),
        ("{shop|our shop}", "our shop"),
        ("{shop}", ""),
        ("{shop|}", ""),
        ("no field", "no field"),
        ("", ""),
        ("{} {1} {a{b}} {", "{} {1} {a} {"),
        ("{{first_name}}", "{Maya}"),
        ("50 % off {code|SPRING}: {x", "50 % off SPRING: {x"),
    ],
)
def test_a_field_becomes_the_persons_word_or_its_fallback(text: str, rendered: str) -> None:
    assert template(text).render(MAYA) == rendered


def test_an_empty_value_counts_as_none() -> None:
    nobody = values_of("  ", "", "", "+14155550100", {"tier": None})
    assert template("Hi {first_name|there}").render(nobody) == "Hi there"
    assert template("{first_name}{tier}{last_name|x}").missing(nobody) == ["first_name", "tier"]
    assert template("Hi {first_name|there}").missing(nobody) == []


def test_values_are_not_read_as_fields() -> None:
    odd = values_of("{last_name}", "Okafor", "", "+1", {})
    assert template("Hi {first_name}").render(odd) == "Hi {last_name}"


def test_a_contacts_own_fields_never_hide_its_name() -> None:
    assert values_of("Maya", "", "", "+1", {"First name": "Nobody"})["first_name"] == "Maya"


def test_fields_that_nobody_has_are_named() -> None:
    assert unknown("{first_name} {nickname} {Loyalty tier|x}", ["Loyalty tier"]) == ["nickname"]
    assert unknown("Hello", []) == []


@pytest.mark.parametrize(
    ("raw", "name"), [("Loyalty tier", "loyalty_tier"), ("  E-Mail ", "e_mail"), ("größe", "grösse")]
)
def test_names_are_compared_as_people_read_them(raw: str, name: str) -> None:
    assert named(raw) == name


def test_a_field_is_written_as_it_is_read() -> None:
    assert template(written("first_name", "there")).render({}) == "there"
    assert template(written("first_name")).render({"first_name": "Bo"}) == "Bo"


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(["first_name", "a"]), st.text(max_size=20)))
def test_any_text_can_be_rendered_and_text_outside_fields_stays(text: str, values: dict[str, str]) -> None:
    made = template(text)
    rendered = made.render(values)
    for part in made.parts:
        if isinstance(part, str):
            assert part in rendered
    if not made.fields:
        assert rendered == text
