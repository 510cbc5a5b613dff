"""Two links for what can be exported: one file for spreadsheets, one for machines."""

from domain.spreadsheets import Reader
from ui.tags import Tag, icon

WORDS = {Reader.SPREADSHEETS: "for spreadsheets", Reader.MACHINES: "for machines"}


def export_links(address: str) -> Tag:
    """Draw them."""
    with Tag("p", classes="export-links") as box:
        icon("download")
        Tag("span", "Export CSV")
        for reader, words in WORDS.items():
            Tag("a", words, download=True).mark(reader.value)
    return point_to(box, address)


def point_to(box: Tag, address: str) -> Tag:
    """Let the links export something else."""
    joined = "&" if "?" in address and not address.endswith("?") else "?"
    base = address.rstrip("?")
    links = [child for child in box.default_slot.children if isinstance(child, Tag) and child.tag == "a"]
    for reader, link in zip(WORDS, links, strict=True):
        link.attributes(href=f"{base}{joined}for={reader.value}")
    return box
