"""Quiet hours in the settings: the workspace's own window, and the table of states and countries."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from domain import zones
from domain.hours_table import clock, days_in_words, minute, region_in_words
from domain.problems import Problem
from domain.quiet_hours import DAY, EVERYWHERE, Rule
from domain.quiet_hours_table import DEFAULT_RULES
from storage import quiet_hours
from storage.quiet_hours import Standing
from ui import notices
from ui.formats import calendar_day
from ui.send_time import place
from ui.settings.choice_form import ChoiceForm, WrongValue
from ui.settings.rule_dialog import ask
from ui.tags import Tag, icon_button
from ui.world import World

OWN = "Your workspace's own choice."
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
LEAD = (
    "Nobody is texted outside these hours of their own day. Where a number may lie in several time zones, "
    "all of them count."
)
CAUTION = (
    "A careful start, not legal advice: check the lines that matter to you with counsel. All windows that "
    "apply to a person hold together."
)


class HoursPanel:
    """The form and the table; both save into the same rules."""

    def __init__(self, world: World, now: Standing, *, editable: bool) -> None:
        self.world, self.now, self.editable = world, now, editable
        self._form()
        with Tag("section", classes="panel form-panel hours-table") as section:
            with Tag("div", classes="choice-head"):
                with Tag("div", classes="line"):
                    heading = Tag("h2", "States and countries", classes="grow")
                    if editable:
                        ui.button("Add rule", icon="sym_o_add", on_click=self._add).props("outline")
                Tag("p", CAUTION, classes="set-lead")
            scroll = Tag("div", classes="scroll-x", tabindex=0, role="group", aria_label="Rules by region")
            with scroll, Tag("table", classes="people-table"):
                with Tag("thead"), Tag("tr"):
                    for name in ("Region", "Days", "Hours", "In force", "Source", *(["Actions"] * editable)):
                        Tag("th", name, scope="col")
                self._rows = Tag("tbody")
        section.attributes(aria_labelledby=heading.html_id)
        self._draw()

    def _form(self) -> None:
        own = next((rule for rule in self.now.rules if rule.region == EVERYWHERE), None)
        form = ChoiceForm("Quiet hours", LEAD, self._save if self.editable else None)
        form.tick(
            "on", "Keep quiet hours", self.now.on, "Without them texts go out at night, at your own risk."
        )
        form.line("opens", "Text from", clock(own.opens if own else 0), "Local time, such as 08:00.")
        form.line("closes", "Until", clock(own.closes if own else DAY), "Local time, such as 21:00.")
        names = {name: place(name) for name in sorted({*zones.zone_names(), self.now.zone, "UTC"})}
        hint = "Counts for people whose number and record tell no time zone."
        form.choice("zone", "Default time zone", names, self.now.zone, hint, search=True)

    async def _save(self, values: Mapping[str, Any]) -> None:
        opens, closes = _time(values, "opens"), _time(values, "closes")
        if opens >= closes:
            raise WrongValue("closes", "This must be later than the time before it.")
        others = tuple(rule for rule in self.now.rules if rule.region != EVERYWHERE)
        own = Rule(EVERYWHERE, EVERY_DAY, opens, closes, source=OWN)
        await self._keep((own, *others), str(values["zone"]), on=bool(values["on"]))

    async def _keep(self, rules: tuple[Rule, ...], zone: str, *, on: bool) -> None:
        world = self.world
        await world.db.run(quiet_hours.keep, world.actor(), rules, zone, world.clock(), on=on)
        self.now = Standing(on, rules, zone)
        self._draw()

    def _draw(self) -> None:
        self._rows.clear()
        with self._rows:
            for place_, rule in enumerate(self.now.rules):
                if rule.region != EVERYWHERE:
                    self._row(place_, rule)

    def _row(self, place_: int, rule: Rule) -> None:
        region = region_in_words(rule.region)
        with Tag("tr"):
            Tag("td", region, classes="nowrap strong")
            Tag("td", days_in_words(rule.days), classes="nowrap")
            Tag("td", f"{clock(rule.opens)} to {clock(rule.closes)}", classes="nowrap num")
            Tag("td", in_force(rule), classes="nowrap num")
            Tag("td", rule.source, classes="hours-source")
            if self.editable:
                with Tag("td", classes="nowrap"):
                    edit = icon_button("edit", f"Edit the rule of {region}, {days_in_words(rule.days)}")
                    edit.on("click", lambda: self._edit(place_), args=[])
                    drop = icon_button("delete", f"Remove the rule of {region}, {days_in_words(rule.days)}")
                    drop.on("click", lambda: self._remove(place_), args=[])

    async def _add(self) -> None:
        made = await ask("Add rule", None)
        if made is not None:
            await self._change((*self.now.rules, made), "The rule was added.")

    async def _edit(self, place_: int) -> None:
        before = self.now.rules[place_]
        made = await ask("Edit rule", before)
        if made is not None and made != before:
            rules = list(self.now.rules)
            rules[place_] = made
            await self._change(tuple(rules), "The rule was changed.")

    async def _remove(self, place_: int) -> None:
        rules = list(self.now.rules)
        del rules[place_]
        await self._change(tuple(rules), "The rule was removed.")

    async def _change(self, rules: tuple[Rule, ...], done: str) -> None:
        before = self.now

        async def undo() -> None:
            await self._keep(before.rules, before.zone, on=before.on)

        try:
            await self._keep(rules, before.zone, on=before.on)
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.undo(f"{done} It holds from the next text on.", undo)


def _time(values: Mapping[str, Any], name: str) -> int:
    try:
        return minute(str(values[name] or ""))
    except Problem as problem:
        raise WrongValue(name, problem.text) from problem


def in_force(rule: Rule) -> str:
    """When a rule holds: "Always", "From Nov 30, 2026 until Mar 8, 2027"."""
    since = f"From {calendar_day(rule.since)}" if rule.since != DEFAULT_RULES[0].since else ""
    until = f"{'until' if since else 'Until'} {calendar_day(rule.until)}" if rule.until else ""
    return " ".join(part for part in (since, until) if part) or "Always"
