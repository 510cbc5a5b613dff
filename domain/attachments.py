"""What may be attached to a message: which images, how many, and how large."""

from collections.abc import Iterable
from enum import StrEnum
from math import ceil

from domain.names import tidy
from domain.problems import Problem

MAX_FILES = 10
"""Attachments of one message (Twilio's error 21623)."""

MAX_BYTES = 5_000_000
"""The largest JPEG, PNG or GIF that Twilio takes."""

MAX_UPLOAD_BYTES = 25_000_000
"""What may be uploaded in order to be shrunk: a phone's largest photos."""

MAX_TOTAL_BYTES = 5_000_000
"""What all attachments of one message may weigh together (Twilio)."""

SNIFFED_BYTES = 32
"""How much of a file's beginning is enough to tell its kind."""

MAX_FILENAME = 120
"""Characters of a file name that are shown."""


class ImageType(StrEnum):
    """The kinds of image that can be attached; the value is the content type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"


class NotAnImage(Problem):
    """This file is not a JPEG, PNG or GIF image. Attach an image of one of these kinds."""


class FileTooLarge(Problem):
    """This file is too large to be attached."""


class FilesTooLarge(Problem):
    """These attachments are too large for one message."""


class TooManyFiles(Problem):
    """A message can carry at most 10 attachments."""


def sniff(head: bytes) -> ImageType:
    """Tell an image's kind by its first bytes, whatever its name says; raises NotAnImage."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    raise NotAnImage


def extension(kind: ImageType) -> str:
    """Give the ending of a file's name, with its dot."""
    return _EXTENSIONS[kind]


def check_size(filename: str, size: int) -> None:
    """Refuse one file above 5 MB; `size` is in bytes. Raises FileTooLarge."""
    if size > MAX_BYTES:
        raise FileTooLarge(
            f"“{safe_filename(filename)}” has {size_for_people(size)}; an attachment may have at most "
            f"{size_for_people(MAX_BYTES)}. Attach a smaller image."
        )


def check_total(sizes: Iterable[int]) -> None:
    """Refuse files that are above 5 MB together; `sizes` are in bytes. Raises FilesTooLarge."""
    if (total := sum(sizes)) > MAX_TOTAL_BYTES:
        raise FilesTooLarge(
            f"The attachments have {size_for_people(total)} together; a message can carry at most "
            f"{size_for_people(MAX_TOTAL_BYTES)}. Remove one, or attach smaller images."
        )


def check_count(count: int) -> None:
    """Refuse more than 10 files on one message; raises TooManyFiles."""
    if count > MAX_FILES:
        raise TooManyFiles(f"A message can carry at most {MAX_FILES} attachments, and these are {count:,}.")


def safe_filename(raw: str) -> str:
    """Give a file's name for the screen only: no path, nothing that hides or turns it, 120 characters."""
    name = tidy(tidy(raw).replace("\\", "/").rpartition("/")[2])
    if not name.strip(". "):
        return "attachment"
    if len(name) <= MAX_FILENAME:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = dot + ending if stem and len(ending) <= 10 else ""
    return tidy(name[: MAX_FILENAME - len(kept) - 1] + "…" + kept)


def size_for_people(size: int) -> str:
    """Write a number of bytes as 5 MB or 812 kB, rounded up so that what is over a limit reads so."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    if (thousands := ceil(size / 1000)) < 1000:
        return f"{thousands} kB"
    return f"{ceil(size / 100_000) / 10:,.1f}".removesuffix(".0") + " MB"


_SIGNATURES = {
    b"\xff\xd8\xff": ImageType.JPEG,
    b"\x89PNG\r\n\x1a\n": ImageType.PNG,
    b"GIF87a": ImageType.GIF,
    b"GIF89a": ImageType.GIF,
}
_EXTENSIONS = {ImageType.JPEG: ".jpg", ImageType.PNG: ".png", ImageType.GIF: ".gif"}
