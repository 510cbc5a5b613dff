"""What a line's carrier takes beside the text of one message, and what to do when it is too much."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.attachments import MAX_BYTES, FilesTooLarge, TooManyFiles, size_for_people
from domain.carrier_settings import CarrierKind
from domain.problems import Problem


@dataclass(frozen=True, slots=True)
class Media:
    """One file as a carrier counts it."""

    bytes: int
    content_type: str


class TextsOnly(Problem):
    """This line's carrier sends texts only."""


class WrongType(Problem):
    """This line's carrier does not take this kind of file."""


def check(carrier: CarrierKind, files: Sequence[Media]) -> None:
    """Raise what the carrier would refuse: `TextsOnly`, `TooManyFiles`, `WrongType` or `FilesTooLarge`."""
    if not files:
        return
    limits = carrier.media
    if limits is None:
        raise TextsOnly(f"{carrier.label} sends texts only. Remove the attachments, or choose another line.")
    if len(files) > limits.count:
        most = "1 attachment" if limits.count == 1 else f"{limits.count} attachments"
        raise TooManyFiles(
            f"{carrier.label} takes at most {most} a message, and these are {len(files)}. Remove some."
        )
    if any(file.content_type not in limits.types for file in files):
        names = ", ".join(name.partition("/")[2].upper() for name in limits.types)
        raise WrongType(f"{carrier.label} takes {names} only. Remove the others.")
    if (total := sum(file.bytes for file in files)) > limits.total_bytes:
        raise FilesTooLarge(
            f"{carrier.label} takes at most {size_for_people(limits.total_bytes)} a message, and this makes "
            f"{size_for_people(total)}. Shrink the image, or remove one."
        )


def room(carrier: CarrierKind, files: Sequence[Media]) -> int:
    """Bytes that one more file may have."""
    if carrier.media is None:
        return 0
    return max(0, min(MAX_BYTES, carrier.media.total_bytes - sum(file.bytes for file in files)))


def hint(carrier: CarrierKind) -> str:
    """What may be attached, in one line."""
    limits = carrier.media
    if limits is None:
        return f"{carrier.label} sends texts only"
    names = [name.partition("/")[2].upper() for name in limits.types]
    kinds = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    size = size_for_people(limits.total_bytes)
    many = f"1 file, up to {size}" if limits.count == 1 else f"up to {limits.count} files, {size} together"
    return f"{kinds} · {many} · or drop them here"
