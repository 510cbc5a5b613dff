"""What is typed while the server is away is not lost: the browser keeps it until it was saved."""

from nicegui import ui


class Unsent(ui.element, component="components/unsent.js"):
    """Beside a text field; `name` tells the fields of one browser tab apart."""

    def __init__(self, field: ui.element, name: str, kept: str) -> None:
        super().__init__()
        self.props["target"] = field.html_id
        self.props["name"] = name
        self.props["kept"] = kept

    def forget(self) -> None:
        """What was typed is given up."""
        self.run_method("forget")

    def tell(self, kept: str) -> None:
        """Say what the database has."""
        if self.props["kept"] != kept:
            self.props["kept"] = kept
