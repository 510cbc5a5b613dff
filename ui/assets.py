"""What the browser loads from static/, each file under an address that changes with its content."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"


@cache
def url(name: str) -> str:
    """The address of a static file; it names the content, so a new release is never seen half old."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:10]
    return f"{PREFIX}/{name}?v={digest}"
