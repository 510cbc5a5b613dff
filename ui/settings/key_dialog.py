"""The dialog that makes an API key: what uses it, what it opens, and until when."""

from datetime import timedelta

from nicegui import ui

from domain.access import Role
from domain.api_scopes import Scope
from domain.problems import Problem
from domain.team import ROLE_WORDS
from storage import api_keys
from ui import notices
from ui.fields import Field, Tick
from ui.select import Select
from ui.tags import Tag
from ui.world import World

ROLES = {role.value: words[0] for role, words in ROLE_WORDS.items()}
ENDS = {0: "Never", 30: "In 30 days", 90: "In 90 days", 365: "In a year"}
"""When a key ends, in days."""


async def ask(world: World) -> str | None:
    """Ask for everything and make the key; None when nobody made one."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", "Create key")
        with Field("Name", wide=True) as name_field:
            name = ui.input().props("autofocus autocomplete=off maxlength=120")
        name_field.hold(name, hint="The program that uses it, such as “CRM import”.")
        with Field("Role", wide=True) as role_field:
            role = Select(ROLES, value=Role.MANAGER.value)
        role_field.hold(role)
        with Field("Ends", wide=True) as end_field:
            end = Select(ENDS, value=0)
        end_field.hold(end)
        ticks = _scopes()

        async def create() -> None:
            days, now = int(end.value), world.clock()
            try:
                key = await world.db.run(
                    api_keys.create,
                    name.value or "",
                    Role(role.value),
                    now,
                    now + timedelta(days=days) if days else None,
                    scopes=[scope.value for scope, tick in ticks.items() if tick.value],
                    actor=world.actor(),
                )
            except Problem as problem:
                name_field.problem = problem.text
                return
            dialog.submit(key)

        name.on("keydown.enter", create)
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            ui.button("Create key", on_click=create)
    dialog.props["aria-labelledby"] = heading.html_id
    made = await dialog
    notices.remove(dialog)
    return str(made) if made else None


def _scopes() -> dict[Scope, Tick]:
    with Tag("fieldset", classes="ticks"):
        Tag("legend", "Opens", classes="field-label")
        ticks = {scope: Tick(scope.label, lambda: None) for scope in Scope}
    for tick in ticks.values():
        tick.value = True
    return ticks
