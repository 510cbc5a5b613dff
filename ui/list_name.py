"""The dialog that asks what a list is to be called."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.problems import Problem
from ui.fields import Field
from ui.tags import Tag


async def ask_for_name(
    action: str, text: str, keep: Callable[[str], Awaitable[int]], name: str = ""
) -> int | None:
    """Ask, and give what `keep` made of the answer; None when dismissed. What is wrong is said below."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", action)
        if text:
            Tag("p", text, classes="confirm-text")
        field = Field("List name")
        with field:
            control = ui.input(value=name).props("autofocus autocomplete=off dir=auto maxlength=200")
        field.hold(control)

        async def submit() -> None:
            try:
                dialog.submit(await keep(control.value or ""))
            except Problem as problem:
                field.problem = problem.text
                control.run_method("focus")

        control.on("keydown.enter", submit, args=[])
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            ui.button(action, on_click=submit)
    dialog.props["aria-labelledby"] = heading.html_id
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, int) else None
