"""What a camera or a program noted in a picture (place, time, names): taken out before anybody gets it."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

TURNED_QUALITY = 92
"""Of a JPEG that must be written anew because it lies on its side."""

_ORIENTATION = 0x0112
_NOTES = ("exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop")


def without(picture: Path) -> bytes | None:
    """The JPEG or PNG upright and without notes; None where there is nothing to take out.

    `picture` must be one that can be decoded. A JPEG that stands upright keeps its quality. A GIF is
    left alone: cameras make none.
    """
    with Image.open(picture, formats=("JPEG", "PNG", "GIF")) as image:
        if image.format == "GIF" or not _noted(image):
            return None
        out = BytesIO()
        colors = {"icc_profile": profile} if (profile := image.info.get("icc_profile")) else {}
        turned = image.getexif().get(_ORIENTATION, 1) != 1
        kept: Image.Image = ImageOps.exif_transpose(image) if turned else image
        if image.format == "PNG":
            _forget(kept)
            kept.save(out, "PNG", **colors)
        elif turned:
            _forget(kept)
            kept.save(out, "JPEG", quality=TURNED_QUALITY, **colors)
        else:
            image.save(out, "JPEG", quality="keep", exif=b"", comment=b"", **colors)
        return out.getvalue()


def _noted(image: Image.Image) -> bool:
    image.load()  # a PNG's notes may stand behind its pixels
    return bool(dict(image.getexif()) or any(image.info.get(name) for name in _NOTES) or _texts(image))


def _texts(image: Image.Image) -> dict[str, str]:
    found: dict[str, str] = getattr(image, "text", {})
    return found


def _forget(image: Image.Image) -> None:
    for name in (*_NOTES, *_texts(image)):
        image.info.pop(name, None)
    image.getexif().clear()
