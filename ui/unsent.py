"""What is typed or chosen while the server is away is not lost: the browser keeps it until it was saved."""

import json

from nicegui import ui

from ui.select import Select


class Unsent(ui.element, component="components/unsent.js"):
    """Beside a text field or a checkbox; `name` tells the fields of one browser tab apart."""

    def __init__(self, field: ui.element, name: str, kept: str | bool) -> None:
        super().__init__()
        self.props["target"] = field.html_id
        self.props["name"] = name
        self.tell(kept)

    def forget(self) -> None:
        """What was typed is given up."""
        self.run_method("forget")

    def tell(self, kept: object) -> None:
        """Say what the database has."""
        text = _as_the_browser_has_it(kept)
        if self.props.get("kept") != text:
            self.props["kept"] = text


class UnsentChoice(Unsent):
    """Beside a select whose options stay as they are."""

    def __init__(self, select: Select, name: str, kept: object) -> None:
        super().__init__(select, name, _as_the_browser_has_it(kept))
        self.props["chosen"] = True
        known = {_as_the_browser_has_it(option): option for option in select.options}
        names = json.dumps(list(known))
        noted = f"(option) => getElement({self.id})?.note({names}[option?.value] ?? '')"
        select.on("update:model-value", js_handler=noted)
        self.on("again", lambda event: event.args in known and select.set_value(known[event.args]))


def _as_the_browser_has_it(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
