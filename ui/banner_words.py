"""The words of a banner above a page: a bold beginning and the rest, folded on a phone where it is long."""

from ui.tags import Tag

SHORT = 170
"""Characters that a phone shows on four lines; of a longer one it shows three."""

MORE, LESS = "More", "Less"


def banner_words(title: str, text: str) -> None:
    """Draw them inside the banner."""
    with Tag("p") as words:
        Tag("b", title)
        Tag("span", f" {text}")
    if len(f"{title} {text}") > SHORT:
        _unfold(words)


def _unfold(words: Tag) -> None:
    """The button that shows all of them; only phones show it."""
    words.classes("is-folded")
    more = Tag("button", MORE, classes="text-button hold-more", type="button", aria_expanded="false")

    def turn() -> None:
        words.classes(toggle="is-folded")
        folded = "is-folded" in words.classes
        more.text = MORE if folded else LESS
        more.attributes(aria_expanded="false" if folded else "true")

    more.attributes(aria_controls=words.html_id).on("click", turn, args=[])
