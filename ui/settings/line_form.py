"""The form of a line: who it is, how fast it may send, and who may use it."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from nicegui import ui

from domain import line_kinds, line_presets, zones
from domain.line_kinds import LineKind
from domain.line_presets import Preset
from domain.line_settings import MICROS, BadLineSetting, LineSettings
from ui.fields import Field
from ui.formats import number
from ui.select import Select
from ui.send_time import place
from ui.tags import Tag

EVERYONE, CHOSEN = "Everyone who may edit campaigns", "Chosen people"
CHOOSE_PRESET = "Choose a preset"
PRESET_HINT = "What carriers publish for this kind of line. It fills in the limits below."


class LineForm(Tag):
    """Its values are texts until they are read; what can't be read is said beside its field."""

    def __init__(self, given: LineSettings, accounts: Mapping[int, str], team: Mapping[int, str]) -> None:
        super().__init__("div", classes="line-form")
        self._fields: dict[str, tuple[Field, Any]] = {}
        with self:
            with Tag("div", classes="form-grid"):
                self._identity(given, accounts)
            with Tag("div", classes="form-grid form-part"):
                Tag("h2", "How fast it may send", classes="field-wide")
                self._speed(given)
            with Tag("div", classes="form-grid form-part"):
                Tag("h2", "Who may use it", classes="field-wide")
                self._access(given, team)

    @property
    def values(self) -> LineSettings:
        """What the form says; raises `BadLineSetting` for what is no number."""
        restricted = self._value("access") == CHOSEN
        return LineSettings(
            label=str(self._value("label") or ""),
            number=str(self._value("number") or ""),
            account_id=self._value("account_id"),
            kind=self._value("kind"),
            rate=_number(self._value("rate"), "rate"),
            minute_cap=_whole(self._value("minute_cap"), "minute_cap"),
            daily_cap=_whole(self._value("daily_cap"), "daily_cap"),
            day_zone=str(self._value("day_zone") or ""),
            price_micros=round((_number(self._value("price"), "price") or 0) * MICROS),
            restricted=restricted,
            people=frozenset(self._value("people") or ()) if restricted else frozenset(),
        )

    def show(self, problem: BadLineSetting) -> None:
        """Say what is wrong beside its field, and go there."""
        field, control = self._fields[problem.field]
        field.problem = problem.text
        control.run_method("focus")

    def all_right(self) -> None:
        """Take back what was said to be wrong."""
        for field, _ in self._fields.values():
            field.problem = ""

    def _identity(self, given: LineSettings, accounts: Mapping[int, str]) -> None:
        self._input("label", "Name", given.label, "Your team finds the line by it.", "Main number")
        self._input("number", "Number or sender ID", given.number, "As people see it.", "+1 415-555-0100")
        kinds = dict(line_kinds.LABELS)
        self._select("kind", "Kind", kinds, given.kind or LineKind.LONG_CODE).on_value_change(self._offer)
        without = "" if accounts else "Add a carrier account first."
        account = given.account_id if given.account_id in accounts else next(iter(accounts), None)
        self._select("account_id", "Carrier account", accounts, account, without)

    def _speed(self, given: LineSettings) -> None:
        preset = self._select("preset", "Preset", {}, None, PRESET_HINT, wide=True)
        preset.on_value_change(lambda event: self._fill(event.value))
        self._source = Tag("p", classes="muted small preset-source", aria_live="polite")
        self._input("rate", "Segments a second", _shown(given.rate), "Empty: no limit of its own.")
        self._input(
            "minute_cap",
            "Segments a minute",
            _shown(given.minute_cap),
            "In any minute. Empty: no cap.",
        )
        self._input("daily_cap", "Segments a day", _shown(given.daily_cap), "Empty: no cap.")
        names = {name: place(name) for name in sorted({*zones.zone_names(), given.day_zone, "UTC"})}
        self._select("day_zone", "Day begins at midnight in", names, given.day_zone, search=True)
        price = f"{Decimal(given.price_micros) / MICROS:f}" if given.price_micros else ""
        self._input("price", "Price of a segment in dollars", price, "For the cost before sending.", "0.0079")
        self._offer()

    def _access(self, given: LineSettings, team: Mapping[int, str]) -> None:
        access = CHOSEN if given.restricted else EVERYONE
        who = self._select("access", "May send from this line", [EVERYONE, CHOSEN], access)
        who.on_value_change(lambda event: self._choose(event.value))
        field = Field("People")
        with field:
            people = Select(dict(team), value=sorted(given.people & team.keys()), multiple=True)
            people.props("use-chips popup-content-class=field-options")
        field.hold(people, "Administrators may always.")
        self._fields["people"] = (field, people)
        self._choose(access)

    def _choose(self, access: str) -> None:
        self._fields["people"][0].set_visibility(access == CHOSEN)

    def _offer(self) -> None:
        """Offer the presets of the chosen kind."""
        if "preset" not in self._fields:
            return
        field, select = self._fields["preset"]
        found = line_presets.of_kind(self._value("kind"))
        select.set_options({"": CHOOSE_PRESET} | {preset.name: preset.label for preset in found}, value="")
        field.set_visibility(bool(found))
        self._source.text = ""

    def _fill(self, name: str | None) -> None:
        if not name:
            return
        preset = line_presets.named(name)
        for field, value in (
            ("rate", _shown(preset.rate)),
            ("minute_cap", _shown(preset.minute_cap)),
            ("daily_cap", _shown(preset.daily_cap)),
            ("day_zone", preset.day_zone),
        ):
            self._fields[field][1].value = value
        self._source.text = source(preset)

    def _value(self, name: str) -> Any:
        return self._fields[name][1].value

    def _input(self, name: str, label: str, value: str, hint: str = "", placeholder: str = "") -> None:
        field = Field(label)
        with field:
            control = ui.input(value=value, placeholder=placeholder)
        control.props("autocomplete=off dir=auto maxlength=120")
        field.hold(control, hint)
        self._fields[name] = (field, control)

    def _select(
        self,
        name: str,
        label: str,
        options: Any,
        value: Any,
        hint: str = "",
        *,
        search: bool = False,
        wide: bool = False,
    ) -> Select:
        field = Field(label, wide=wide)
        with field:
            control = Select(options, value=value, with_input=search)
        control.props("popup-content-class=field-options")
        field.hold(control, hint)
        self._fields[name] = (field, control)
        return control


def source(preset: Preset) -> str:
    """Who says that these are the limits."""
    return f"Source: {preset.source}, as of {line_presets.AS_OF}. {preset.note}".strip()


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return number(int(value)) if value == int(value) else f"{value:g}"


def _number(text: Any, field: str) -> float | None:
    written = str(text or "").replace(",", "").replace("$", "").strip()
    if not written:
        return None
    try:
        return float(Decimal(written))
    except (InvalidOperation, OverflowError):
        raise BadLineSetting("This is not a number.", field) from None


def _whole(text: Any, field: str) -> int | None:
    value = _number(text, field)
    if value is None:
        return None
    if value != value // 1:
        raise BadLineSetting("Enter a whole number, or leave it empty for no cap.", field)
    return int(value)
