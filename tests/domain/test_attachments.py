from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from domain.attachments import (
    MAX_BYTES,
    MAX_FILENAME,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    SNIFFED_BYTES,
    FilesTooLarge,
    FileTooLarge,
    ImageType,
    NotAnImage,
    TooManyFiles,
    check_count,
    check_size,
    check_total,
    extension,
    safe_filename,
    size_for_people,
    sniff,
)
from domain.names import DIRECTION_OVERRIDES
from domain.problems import Problem


@pytest.mark.parametrize("kind", ImageType)
def test_a_real_image_is_known_by_its_first_bytes(kind: ImageType) -> None:
    file = BytesIO()
    Image.new("RGB", (2, 2)).save(file, kind.name)
    assert sniff(file.getvalue()[:SNIFFED_BYTES]) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", ImageType.JPEG),
        (b"\xff\xd8\xff\xe1\x00\x10Exif\x00", ImageType.JPEG),
        (b"\xff\xd8\xff\xdb", ImageType.JPEG),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ImageType.PNG),
        (b"GIF87a\x01\x00", ImageType.GIF),
        (b"GIF89a\x01\x00", ImageType.GIF),
    ],
)
def test_each_signature_is_known(head: bytes, kind: ImageType) -> None:
    assert sniff(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xfe\xe0",
        b"\x89PNG",
        b"\x89PNG\n\x1a\n",
        b"\x89PNG\r\n\x1a",
        b"PNG\r\n\x1a\n",
        b"GIF",
        b"GIF8",
        b"GIF88a",
        b"GIF89b",
        b"gif89a",
        b" GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<!DOCTYPE html><script>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"BM\x00\x00",
        b"PK\x03\x04",
        b"MZ\x90\x00",
        b"\x00\x00\x00\x20ftypavif",
        b"II*\x00",
    ],
)
def test_anything_else_is_refused_naming_the_kinds_that_are_taken(head: bytes) -> None:
    with pytest.raises(NotAnImage) as problem:
        sniff(head)
    assert all(kind in problem.value.text for kind in ("JPEG", "PNG", "GIF"))


@given(st.binary(max_size=SNIFFED_BYTES))
def test_only_the_whole_signature_makes_an_image(head: bytes) -> None:
    try:
        kind = sniff(head)
    except NotAnImage:
        return
    assert head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))
    assert kind in ImageType


def test_each_kind_has_its_ending() -> None:
    assert [extension(kind) for kind in ImageType] == [".jpg", ".png", ".gif"]


def test_what_is_within_the_limits_passes() -> None:
    check_size("photo.jpg", MAX_BYTES)
    check_total([MAX_TOTAL_BYTES - 1, 1])
    check_total([])
    check_count(MAX_FILES)


@pytest.mark.parametrize(
    ("check", "problem", "text"),
    [
        (
            lambda: check_size("photo.jpg", 6_234_567),
            FileTooLarge,
            "“photo.jpg” has 6.3 MB; an attachment may have at most 5 MB. Attach a smaller image.",
        ),
        (
            lambda: check_size("../\u202egpj.exe", MAX_BYTES + 1),
            FileTooLarge,
            "“gpj.exe” has 5.1 MB; an attachment may have at most 5 MB. Attach a smaller image.",
        ),
        (
            lambda: check_total([3_000_000, 2_000_001]),
            FilesTooLarge,
            "The attachments have 5.1 MB together; a message can carry at most 5 MB. "
            "Remove one, or attach smaller images.",
        ),
        (
            lambda: check_count(11),
            TooManyFiles,
            "A message can carry at most 10 attachments, and these are 11.",
        ),
    ],
)
def test_what_is_above_a_limit_is_refused_with_figures(
    check: Callable[[], None], problem: type[Problem], text: str
) -> None:
    with pytest.raises(problem) as raised:
        check()
    assert raised.value.text == text


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1001, "2 kB"),
        (999_000, "999 kB"),
        (999_001, "1 MB"),
        (1_000_000, "1 MB"),
        (1_000_001, "1.1 MB"),
        (5_000_000, "5 MB"),
        (5_000_001, "5.1 MB"),
        (12_345_678_901, "12,345.7 MB"),
    ],
)
def test_a_size_is_written_for_people(size: int, words: str) -> None:
    assert size_for_people(size) == words


@given(st.integers(MAX_BYTES + 1, 10**12))
def test_a_size_above_the_limit_never_reads_as_the_limit(size: int) -> None:
    assert size_for_people(size) != size_for_people(MAX_BYTES)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("photo.jpg", "photo.jpg"),
        ("/etc/passwd", "passwd"),
        ("../../photo.jpg", "photo.jpg"),
        ("C:\\Users\\Anna\\photo.jpg", "photo.jpg"),
        ("a/b\\c.png", "c.png"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("pho\x00to\n.jpg", "photo .jpg"),
        ("  my   photo.jpg ", "my photo.jpg"),
        ("שלום.jpg", "שלום.jpg"),
        ("👨‍👩‍👧.png", "👨‍👩‍👧.png"),
        ("", "attachment"),
        (".", "attachment"),
        ("..", "attachment"),
        ("photos/", "attachment"),
        ("\u200b\u202e", "attachment"),
        ("...", "attachment"),
        ("x" * 200 + ".jpeg", "x" * 114 + "….jpeg"),
        ("x" * 200, "x" * 119 + "…"),
        ("." + "x" * 200, "." + "x" * 118 + "…"),
        ("x" * 120, "x" * 120),
    ],
)
def test_a_file_name_is_made_safe_to_show(raw: str, name: str) -> None:
    assert safe_filename(raw) == name


@given(st.text(max_size=300) | st.text(alphabet="a./\\ \u202e\u200d👨\u0301\n", max_size=300))
def test_a_shown_file_name_has_no_path_and_hides_nothing(raw: str) -> None:
    name = safe_filename(raw)
    assert 1 <= len(name) <= MAX_FILENAME
    assert not set(name) & (DIRECTION_OVERRIDES | set("/\\\n\x00"))
    assert safe_filename(name) == name
