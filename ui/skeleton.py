"""What stands where rows will be until they are loaded, so that nothing jumps when they come."""

from ui.tags import Tag

LOADING = "Loading"


def lines(count: int = 6) -> None:
    """The items of a list."""
    for place in range(count):
        with Tag("li", classes="ghost ghost-line"):
            if not place:
                Tag("span", LOADING, classes="sr-only")
            Tag("i")
            Tag("i")


def rows(columns: int, count: int = 8) -> None:
    """The rows of a table."""
    for _ in range(count):
        with Tag("tr", classes="ghost"), Tag("td", colspan=columns):
            Tag("span", LOADING, classes="sr-only")
            Tag("i")
