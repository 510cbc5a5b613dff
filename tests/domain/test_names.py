import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.names import DIRECTION_OVERRIDES, MAX_CHARACTERS, NameMissing, NameTooLong, clean, key, tidy

TRICKY = (
    "aAeéßİıſﬁＡ1#* \t\n\u00a0\u2003\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u2060"
    "\ufe0e\ufe0f\u20e3\u0301\u0345\u0308\u034fمیאبक्ष🙂👍🏽👨👧❤🔥🇺🇸🏴\U000e0067\U000e007f©\x00\x1b\ud800Σς\u3164\u2800"
)
texts = st.one_of(st.text(), st.text(alphabet=st.sampled_from(TRICKY), max_size=30))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Spring sale", "Spring sale"),
        ("  Spring \t sale\n", "Spring sale"),
        ("Spring\u00a0\u2003sale", "Spring sale"),
        ("Spring\nsale", "Spring sale"),
        ("Spring\u2028sale", "Spring sale"),
        ("Sp\x00ri\x1bng\x7f", "Spring"),
        ("Sp\u200bri\u00adng\ufeff", "Spring"),
        ("\ud800Spring\udfff", "Spring"),
        ("Spring \u200b sale", "Spring sale"),
        ("a\u200db", "ab"),
        ("a\ufe0fb", "ab"),
        ("e\u0301te\u0301", "été"),
        ("e\u200b\u0301", "é"),
        ("evil\u202egpj.exe\u202c", "evilgpj.exe"),
        ("\u2066a\u2067b\u2068c\u2069", "abc"),
        ("מבצע אביב", "מבצע אביב"),
        ("تخفیضات الربيع", "تخفیضات الربيع"),
        ("\u200fמבצע\u200e", "מבצע"),
        ("می‌خواهم", "می‌خواهم"),
        ("क्‍ष", "क्‍ष"),
        ("👨‍👩‍👧 family", "👨‍👩‍👧 family"),
        ("❤️ 1️⃣ 👍🏽 🇺🇸 ❤️‍🔥 ©️", "❤️ 1️⃣ 👍🏽 🇺🇸 ❤️‍🔥 ©️"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("x\U000e0067y", "xy"),
        ("👨\u200d", "👨"),
        ("\u200d👨", "👨"),
        ("Ελλάς Привет 你好", "Ελλάς Привет 你好"),
        ("<b>&amp;'\"", "<b>&amp;'\""),
        ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS),
        (" " + "x" * MAX_CHARACTERS + " ", "x" * MAX_CHARACTERS),
    ],
)
def test_a_name_is_tidied_and_otherwise_kept(raw: str, name: str) -> None:
    assert clean(raw) == name


@pytest.mark.parametrize(
    "raw", ["", " ", "\t\n", "\u200b", "\u202e\u202c", "\x00", "\u3164", "\u2800", "\u00a0"]
)
def test_a_name_that_shows_nothing_is_missing(raw: str) -> None:
    with pytest.raises(NameMissing) as problem:
        clean(raw)
    assert problem.value.text == "Enter a campaign name."


def test_a_name_that_is_too_long_hears_by_how_much() -> None:
    with pytest.raises(NameTooLong) as problem:
        clean("x" * 1234)
    assert problem.value.text == (
        "The campaign name has 1,234 characters and may have at most 120. Shorten it."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spring sale", " spring  SALE "),
        ("Spring sale", "Spring\u00a0sale"),
        ("Spring sale", "Spr\u200bing sale"),
        ("Spring sale", "Ｓｐｒｉｎｇ sale"),
        ("Straße", "STRASSE"),
        ("été", "E\u0301TE\u0301"),
        ("ﬁnal", "FINAL"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("❤️ day", "❤ day"),
        ("مبصع", "مبصع\u200f"),
        ("a\u202eb", "ab"),
    ],
)
def test_names_that_read_the_same_share_their_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spring sale", "Springsale"),
        ("Spring sale 1", "Spring sale 2"),
        ("été", "ete"),
        ("👍", "👎"),
        ("Sale!", "Sale"),
        ("a", "а"),
    ],
)
def test_names_that_read_differently_have_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(texts)
@example("a\ufe0f\u200d🔥")
def test_tidying_twice_changes_nothing_more(raw: str) -> None:
    assert tidy(tidy(raw)) == tidy(raw)


@given(texts)
def test_the_key_of_a_key_is_the_key(raw: str) -> None:
    assert key(key(raw)) == key(raw)


@given(texts)
def test_tidying_never_changes_the_key(raw: str) -> None:
    assert key(tidy(raw)) == key(raw)


@given(texts)
def test_letter_case_never_makes_a_different_name(raw: str) -> None:
    assert key(raw.upper()) == key(raw.lower().upper())


@given(texts)
def test_a_tidy_name_can_be_stored_and_hides_nothing(raw: str) -> None:
    name = tidy(raw)
    name.encode()
    assert not DIRECTION_OVERRIDES & set(name)
    assert not any(unicodedata.category(character) == "Cc" for character in name)
    assert name == " ".join(name.split())
    assert name == unicodedata.normalize("NFC", name)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
@example("a  b ")
@example("tab\tand\x00null")
def test_plain_words_are_tidied_as_they_are_beside_others(raw: str) -> None:
    """Plain ones go a shorter way; with a letter beyond ASCII before them they go the long one."""
    assert tidy(f"é {raw}") == f"é {tidy(raw)}".strip()
