"""Plain HTML elements with text and attributes; values are set as properties, never parsed as markup."""

from typing import Self

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

Attribute = str | int | bool | None


class Tag(TextElement):
    """One HTML element. `aria_label="x"` becomes aria-label, `for_` becomes for; None is left out."""

    def __init__(self, tag: str, text: str = "", *, classes: str = "", **attributes: Attribute) -> None:
        super().__init__(tag=tag, text=text)
        # Nobody watches a new element yet, and it is sent whole: telling of each value is much of its cost.
        list.extend(self.classes, classes.split())
        given = ((_html(name), value) for name, value in attributes.items() if value is not None)
        dict.update(self.props, given)

    def attributes(self, **attributes: Attribute) -> Self:
        """Set attributes; None takes one away."""
        for name, value in attributes.items():
            self.props.set_optional(_html(name), value)
        return self


def _html(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def icon(name: str) -> ui.icon:
    """A decorative Material Symbol, such as icon("campaign")."""
    return ui.icon(f"sym_o_{name}")


def icon_button(symbol: str, label: str) -> Tag:
    """A button that shows only a symbol and is named by its label."""
    button = Tag("button", classes="icon-button", type="button", aria_label=label, title=label)
    with button:
        icon(symbol)
    return button
