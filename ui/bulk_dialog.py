"""The question before an action on many contacts: to which list, which zone, why."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from domain.bulk import Action, Task
from domain.problems import Problem
from domain.zones import zone_names
from storage.workspace import Choice
from ui.bulk_words import LABELS
from ui.fields import Field
from ui.select import Select
from ui.tags import Tag

TITLES = {
    Action.ADD: "Add {who} to a list",
    Action.REMOVE: "Remove {who} from a list",
    Action.ZONE: "Set the time zone of {who}",
    Action.FIELD: "Set a field of {who}",
    Action.OPT_OUT: "Opt out {who}?",
    Action.DELETE: "Delete {who}?",
}
TEXTS = {
    Action.ADD: "Whoever is on it already stays as they are. You can undo this for a day.",
    Action.REMOVE: "They stay contacts. You can undo this for a day.",
    Action.ZONE: "It decides their quiet hours and their local time. You can undo this for a day.",
    Action.FIELD: "Messages can use it as a merge field. You can undo this for a day.",
    Action.OPT_OUT: "No campaign will reach them from now on. Should it be a mistake, you can undo it for a "
    "day; whoever writes to you in between stays opted out.",
    Action.DELETE: "They leave every list. What was sent to them stays in the results. This can't be undone.",
}
DANGEROUS = frozenset({Action.OPT_OUT, Action.DELETE})
NUMBERS_ZONE = "That of their number"


class Question:
    """The dialog, with the fields that the action needs."""

    def __init__(self, action: Action, who: str, lists: Sequence[Choice], list_id: int | None) -> None:
        self.action = action
        self._field: Field | None = None
        self._controls: list[ui.input | Select] = []
        with ui.dialog() as self.dialog, ui.card().classes("confirm"):
            heading = Tag("h2", TITLES[action].format(who=who))
            text = Tag("p", TEXTS[action], classes="confirm-text")
            self._draw(lists, list_id)
            self._wrong = Tag("p", role="alert", classes="field-problem")
            with Tag("div", classes="confirm-actions"):
                ui.button("Cancel", on_click=lambda: self.dialog.submit(False)).props("outline")
                color = "negative" if action in DANGEROUS else "primary"
                self._button = ui.button(LABELS[action], color=color)
        self.dialog.props["aria-labelledby"] = heading.html_id
        self.dialog.props["aria-describedby"] = text.html_id

    async def answer(self, start: Callable[[Task], Awaitable[None]]) -> bool:
        """Begin the task once it is complete; what is wrong with it is said in the dialog."""

        async def submit() -> None:
            try:
                await start(self._task())
            except Problem as problem:
                self._say(problem.text)
            else:
                self.dialog.submit(True)

        self._button.on_click(submit)
        for control in self._controls:
            if isinstance(control, ui.input):
                control.on("keydown.enter", submit, args=[])
        answer = await self.dialog
        self.dialog.delete()
        return bool(answer)

    def _draw(self, lists: Sequence[Choice], list_id: int | None) -> None:
        if self.action in (Action.ADD, Action.REMOVE):
            options = {item.id: item.label for item in lists}
            chosen = list_id if self.action is Action.REMOVE and list_id in options else None
            self._select("List", options, chosen)
        elif self.action is Action.ZONE:
            zones = {"": NUMBERS_ZONE} | {name: name.replace("_", " ") for name in zone_names()}
            self._select("Time zone", zones, "")
        elif self.action is Action.FIELD:
            self._input("Field name", "", "Such as “plan” or “city”.")
            self._input("Value", "", "Leave it empty to take the field away.")
        elif self.action is Action.OPT_OUT:
            self._input("Reason", "Asked not to be texted", "It is kept with the opt-out.")

    def _select(self, label: str, options: dict[Any, str], value: Any) -> None:
        with self._hold(label) as field:
            control = Select(options, value=value, with_input=True)
        field.hold(control)
        self._controls.append(control)

    def _input(self, label: str, value: str, hint: str) -> None:
        with self._hold(label) as field:
            control = ui.input(value=value).props("autocomplete=off dir=auto maxlength=2000")
        field.hold(control, hint)
        if not self._controls:
            control.props("autofocus")
        self._controls.append(control)

    def _hold(self, label: str) -> Field:
        field = Field(label, wide=True)
        self._field = self._field or field
        return field

    def _task(self) -> Task:
        values = [control.value for control in self._controls]
        if self.action in (Action.ADD, Action.REMOVE):
            return Task(self.action, list_id=values[0] or 0)
        if self.action is Action.FIELD:
            return Task(self.action, name=values[0] or "", value=values[1] or "")
        return Task(self.action, value=(values[0] or "") if values else "")

    def _say(self, text: str) -> None:
        if self._field is not None:
            self._field.problem = text
        else:
            self._wrong.text = text
