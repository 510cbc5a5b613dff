"""What each carrier takes beside a text."""

import pytest

from domain.attachments import MAX_BYTES, FilesTooLarge, TooManyFiles
from domain.carrier_kinds import KINDS, kind_of
from domain.carrier_settings import CarrierKind
from domain.media_limits import Media, TextsOnly, WrongType, check, hint, room
from domain.problems import Problem

SMALL = Media(1_000, "image/jpeg")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_text_alone_fits_every_carrier_and_every_refusal_is_a_sentence(kind: CarrierKind) -> None:
    check(kind, [])
    assert hint(kind)
    try:
        check(kind, [Media(50_000_000, "image/jpeg")] * 20)
    except Problem as problem:
        assert problem.text.startswith(kind.label)
        assert problem.text.endswith(".")
    else:
        pytest.fail("this carrier takes everything")


def test_a_carrier_of_texts_takes_no_file() -> None:
    with pytest.raises(TextsOnly):
        check(kind_of("kannel"), [SMALL])
    assert room(kind_of("kannel"), []) == 0


def test_the_number_of_files_is_limited_in_words() -> None:
    check(kind_of("vonage"), [SMALL])
    with pytest.raises(TooManyFiles) as caught:
        check(kind_of("vonage"), [SMALL, SMALL])
    assert caught.value.text == ("Vonage takes at most 1 attachment a message, and these are 2. Remove some.")


def test_the_size_is_limited_together_and_the_limit_is_named() -> None:
    half = Media(500_000, "image/png")
    check(kind_of("telnyx"), [half, half])
    with pytest.raises(FilesTooLarge) as caught:
        check(kind_of("telnyx"), [half, Media(500_001, "image/png")])
    assert "Telnyx takes at most 1 MB a message, and this makes 1.1 MB." in caught.value.text


def test_the_kind_of_file_is_limited() -> None:
    with pytest.raises(WrongType) as caught:
        check(kind_of("twilio"), [Media(10, "application/pdf")])
    assert caught.value.text == "Twilio takes JPEG, PNG, GIF only. Remove the others."


def test_what_one_more_file_may_have() -> None:
    assert room(kind_of("vonage"), []) == 600_000
    assert room(kind_of("telnyx"), [Media(400_000, "image/png")]) == 600_000
    assert room(kind_of("telnyx"), [Media(4_000_000, "image/png")]) == 0
    assert room(kind_of("twilio"), []) == MAX_BYTES


def test_the_hint_says_it_in_a_line() -> None:
    assert hint(kind_of("vonage")) == "JPEG, PNG or GIF · 1 file, up to 600 kB · or drop them here"
    assert hint(kind_of("twilio")).startswith("JPEG, PNG or GIF · up to 10 files, 5 MB together")
    assert hint(kind_of("kannel")) == "Kannel (own gateway) sends texts only"
