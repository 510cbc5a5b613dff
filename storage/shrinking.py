"""Making an image small enough to be sent: the same picture in fewer bytes."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from domain.attachments import NotAnImage, size_for_people
from domain.problems import Problem

MAX_PIXELS = 25_000_000
"""Larger pictures are refused: they unpack to more memory than a server should lend (facts.md D 13)."""

QUALITIES = (88, 80, 70)
EDGES = (2400, 1920, 1600, 1280, 1024, 800, 640, 480)
"""The longer edge in pixels, tried from the largest: a phone's screen shows no more than the first few."""


class CantShrink(Problem):
    """This image can't be made small enough."""


def shrink(source: Path, most: int) -> bytes:
    """The image as a JPEG of at most `most` bytes, turned upright and without what its camera noted.

    Raises `NotAnImage` or `CantShrink`. Slow: call it in a thread.
    """
    image = _opened(source)
    for edge in EDGES:
        smaller = image.copy()
        smaller.thumbnail((edge, edge))
        for quality in QUALITIES:
            data = _as_jpeg(smaller, quality)
            if len(data) <= most:
                return data
    raise CantShrink(
        f"This image can't be brought to {size_for_people(most)}. Attach another one, or remove a file."
    )


def _opened(source: Path) -> Image.Image:
    try:
        with Image.open(source, formats=("JPEG", "PNG", "GIF")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise CantShrink(
                    f"This picture has {image.width} × {image.height} pixels, too many to work with. "
                    "Make it smaller first."
                )
            if getattr(image, "n_frames", 1) > 1:
                raise CantShrink("A moving picture can't be shrunk here. Attach a smaller one.")
            upright = ImageOps.exif_transpose(image)
            flat = Image.new("RGB", upright.size, "white")
            clear = upright.convert("RGBA")
            flat.paste(clear, mask=clear.getchannel("A"))
            return flat
    except Problem:
        raise
    except Exception as error:  # decoders fail in many ways on what was made to break them
        raise NotAnImage from error


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
