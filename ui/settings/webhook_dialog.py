"""The dialog that adds an outgoing webhook: which address is told of what."""

from nicegui import ui

from domain.outgoing_webhooks import Kind, NoKinds
from domain.problems import Problem
from storage import outgoing_webhooks
from ui import notices
from ui.fields import Field, Tick
from ui.tags import Tag
from ui.world import World


async def ask(world: World) -> str | None:
    """Ask for everything and add the webhook; gives its secret, None when nobody added one."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", "Add webhook")
        with Field("Address", wide=True) as url_field:
            url = ui.input().props("type=url autofocus autocomplete=off maxlength=2000")
        url_field.hold(url, hint="A public https:// address of the program that is to be told.")
        with Tag("fieldset", classes="ticks"):
            Tag("legend", "Tell it when", classes="field-label")
            ticks = {kind: Tick(kind.label, lambda: None) for kind in Kind}
        wrong = Tag("p", classes="field-problem", aria_live="polite")

        async def add() -> None:
            kinds = [kind.value for kind, tick in ticks.items() if tick.value]
            url_field.problem, wrong.text = "", ""
            try:
                _number, secret = await world.db.run(
                    outgoing_webhooks.add,
                    world.actor(),
                    url.value or "",
                    kinds,
                    world.clock(),
                    local=world.demo,
                )
            except NoKinds as problem:
                wrong.text = problem.text
                return
            except Problem as problem:
                url_field.problem = problem.text
                return
            dialog.submit(secret)

        url.on("keydown.enter", add)
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            ui.button("Add webhook", on_click=add)
    dialog.props["aria-labelledby"] = heading.html_id
    made = await dialog
    notices.remove(dialog)
    return str(made) if made else None
