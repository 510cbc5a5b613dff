"""Texts from outside, made fit to be kept."""


def storable(text: str) -> str:
    """Without what programs can spell but a database refuses: half a surrogate pair, and NUL."""
    if text.isascii() and "\0" not in text:  # most of what carriers say
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
