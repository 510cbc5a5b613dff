"""A form's fields: the label above, what is wrong below, both tied to the control for screen readers."""

from collections.abc import Awaitable, Callable

from nicegui.elements.mixins.disableable_element import DisableableElement
from nicegui.events import GenericEventArguments

from ui.select import Select
from ui.tags import Tag


class Field(Tag):
    """Wraps one control; make it inside the `with` and hand it to `hold`."""

    def __init__(self, label: str, *, wide: bool = False) -> None:
        super().__init__("div", classes="field field-wide" if wide else "field")
        self._name = label
        with self:
            self._label = Tag("label", label, classes="field-label")

    def hold(self, control: DisableableElement, hint: str = "") -> None:
        """Tie label, hint and problem to the control."""
        self._control = control
        with self:
            if hint:
                self._hint = Tag("p", hint, classes="field-hint")
            self._problem = Tag("p", classes="field-problem", aria_live="polite")
        described = f"{self._hint.html_id} {self._problem.html_id}" if hint else self._problem.html_id
        if _only_chosen_from(control):
            # Quasar puts the control's id and attributes on a box around the input that has the focus;
            # only its own label names that input, and the style sheet hides it.
            control.props["for"] = f"{control.html_id}-choice"
            control.props["label"] = self._name
        else:
            control.props["for"] = control.html_id
            control.props["aria-label"] = self._name
        self._label.attributes(for_=control.props["for"])
        control.props["aria-describedby"] = described
        control.props["no-error-icon"] = True
        control.props["hide-bottom-space"] = True

    @property
    def problem(self) -> str:
        """What is wrong, in words."""
        return str(self._problem.text)

    @problem.setter
    def problem(self, text: str) -> None:
        self._problem.text = text
        self._control.props.set_bool("error", bool(text))
        self._control.props.set_optional("aria-invalid", "true" if text else None)

    def lock(self) -> None:
        """Show the value and let nobody change it."""
        self._control.props["readonly"] = True
        self.classes("is-locked")


class Tick(Tag):
    """The browser's own checkbox: it shows its tick at once, however busy the server is."""

    def __init__(self, label: str, on_change: Callable[[], Awaitable[None] | None]) -> None:
        super().__init__("div", classes="tick-field")
        self._value = False
        self._on_change = on_change
        with self:
            self._box = Tag("input", type="checkbox")
            Tag("label", label, for_=self._box.html_id)
        self._box.on("change", self._changed, js_handler="(event) => emit(event.target.checked)")

    @property
    def value(self) -> bool:
        """Whether it is ticked."""
        return self._value

    @value.setter
    def value(self, value: bool) -> None:
        self._value = value
        self._box.props["checked"] = value

    @property
    def box(self) -> Tag:
        """The checkbox itself."""
        return self._box

    @property
    def enabled(self) -> bool:
        """Whether it can be changed."""
        return not self._box.props.get("disabled")

    def lock(self) -> None:
        """Show the value and let nobody change it."""
        self._box.attributes(disabled=True)

    def _changed(self, event: GenericEventArguments) -> Awaitable[None] | None:
        if self.enabled:
            self.value = event.args is True
        return self._on_change()


def _only_chosen_from(control: DisableableElement) -> bool:
    """Whether it is a select that takes no typing."""
    return isinstance(control, Select) and not control.props.get("use-input")
