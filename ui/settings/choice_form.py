"""A panel of the workspace's settings: some fields, each explained where it is set, and a button."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from domain.problems import Problem
from ui import notices
from ui.fields import Field, Tick
from ui.select import Select
from ui.tags import Tag

Save = Callable[[Mapping[str, Any]], Awaitable[None]]


class WrongValue(Problem):
    """What was typed into a field can't be read."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class ChoiceForm(Tag):
    """One panel. `save` is called with the fields' values by name; without it the panel is only read."""

    def __init__(self, title: str, lead: str, save: Save | None) -> None:
        super().__init__("section", classes="panel form-panel choice-form")
        self._save, self._fields, self._ticks = save, dict[str, tuple[Field, Any]](), dict[str, Tick]()
        with self:
            with Tag("div", classes="choice-head"):
                heading = Tag("h2", title)
                Tag("p", lead, classes="set-lead")
            self._grid = Tag("div", classes="form-grid")
            if save is not None:
                with Tag("div", classes="form-foot"):
                    self._problem = Tag("p", classes="form-left field-problem", role="alert")
                    self._button = ui.button("Save", on_click=self._press)
                    self._button.props["aria-label"] = f"Save {title.lower()}"
        self.attributes(aria_labelledby=heading.html_id)

    @property
    def values(self) -> dict[str, Any]:
        """What the fields say."""
        typed: dict[str, Any] = {name: control.value for name, (_, control) in self._fields.items()}
        return typed | {name: tick.value for name, tick in self._ticks.items()}

    def line(self, name: str, label: str, value: str, hint: str = "", *, long: bool = False) -> None:
        """A text of one line, or of several."""
        with self._grid:
            field = Field(label, wide=long)
        with field:
            control: Any = ui.textarea(value=value) if long else ui.input(value=value)
        control.props("autocomplete=off dir=auto maxlength=1600" + (" autogrow rows=2" if long else ""))
        self._hold(name, field, control, hint)

    def choice(
        self, name: str, label: str, options: Any, value: Any, hint: str = "", *, search: bool = False
    ) -> None:
        """One of several."""
        with self._grid:
            field = Field(label)
        with field:
            control = Select(options, value=value, with_input=search)
        control.props("popup-content-class=field-options")
        self._hold(name, field, control, hint)

    def tick(self, name: str, label: str, value: bool, hint: str = "") -> None:
        """Yes or no."""
        with self._grid, Tag("div", classes="field-wide choice-tick"):
            tick = Tick(label, lambda: None)
            tick.value = value
            if hint:
                Tag("p", hint, classes="field-hint")
        self._ticks[name] = tick
        if self._save is None:
            tick.lock()

    def _hold(self, name: str, field: Field, control: Any, hint: str) -> None:
        field.hold(control, hint)
        self._fields[name] = (field, control)
        if self._save is None:
            field.lock()

    async def _press(self) -> None:
        if self._save is None:
            return
        for field, _ in self._fields.values():
            field.problem = ""
        self._problem.text = ""
        self._button.props["loading"] = True
        try:
            await self._save(self.values)
            notices.success("Saved.")
        except WrongValue as problem:
            field, control = self._fields[problem.name]
            field.problem = problem.text
            control.run_method("focus")
        except Problem as problem:
            self._problem.text = problem.text
        finally:
            self._button.props["loading"] = False


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number that was typed; raises `WrongValue`."""
    text = str(values[name] or "").replace(",", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise WrongValue(name, "Enter a whole number.")
    return int(text)


def share(values: Mapping[str, Any], name: str) -> float:
    """A share that was typed in percent, from 0 to 1; raises `WrongValue`."""
    text = str(values[name] or "").replace("%", "").strip()
    try:
        found = float(text) / 100
    except ValueError:
        raise WrongValue(name, "Enter a percentage, such as 20.") from None
    if not 0 <= found <= 1:
        raise WrongValue(name, "Enter a percentage from 0 to 100; 100 switches this check off.")
    return found
