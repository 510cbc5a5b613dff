import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.segments import (
    MAX_CHARACTERS,
    Encoding,
    SegmentCount,
    TextTooLong,
    check_text,
    count,
    make_plain,
    segments,
    summary,
)

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "^{}\\[~]|€\f"
TRICKY = (
    "“”‘’–—…\u00a0\u2009\u200b\u200c\u200d\u200e\u200f\ufeff\u00ad\u202e\u2028\ufe0f\ufe0e\u20e3\u0301\u0306\u0338"
    "çáíóúêŁœſ™©®½²ﬁ𝗕Ａ№≠°•→µµμά́йяمیאب你क्🙂👍🏽👨👩👧❤🇺🇸🏴\U000e0067\U000e007f\t\x00\x1b☺‼ℹ1#*=e"
)

gsm_texts = st.text(alphabet=BASIC + EXTENSION + "€[]" * 40, max_size=700)
ucs_texts = st.text(alphabet="abж你😀👍🏽🎉" + "\u200d\ufe0f", max_size=400)
tricky_texts = st.text(alphabet=st.sampled_from(TRICKY + BASIC + EXTENSION), max_size=200)
texts = st.one_of(gsm_texts, ucs_texts, tricky_texts, st.text(max_size=300))


def reference(text: str) -> tuple[str, int, int]:
    """Encoding, parts and units, by filling parts letter by letter."""
    if all(letter in BASIC + EXTENSION for letter in text):
        sizes, single, part, encoding = [1 + (c in EXTENSION) for c in text], 160, 153, "GSM-7"
    else:
        sizes, single, part, encoding = [1 + (ord(c) > 0xFFFF) for c in text], 70, 67, "UCS-2"
    if sum(sizes) <= single:
        return encoding, 1 if text else 0, sum(sizes)
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return encoding, parts, sum(sizes)


@given(texts)
@example("a" * 152 + "€" + "a" * 152)
@example("ж" * 66 + "😀" + "ж" * 66)
def test_every_text_is_cut_as_by_filling_parts_letter_by_letter(text: str) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments, counted.units) == reference(text)
    assert segments(text) == counted.segments


@given(texts)
def test_exactly_the_characters_left_still_fit(text: str) -> None:
    counted = count(text)
    filler = "a" if text else "b"
    assert count(text + filler * counted.left).segments == max(counted.segments, 1)
    assert count(text + filler * (counted.left + 1)).segments == max(counted.segments, 1) + 1


BOUNDARIES = [
    # text, encoding, segments, units, left
    ("", "GSM-7", 0, 0, 160),
    ("a", "GSM-7", 1, 1, 159),
    ("a" * 160, "GSM-7", 1, 160, 0),
    ("a" * 161, "GSM-7", 2, 161, 145),
    ("a" * 306, "GSM-7", 2, 306, 0),
    ("a" * 307, "GSM-7", 3, 307, 152),
    ("a" * 459, "GSM-7", 3, 459, 0),
    ("a" * 158 + "€", "GSM-7", 1, 160, 0),
    ("a" * 159 + "€", "GSM-7", 2, 161, 145),
    ("a" * 152 + "€" + "a" * 151, "GSM-7", 2, 305, 0),
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306, 152),
    ("€" * 80, "GSM-7", 1, 160, 0),
    ("€" * 81, "GSM-7", 2, 162, 143),
    ("€" * 152, "GSM-7", 2, 304, 1),
    ("€" * 153, "GSM-7", 3, 306, 151),
    ("ж" * 70, "UCS-2", 1, 70, 0),
    ("ж" * 71, "UCS-2", 2, 71, 63),
    ("ж" * 134, "UCS-2", 2, 134, 0),
    ("ж" * 135, "UCS-2", 3, 135, 66),
    ("😀" * 35, "UCS-2", 1, 70, 0),
    ("😀" * 36, "UCS-2", 2, 72, 61),
    ("😀" * 66, "UCS-2", 2, 132, 1),
    ("😀" * 67, "UCS-2", 3, 134, 65),
    ("a" * 66 + "😀" + "a" * 65, "UCS-2", 2, 133, 0),
    ("a" * 66 + "😀" + "a" * 66, "UCS-2", 3, 134, 66),
    ("a" * 69 + "ç", "UCS-2", 1, 70, 0),
    ("a" * 70 + "ç", "UCS-2", 2, 71, 63),
]


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units", "left"), BOUNDARIES, ids=range(len(BOUNDARIES))
)
def test_the_boundary_cases_are_exact(text: str, encoding: str, segments: int, units: int, left: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments, counted.units, counted.left) == (
        encoding,
        segments,
        units,
        left,
    )


def test_the_naive_division_would_have_been_wrong() -> None:
    text = "a" * 152 + "€" + "a" * 152
    assert math.ceil(306 / 153) < count(text).segments


@pytest.mark.parametrize("character", BASIC)
def test_a_basic_character_costs_one_septet(character: str) -> None:
    assert count(character) == SegmentCount(Encoding.GSM7, 1, 1, 159)


@pytest.mark.parametrize("character", EXTENSION)
def test_an_extended_character_costs_two_septets(character: str) -> None:
    assert count(character) == SegmentCount(Encoding.GSM7, 1, 2, 158)


@pytest.mark.parametrize("character", "ç`“”‘’–—…\táíóúêâãõ\u00a0\u200b\x1bж你😀")
def test_one_character_outside_gsm7_turns_the_whole_text_to_ucs2(character: str) -> None:
    assert count("a" * 100 + character).encoding is Encoding.UCS2


@pytest.mark.parametrize("text", ["\ud83d", "\ud83d" * 80, "\ude00" * 80, "a\ud800" * 70])
def test_broken_surrogates_are_counted_and_not_raised(text: str) -> None:
    assert count(text).units == len(text)
    assert isinstance(make_plain(text), str)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 segments · GSM-7 · 160 characters left"),
        ("Hello Anna, see you at noon tomorrow!", "1 segment · GSM-7 · 123 characters left"),
        ("a" * 159, "1 segment · GSM-7 · 1 character left"),
        ("ж" * 133, "2 segments · UCS-2 · 1 character left"),
        ("a" * 307, "3 segments · GSM-7 · 152 characters left"),
    ],
)
def test_the_summary_reads_as_the_composer_shows_it(text: str, words: str) -> None:
    assert summary(count(text)) == words


def test_gsm7_text_has_nothing_costly() -> None:
    assert count("Hi {there}, 5 € – no, 5 €!".replace("–", "-")).costly == ()


@pytest.mark.parametrize(
    ("text", "character", "name", "replacement"),
    [
        ("a“b", "“", "left double quotation mark", '"'),
        ("a’b", "’", "right single quotation mark", "'"),
        ("a—b", "—", "em dash", "-"),
        ("a…b", "…", "horizontal ellipsis", "..."),
        ("a\u00a0b", "\u00a0", "no-break space", " "),
        ("a\u200bb", "\u200b", "zero width space", ""),
        ("a\u200db", "\u200d", "zero width joiner", ""),
        ("a\ufeffb", "\ufeff", "zero width no-break space", ""),
        ("a\ufe0fb", "\ufe0f", "variation selector", ""),
        ("a\u202eb", "\u202e", "right-to-left override", ""),
        ("a\tb", "\t", "tab", " "),
        ("a\x00b", "\x00", "character U+0000", ""),
        ("`", "`", "grave accent", "'"),
        ("á", "á", "latin small letter a with acute", "a"),
        ("ç", "ç", "latin small letter c with cedilla", "c"),
        ("e\u0301", "e\u0301", "latin small letter e with acute", "é"),
        ("ж", "ж", "cyrillic small letter zhe", None),
        ("😀", "😀", "grinning face", None),
        ("👍🏽", "👍🏽", "thumbs up sign, medium skin tone", None),
        ("❤️", "❤️", "heavy black heart", None),
        ("👨‍👩‍👧", "👨‍👩‍👧", "man, woman, girl", None),
        ("🇺🇸", "🇺🇸", "flag US", None),
        ("1️⃣", "1️⃣", "keycap 1", None),
        ("\U000f0000", "\U000f0000", "character U+F0000", None),
    ],
)
def test_a_costly_character_is_named_and_its_look_alike_shown(
    text: str, character: str, name: str, replacement: str | None
) -> None:
    (costly,) = count(text).costly
    assert (costly.character, costly.name, costly.count, costly.replacement) == (
        character,
        name,
        1,
        replacement,
    )


def test_costly_characters_are_counted_in_order_of_appearance() -> None:
    costly = count("“Hi” 😀 it’s “on” 😀😀").costly
    assert [(c.character, c.count) for c in costly] == [("“", 2), ("”", 2), ("😀", 3), ("’", 1)]


@given(texts)
def test_costly_characters_make_up_all_of_the_text_outside_gsm7(text: str) -> None:
    costly = "".join(c.character * c.count for c in count(text).costly)
    outside = [c for c in text if c not in BASIC + EXTENSION]
    assert sorted(c for c in costly if c not in BASIC + EXTENSION) == sorted(outside)


@given(texts)
def test_every_costly_character_has_a_readable_name(text: str) -> None:
    for costly in count(text).costly:
        assert costly.name.strip()
        assert costly.name.isprintable()
        assert costly.name.isascii()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Hi” – it’s…", '"Hi" - it\'s...'),
        ("Ça va, garçon?", "Ca va, garcon?".replace("Ca", "Ça")),
        ("José, año, über, là, Ødegård", "José, año, über, là, Ødegård"),
        ("áíóúâêîôûãõÁÍÓÚ", "aiouaeiouaoAIOU"),
        ("Łódź, žluťoučký kůň, İstanbul ığdır", "Lodz, zlutoucky kun, Istanbul igdir"),
        ("cœur, ﬁnd, Ａｎｎａ, 𝗦𝗮𝗹𝗲, №", "coeur, find, Anna, Sale, No"),
        ("1\u00a0000\u202f€\u2009!\u3000x", "1 000 € ! x"),
        ("so\u00adft\u200b\ufeff \u2060\u200e\u202ahyphen\u202c", "soft hyphen"),
        ("a\u2028b\u2029c\td\x07", "a\nb\nc d"),
        ("5 × 3 ÷ 2 − 1 ≤ 4", "5 x 3 / 2 - 1 <= 4"),
        ("• one\n• two", "* one\n* two"),
        ("ACME™ ©2026", "ACME(TM) (c)2026"),
        ("e\u0301 a\u0301 Ω\u0301", "é a Ω"),
        ("10² m, 1½ l, 20°, ① a≠b", "10² m, 1½ l, 20°, ① a≠b"),
        ("Πάμε με τον μήνα", "Πάμε με τον μήνα"),
        ("“👨‍👩‍👧 ❤️ 👍🏽 1️⃣ 🇺🇸”", '"👨‍👩‍👧 ❤️ 👍🏽 1️⃣ 🇺🇸"'),
        ("می‌خواهم", "می‌خواهم"),
        ("क्‍ष", "क्‍ष"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("hello\u200f!", "hello!"),
        ("Привет, мир", "Привет, мир"),
        ("", ""),
    ],
)
def test_make_plain_replaces_what_has_a_look_alike_and_keeps_the_rest(text: str, plain: str) -> None:
    assert make_plain(text) == plain


def test_make_plain_brings_a_text_back_to_gsm7() -> None:
    text = "“Don’t miss it” – Anna’s sale ends today…" + "a" * 100
    assert count(text).segments == 3
    assert summary(count(make_plain(text))) == "1 segment · GSM-7 · 17 characters left"


@pytest.mark.parametrize("text", ["…" * 70, "😀" + "a" * 67 + "…", "😀™" + "a" * 66 + "“"])
def test_make_plain_leaves_a_longer_look_alike_out_where_it_would_cost_a_segment(text: str) -> None:
    assert count(text).segments == 1
    assert count(make_plain(text)).segments == 1
    assert "“" not in make_plain(text)


@given(texts)
@example("…" * 134)
def test_make_plain_never_costs_more_segments(text: str) -> None:
    assert count(make_plain(text)).segments <= count(text).segments


@given(texts)
@example("™\u200b\ufe0f")
@example("5\u200b\u0301")
def test_make_plain_twice_changes_nothing_more(text: str) -> None:
    assert make_plain(make_plain(text)) == make_plain(text)


@given(gsm_texts)
def test_make_plain_never_touches_gsm7_text(text: str) -> None:
    assert make_plain(text) == text


@given(tricky_texts)
def test_make_plain_does_what_the_costly_characters_announce(text: str) -> None:
    if count(make_plain(text)).costly:
        return
    assert all(costly.replacement is not None for costly in count(text).costly)


@pytest.mark.parametrize("character", [chr(c) for c in range(0x180) if chr(c).isalpha()])
def test_every_letter_of_european_latin_has_a_look_alike(character: str) -> None:
    assert all(letter in BASIC + EXTENSION for letter in make_plain(character))


def test_a_text_of_1600_characters_passes_and_one_more_does_not() -> None:
    check_text("a" * MAX_CHARACTERS)
    check_text("😀" * 800)
    with pytest.raises(TextTooLong) as problem:
        check_text("a" * 1601)
    assert "1,601 characters" in problem.value.text
    assert "1,600" in problem.value.text
    with pytest.raises(TextTooLong):
        check_text("😀" * 801)


def test_counting_a_long_gsm7_text_takes_well_under_a_millisecond() -> None:
    text = "Hello {there}, this is Anna of ACME. " * 43
    started = time.perf_counter()
    for _ in range(100):
        count(text)
    assert (time.perf_counter() - started) / 100 < 0.001
