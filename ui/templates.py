"""The dialogs that keep a message's text as a template, and that put one into a message."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from domain.problems import Problem
from storage import templates
from storage.tables import TextTemplate
from ui import notices
from ui.fields import Field
from ui.tags import Tag, icon, icon_button
from ui.world import World

NONE_YET = "No templates yet. Write a message, then choose “Save as template”."


async def keep(world: World, text: str) -> None:
    """Ask for a name and keep the text by it; what is wrong is said in the dialog."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", "Save as template")
        Tag("p", "Everybody of your team can use it. Attachments are not kept.", classes="confirm-text")
        field = Field("Template name", wide=True)
        with field:
            control = ui.input().props("autofocus autocomplete=off dir=auto maxlength=200")
        field.hold(control)

        async def submit() -> None:
            try:
                name = control.value or ""
                await world.db.run(templates.save, world.actor(), name, text, world.clock())
            except Problem as problem:
                field.problem = problem.text
                control.run_method("focus")
            else:
                dialog.submit(True)

        control.on("keydown.enter", submit, args=[])
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(False)).props("outline")
            ui.button("Save template", on_click=submit)
    dialog.props["aria-labelledby"] = heading.html_id
    saved = await dialog
    notices.remove(dialog)
    if saved:
        notices.success("The template is saved.")


async def choose(world: World) -> str | None:
    """Let somebody choose a template, and delete some on the way; gives its text, None when dismissed."""
    chooser = _Chooser(world)
    await chooser.load()
    text = await chooser.dialog
    notices.remove(chooser.dialog)
    return text if isinstance(text, str) else None


class _Chooser:
    """The dialog: a search field and what it finds."""

    def __init__(self, world: World) -> None:
        self._world = world
        with ui.dialog() as self.dialog, ui.card().classes("confirm templates"):
            heading = Tag("h2", "Use a template")
            self._search = ui.input(placeholder="Search templates", on_change=self.load)
            self._search.props('type=search debounce=200 autofocus dir=auto aria-label="Search templates"')
            with self._search.add_slot("prepend"):
                icon("search")
            self._wrong = Tag("p", role="alert", classes="field-problem")
            self._list = Tag("ul", classes="templates-list", aria_label="Templates")
            self._none = Tag("p", classes="muted templates-none", role="status")
            with Tag("div", classes="confirm-actions"):
                ui.button("Cancel", on_click=lambda: self.dialog.submit(None)).props("outline")
        self.dialog.props["aria-labelledby"] = heading.html_id

    async def load(self) -> None:
        """Show what the words find."""
        words = self._search.value or ""
        found = await self._world.db.run(templates.find, words)
        if self.dialog.is_deleted or words != (self._search.value or ""):
            return
        self._list.clear()
        self._list.set_visibility(bool(found))
        self._draw(found)
        self._none.text = "" if found else f"No template matches “{words}”." if words.strip() else NONE_YET
        self._none.set_visibility(not found)

    def _draw(self, found: Sequence[TextTemplate]) -> None:
        with self._list:
            for row in found:
                with Tag("li", classes="templates-row") as item:
                    with Tag("button", classes="templates-one", type="button") as use:
                        Tag("bdi", row.name, classes="strong")
                        Tag("span", row.text, classes="muted small templates-text", dir="auto")
                    use.on("click", lambda text=row.text: self.dialog.submit(text), args=[])
                    delete = icon_button("delete", f"Delete template {row.name}")
                    delete.on("click", lambda row=row, item=item: self._delete(row, item), args=[])

    async def _delete(self, row: TextTemplate, item: Tag) -> None:
        removed = await self._act(templates.remove, row.id)
        if removed is None:
            return
        item.clear()
        with item:
            Tag("span", f"“{row.name}” was deleted.", classes="grow muted templates-gone", role="status")
            undo = ui.button("Undo", on_click=lambda: self._put_back(removed)).props("flat dense")
        ui.run_javascript(f"document.getElementById('{undo.html_id}')?.focus()")

    async def _put_back(self, removed: TextTemplate) -> None:
        if await self._act(templates.put_back, removed) is not None:
            await self.load()
            self._search.run_method("focus")

    async def _act(self, verb: Any, what: Any) -> Any:
        self._wrong.text = ""
        try:
            return await self._world.db.run(verb, self._world.actor(), what, self._world.clock())
        except Problem as problem:
            self._wrong.text = problem.text
            return None
