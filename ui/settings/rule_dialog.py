"""The dialog that adds or edits one rule of the quiet hours."""

from nicegui import ui

from domain.hours_table import DAY_NAMES, clock, rule_of
from domain.problems import Problem
from domain.quiet_hours import Rule
from domain.quiet_hours_table import DEFAULT_RULES
from ui import notices
from ui.fields import Field, Tick
from ui.tags import Tag


async def ask(title: str, rule: Rule | None) -> Rule | None:
    """The rule as it is to be; None when nothing is to change."""
    with ui.dialog() as dialog, ui.card().classes("confirm rule-dialog"):
        heading = Tag("h2", title)
        form = _Form(rule)

        def save() -> None:
            try:
                dialog.submit(form.rule)
            except Problem as problem:
                form.problem.text = problem.text

        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            ui.button(title, on_click=save)
    dialog.props["aria-labelledby"] = heading.html_id
    answer = await dialog
    notices.remove(dialog)
    return answer if isinstance(answer, Rule) else None


class _Form:
    def __init__(self, rule: Rule | None) -> None:
        always = DEFAULT_RULES[0].since
        with Tag("div", classes="rule-grid"):
            self._region = _input("Region", rule.region if rule else "", "US, FR, or a state: US-FL")
            with Tag("fieldset", classes="rule-days field-wide"):
                Tag("legend", "Days", classes="field-label")
                self._days = [
                    _tick(name, rule is None or day + 1 in rule.days) for day, name in enumerate(DAY_NAMES)
                ]
            self._opens = _input("Text from", clock(rule.opens) if rule else "08:00")
            self._closes = _input("Until", clock(rule.closes) if rule else "21:00")
            since = rule.since.isoformat() if rule and rule.since != always else ""
            self._since = _input("In force from", since, "Such as 2026-07-01. Empty: always.")
            until = rule.until.isoformat() if rule and rule.until else ""
            self._until = _input("Last day in force", until, "Empty: no end.")
            self._source = _input(
                "Source", rule.source if rule else "", "The law or page, so that others can check."
            )
        self.problem = Tag("p", classes="field-problem", role="alert")

    @property
    def rule(self) -> Rule:
        """What was typed; raises what is wrong with it."""
        days = [day + 1 for day, tick in enumerate(self._days) if tick.value]
        texts = (self._opens, self._closes, self._since, self._until, self._source)
        return rule_of(str(self._region.value or ""), days, *(str(one.value or "") for one in texts))


def _input(label: str, value: str, hint: str = "") -> ui.input:
    field = Field(label, wide=label in ("Region", "Source"))
    with field:
        control = ui.input(value=value).props("autocomplete=off maxlength=300")
    field.hold(control, hint)
    return control


def _tick(label: str, value: bool) -> Tick:
    tick = Tick(label, lambda: None)
    tick.value = value
    return tick
