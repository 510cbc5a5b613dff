"""What can be done with the contacts that are selected; it shows as soon as there are any."""

from collections.abc import Awaitable, Callable

from domain.bulk import Action
from ui.bulk_words import LABELS
from ui.formats import number, plural
from ui.tags import Tag, icon

SYMBOLS = {
    Action.ADD: "group_add",
    Action.REMOVE: "group_remove",
    Action.ZONE: "schedule",
    Action.FIELD: "edit_note",
    Action.OPT_OUT: "block",
    Action.DELETE: "delete",
}


class BulkBar(Tag):
    """Says who is selected; offers everybody who matches, the actions, and the way back."""

    def __init__(
        self,
        on_act: Callable[[Action], Awaitable[None]],
        on_everybody: Callable[[], None],
        on_clear: Callable[[], None],
    ) -> None:
        super().__init__("div", classes="bulk-bar", role="group", aria_label="Selected contacts")
        with self:
            self._who = Tag("p", classes="bulk-who", aria_live="polite")
            self._everybody = Tag("button", classes="text-button", type="button")
            self._everybody.on("click", on_everybody, args=[])
            with Tag("div", classes="bulk-acts"):
                for action, label in LABELS.items():
                    danger = " is-danger" if action is Action.DELETE else ""
                    with Tag("button", classes=f"bulk-act{danger}", type="button") as button:
                        icon(SYMBOLS[action])
                        Tag("span", label)
                    button.on("click", lambda action=action: on_act(action), args=[])
                clear = Tag("button", "Clear selection", classes="text-button", type="button")
                clear.on("click", on_clear, args=[])
        self.set_visibility(False)

    def show(self, picked: int, *, total: int, capped: bool, everybody: bool) -> None:
        """Say that so many of the page are selected, or everybody of the view."""
        self.set_visibility(picked > 0 or everybody)
        who = _everybody(total, capped=capped)
        self._who.text = f"{who} selected" if everybody else f"{number(picked)} selected"
        self._everybody.text = f"Select {who[0].lower()}{who[1:]}"
        self._everybody.set_visibility(not everybody and total > picked)


def _everybody(total: int, *, capped: bool) -> str:
    return "Everybody who matches" if capped else f"All {plural(total, 'contact')}"
