"""The fields of a carrier account. A secret is typed once: what is kept never comes back to a page."""

from collections.abc import Collection, Mapping

from nicegui import ui

from domain.carrier_kinds import kind_of
from domain.carrier_settings import BadSetting, Form
from domain.carrier_settings import Field as Setting
from ui.fields import Field
from ui.select import Select
from ui.tags import Tag


class SettingField(Field):
    """One setting: a text, or a secret that is hidden while it is typed."""

    def __init__(self, setting: Setting, value: str, *, kept: bool) -> None:
        label = setting.label if setting.required else f"{setting.label} (optional)"
        super().__init__(label)
        self.setting = setting
        with self:
            self.input: ui.input | Select
            self.input = _yes_or_no(value) if setting.form is Form.YES_NO else _text(setting, value)
        if setting.secret:
            self.input.props("type=password autocomplete=new-password")
        self.hold(self.input, setting.help)
        if kept:
            self._keep()

    @property
    def value(self) -> str:
        """What is typed; empty for a secret that is left as it is."""
        return str(self.input.value or "")

    def _keep(self) -> None:
        self.input.set_visibility(False)
        with self, Tag("div", classes="kept") as kept:
            Tag("span", "Saved. It is never shown again.")
            replace = ui.button("Replace").props("flat dense")
            replace.props["aria-label"] = f"Replace {self.setting.label}"

        def type_anew() -> None:
            kept.delete()
            self.input.set_visibility(True)
            self.input.run_method("focus")

        replace.on_click(type_anew)
        kept.move(target_index=1)


def _text(setting: Setting, value: str) -> ui.input:
    control = ui.input(value=value, placeholder=setting.default)
    return control.props("autocomplete=off spellcheck=false maxlength=2000")


def _yes_or_no(value: str) -> Select:
    chosen = "yes" if value.lower() in ("yes", "true", "on", "1") else "no"
    select = Select({"no": "No", "yes": "Yes"}, value=chosen)
    return select.props("popup-content-class=field-options")


class CarrierForm(Tag):
    """The name and the settings of one kind of account."""

    def __init__(
        self, kind: str, name: str, settings: Mapping[str, str], secrets: Collection[str] = ()
    ) -> None:
        super().__init__("div", classes="form-grid")
        described = kind_of(kind)
        with self:
            self._name_field = Field("Name", wide=True)
            with self._name_field:
                self._name = ui.input(value=name, placeholder=f"{described.label}, main account")
            self._name.props("autocomplete=off dir=auto maxlength=120")
            self._name_field.hold(self._name, "Your team knows the account by it.")
            self.fields = [
                SettingField(setting, settings.get(setting.name, ""), kept=setting.name in secrets)
                for setting in described.fields
            ]

    @property
    def name(self) -> str:
        """The account's name as it is typed."""
        return str(self._name.value or "")

    @property
    def typed(self) -> dict[str, str]:
        """The settings as they are typed; a secret that is kept is empty."""
        return {field.setting.name: field.value for field in self.fields}

    def name_is_wrong(self, text: str) -> None:
        """Say what is wrong with the name, there."""
        self._name_field.problem = text
        self._name.run_method("focus")

    def show(self, problem: BadSetting) -> bool:
        """Say what is wrong beside the field that it is about; False when it is about none."""
        for field in self.fields:
            if field.setting.name == problem.field:
                field.problem = problem.text
                field.input.run_method("focus")
                return True
        return False

    def all_right(self) -> None:
        """Take back what was said to be wrong."""
        self._name_field.problem = ""
        for field in self.fields:
            field.problem = ""
