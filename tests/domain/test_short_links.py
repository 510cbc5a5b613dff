"""Which words of a text are links, what becomes of them for a person, and which visits are clicks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import segments, short_links
from domain.merge_fields import template
from domain.short_links import estimate, has_links, is_program, written

BASE = "https://s.example/l/"


def shortened(text: str, values: dict[str, str] | None = None) -> tuple[str, list[tuple[str, str]]]:
    """The text with the links numbered, and each link as it was written and as it leads."""
    links: list[tuple[str, str]] = []

    def shorten(url: str, target: str) -> str:
        links.append((url, target))
        return f"<{len(links)}>"

    return written(text, values or {}, shorten), links


@pytest.mark.parametrize(
    ("text", "expected", "targets"),
    [
        ("See https://a.example/x now", "See <1> now", ["https://a.example/x"]),
        ("See HTTP://A.example.", "See <1>.", ["HTTP://A.example"]),
        ("(https://a.example/x)", "(<1>)", ["https://a.example/x"]),
        ("https://a.example/wiki/X_(y), ok?", "<1>, ok?", ["https://a.example/wiki/X_(y)"]),
        ("https://a.example/?q=1&r=2!", "<1>!", ["https://a.example/?q=1&r=2"]),
        ("https://a.example\nhttps://b.example", "<1>\n<2>", ["https://a.example", "https://b.example"]),
        ("a.example, ftp://a.example, javascript:alert(1)", None, []),
        ("https:// and http://[ and https://:80", None, []),
        ("https://a.example:99999/x", None, []),
        ("https://a.example/" + "x" * 2000, None, []),
    ],
)
def test_links_are_found_as_people_mean_them(text: str, expected: str | None, targets: list[str]) -> None:
    found, links = shortened(text)
    assert found == (text if expected is None else expected)
    assert [target for _, target in links] == targets


def test_a_link_with_a_field_is_one_link_for_everybody() -> None:
    text = "Hi {first_name|you}: https://a.example/?c={code|none}&x=1."
    assert shortened(text, {"first_name": "Bo", "code": "7"}) == (
        "Hi Bo: <1>.",
        [("https://a.example/?c={code|none}&x=1", "https://a.example/?c=7&x=1")],
    )


def test_a_link_among_somebodys_own_words_is_counted_with_its_host() -> None:
    assert shortened("Go to {link}!", {"link": "https://a.example/p/1"}) == (
        "Go to <1>!",
        [("https://a.example/…", "https://a.example/p/1")],
    )
    assert shortened("Go to {link|https://a.example/x}.") == (
        "Go to <1>.",
        [("https://a.example/…", "https://a.example/x")],
    )


def test_what_a_field_breaks_stays_as_it_is() -> None:
    assert shortened("https://{host}/x", {"host": "a b"}) == ("https://a b/x", [])
    assert shortened("https://{host}/x") == ("https:///x", [])


def test_texts_without_links_are_left_alone() -> None:
    assert not has_links("Hello")
    assert has_links("Hello {name}")  # whose own words may have one
    assert has_links("http://a.example")
    assert estimate("https://a.example", "") == "https://a.example"


@given(st.text(max_size=40), st.sampled_from(["", " ", "\n"]), st.text(max_size=40))
def test_the_estimate_has_the_segments_of_what_is_sent(before: str, between: str, after: str) -> None:
    text = f"{before}{between}https://a.example/a-long-page-with-many-words?and=values {after}"
    real = written(text, {}, lambda _url, _target: BASE + "aB3dE6gH9j")
    if not template(text).fields:
        assert segments.segments(estimate(text, BASE)) == segments.segments(real)
    assert written(text, {}, short_links.stand_in(BASE)).count(BASE) == real.count(BASE)


@given(st.text())
def test_any_text_is_written_and_only_links_change(text: str) -> None:
    assert written(text, {}, lambda _url, target: target) == template(text).render({})


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("", True),
        ("facebookexternalhit/1.1 Facebot Twitterbot/1.0", True),
        ("WhatsApp/2.23.20.0", True),
        ("TelegramBot (like TwitterBot)", True),
        ("Slackbot-LinkExpanding 1.0", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ("curl/8.5.0", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", False),
        ("Mozilla/5.0 (Linux; Android 14; CUBOT X90) AppleWebKit/537.36 Chrome/130.0 Mobile", False),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 [FBAN/EMA;FBAV/400.0]", False),
    ],
)
def test_programs_that_look_at_links_are_told_from_people(agent: str, program: bool) -> None:
    assert is_program(agent) is program


@pytest.mark.parametrize("raw", ["", "short", "x" * 11, "abcdefghi/", "абвгдежзик", "abcdefghi\n"])
def test_what_is_no_code_is_not_looked_up(raw: str) -> None:
    assert not short_links.is_code(raw)
    assert short_links.is_code("aB3dE6gH9j")
