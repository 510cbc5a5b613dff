"""A date that people type or pick, and that keeps what was typed even when it is none."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from ui.grid_state import read_day
from ui.tags import Tag, icon_button


class DayField(Tag):
    """A date that is typed (2026-11-30) or picked from the browser's own calendar."""

    def __init__(self, label: str, button: str, on_change: Callable[[], Awaitable[None] | None]) -> None:
        super().__init__("div", classes="filter day-field")
        self._on_change = on_change
        with self:
            self._field = ui.input(label=label, placeholder="YYYY-MM-DD")
            self._field.props("stack-label hide-bottom-space no-error-icon maxlength=40 autocomplete=off")
            # Not blur: with that the button inside the field still counts as the field.
            self._field.on("focusout", self._leave, args=[])
            self._field.on("keydown.enter", self._leave, args=[])
            self._field.on_value_change(self._type)
            self._picker = Tag("input", type="date", tabindex=-1, aria_hidden="true", classes="native-day")
            with self._field.add_slot("append"):
                opener = icon_button("calendar_month", button)
            self._message = Tag("p", classes="field-problem", aria_live="polite")
        self._field.props["aria-describedby"] = self._message.html_id
        opener.on("click", js_handler=f"() => document.getElementById('{self._picker.html_id}').showPicker()")
        self._picker.on("change", self._pick, js_handler="(e) => emit(e.target.value)")

    @property
    def typed(self) -> str:
        """What somebody typed."""
        return str(self._field.value or "").strip()

    @typed.setter
    def typed(self, text: str) -> None:
        if text != self.typed:
            self._field.value = text
        chosen = read_day(text)
        self._picker.props["value"] = chosen.isoformat() if chosen else ""

    @property
    def problem(self) -> str:
        """What is wrong with it, in words."""
        return str(self._message.text)

    @problem.setter
    def problem(self, text: str) -> None:
        self._message.text = text
        self._field.props.set_bool("error", bool(text))
        self._field.props.set_optional("aria-invalid", "true" if text else None)

    def _type(self) -> Awaitable[None] | None:
        """A date that is complete filters at once; one that isn't is left alone until it is done."""
        return self._on_change() if not self.typed or read_day(self.typed) else None

    def _leave(self) -> Awaitable[None] | None:
        return self._on_change()

    def _pick(self, event: GenericEventArguments) -> None:
        self._field.value = str(event.args or "")
