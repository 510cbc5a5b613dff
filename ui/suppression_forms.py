"""The dialogs of the suppressions page: add a number, lift one, import a file."""

import asyncio

from nicegui import ui
from nicegui.events import UploadEventArguments

from domain.imports import MOST_BYTES, check_size
from domain.opt_outs import Source
from domain.problems import Problem
from storage import contacts, number_file, suppressions
from storage.suppressions import Imported
from ui import notices
from ui.fields import Field
from ui.formats import number, phone, plural
from ui.tags import Tag, icon
from ui.upload import dress
from ui.world import World

USUAL_REASON = "Asked not to be texted"
SHOWN = 100
"""Bad lines that are listed on screen."""


async def ask_to_add(world: World) -> bool:
    """Ask for a number and why; whether one was added."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", "Add number")
        with Field("Phone number", wide=True) as number_field:
            typed = ui.input(placeholder="+1 415 555 0100").props("autofocus")
        number_field.hold(typed)
        with Field("Reason", wide=True) as reason_field:
            reason = ui.input(value=USUAL_REASON)
        reason_field.hold(reason)

        async def add() -> None:
            words = (reason.value or "").strip()[:200] or USUAL_REASON
            actor, now = world.actor(), world.clock()
            try:
                await world.db.run(contacts.suppress, actor, typed.value or "", words, Source.TEAM.value, now)
            except Problem as problem:
                number_field.problem = problem.text
                return
            dialog.submit(True)

        typed.on("keydown.enter", add)
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(False)).props("outline")
            ui.button("Add number", on_click=add)
    dialog.props["aria-labelledby"] = heading.html_id
    added = bool(await dialog)
    if added:
        notices.success("The number is on the list and will not be texted any more.")
    _drop(dialog)
    return added


async def ask_to_lift(number_: str) -> bool:
    """Ask whether the person really has opted in again."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", f"Lift suppression of {phone(number_)}?")
        Tag(
            "p",
            "Campaigns will reach this number again. You may do this only if the person has asked for it.",
            classes="confirm-text",
        )
        sure = ui.checkbox("This person has given new consent, and I can prove it.")
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(False)).props("outline autofocus")
            lift = ui.button("Lift suppression", color="negative", on_click=lambda: dialog.submit(True))
            lift.bind_enabled_from(sure, "value")
    dialog.props["aria-labelledby"] = heading.html_id
    answer = bool(await dialog) and bool(sure.value)
    _drop(dialog)
    return answer


async def ask_to_import(world: World) -> bool:
    """Take a CSV file, and say what came of it; whether anything changed."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("confirm import-card"):
        heading = Tag("h2", "Import suppressions")
        hint = Tag(
            "p",
            "A CSV file with one number a line, and a reason beside it if you like. Numbers without a "
            "country code are read as numbers of the United States.",
            classes="confirm-text",
        )
        said = Tag("p", role="alert", classes="field-problem")
        with Tag("div", classes="drop-zone") as zone:
            upload = ui.upload(auto_upload=True, max_file_size=MOST_BYTES, max_files=1)
        upload.props('accept=".csv,.txt,text/csv"')
        dress(upload, "Choose a CSV file", "or drop it here; 50 MB at most")
        upload.on("rejected", lambda: said.set_text("This file is larger than 50 MB, or no CSV file."))
        with Tag("p", classes="import-going", role="status") as going:
            ui.spinner(size="20px")
            so_far = Tag("span", "Reading…")
        result = Tag("div", classes="import-result")
        with Tag("div", classes="confirm-actions"):
            close = ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
    going.set_visibility(False)
    done: list[Imported] = []

    async def take(event: UploadEventArguments) -> None:
        try:
            check_size(event.file.size())
        except Problem as problem:
            said.text = problem.text
            return
        content, name = await event.file.read(), event.file.name
        zone.set_visibility(False)
        hint.set_visibility(False)
        going.set_visibility(True)
        close.set_enabled(False)
        read: list[int] = [0]
        ticking = ui.timer(0.4, lambda: so_far.set_text(f"{number(read[0])} lines read"))
        try:
            imported = await world.db.run(
                suppressions.import_file,
                world.actor(),
                await asyncio.to_thread(lambda: number_file.rows(number_file.text_of(content).splitlines())),
                name,
                world.clock(),
                lambda count: read.__setitem__(0, count),
            )
        except Problem as problem:
            said.text = problem.text
        else:
            done.append(imported)
            with result:
                _report(imported)
        finally:
            ticking.cancel()
            going.set_visibility(False)
            close.set_enabled(True)
            close.text = "Close"

    upload.on_upload(take)
    dialog.props["aria-labelledby"] = heading.html_id
    await dialog
    _drop(dialog)
    return bool(done)


def _report(imported: Imported) -> None:
    known = imported.good - imported.new
    with Tag("ul", classes="count-list"):
        Tag("li", f"{plural(imported.new, 'number')} added")
        if known:
            Tag("li", f"{plural(known, 'number')} already on the list, or twice in the file")
        if imported.wrong:
            Tag("li", f"{plural(imported.wrong, 'line')} that could not be read")
    if not imported.bad:
        return
    box = Tag(
        "div", classes="scroll-box", tabindex=0, role="group", aria_label="Lines that could not be read"
    )
    with box, Tag("table", classes="people-table bad-lines"):
        with Tag("thead"), Tag("tr"):
            for label in ("Line", "What it says", "What is wrong"):
                Tag("th", label, scope="col")
        with Tag("tbody"):
            for row in imported.bad[:SHOWN]:
                with Tag("tr"):
                    Tag("td", number(row.line), data_label="Line")
                    Tag("td", row.raw[:60], dir="auto")
                    Tag("td", row.problem)
    if imported.wrong > SHOWN:
        with Tag("p", classes="muted small"):
            icon("info")
            Tag("span", f"The first {SHOWN} are shown.")


def _drop(dialog: ui.dialog) -> None:
    if not dialog.is_deleted:  # somebody who leaves the page takes it along
        notices.remove(dialog)
