import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import key
from domain.searching import LONGEST_KEY, Terms, fold, names_person, terms


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë  LARSEN", "zoe larsen"),
        ("Łukasz Žižek", "łukasz zizek"),
        ("\u212bsa", "asa"),
        ("İpek", "ipek"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ma\u200bya\0", "maya"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_case_accents_and_spaces_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_the_fast_way_for_ascii_gives_the_same(text: str) -> None:
    assert fold(text) == key(text)


@given(st.text())
def test_folding_twice_changes_nothing_and_is_never_too_long(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) <= LONGEST_KEY


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", Terms()),
        ("Maya Chen", Terms(("maya", "chen"))),
        ("maya@example.com", Terms(("maya@example.com",))),
        ("415@x.org", Terms(("415@x.org",))),
        ("+1 (415) 555-0100", Terms((), ("+14155550100",))),
        ("415", Terms((), ("+415", "+1415"))),
        ("1415", Terms((), ("+1415",))),
        ("00 44 20", Terms((), ("+4420",))),
        ("011 44 20", Terms((), ("+4420",))),
        ("maya 415 555", Terms(("maya",), ("+415555", "+1415555"))),
        ("5", Terms(("5",))),
        ("-", Terms()),
    ],
)
def test_words_without_letters_are_one_number(search: str, expected: Terms) -> None:
    assert terms(search) == expected


@pytest.mark.parametrize(
    ("search", "leads"),
    [
        ("maya", True),
        ("CHEN m", True),
        ("Maya Chen 415", True),
        ("(415) 555-0100", True),
        ("maya@", True),
        ("maya c", True),
        ("+14155550", False),
        ("+141555501", True),
        ("may", False),
        ("415", False),
        ("m 415", False),
        ("aya", False),
        ("Maya Miller", False),
        ("Maya 212", False),
        ("", False),
        ("-", False),
    ],
)
def test_a_search_names_a_person_by_something_whole(search: str, leads: bool) -> None:
    assert names_person(search, "maya chen", "maya@example.com", "+14155550100") is leads


@given(st.text())
def test_any_search_can_be_read(search: str) -> None:
    found = terms(search)
    assert all(word and not word[0].isspace() for word in found.words)
    assert all(prefix.startswith("+") for prefix in found.phones)
