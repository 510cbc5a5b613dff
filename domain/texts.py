"""Texts from outside, made fit to be kept."""


def storable(text: str) -> str:
    """Without what programs can spell but a database refuses: half a surrogate pair, and NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
