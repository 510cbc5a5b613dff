"""/contacts/import: a file's way to contacts: file, columns, check, result."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from nicegui import PageArguments, ui
from nicegui.elements.upload_files import FileUpload
from nicegui.events import UploadEventArguments

from domain.access import Actor
from domain.imports import MOST_BYTES, check_size
from domain.problems import NotFound, Problem
from storage import import_files, imports, sheets
from storage.database import Database
from storage.import_files import SUFFIX
from storage.imports import Job, JobState
from ui import import_outcome, notices, permitted, shell, view_state
from ui.app import PageBuilder
from ui.formats import number, plural
from ui.import_columns import Columns
from ui.steps import steps
from ui.tags import Tag, icon
from ui.world import World

HOME = ("Contacts", "/contacts")
STEPS = ("File", "Columns", "Check", "Result")
PLACES = {
    JobState.UPLOADED: 1,
    JobState.CHECKING: 2,
    JobState.CHECKED: 2,
    JobState.RUNNING: 3,
    JobState.DONE: 3,
    JobState.CANCELED: 3,
    JobState.FAILED: 3,
}
SHOWN = 100
"""As many bad rows are listed; the file to download has all of them."""

# Quasar's own header fails axe; see ui/upload.py. props is the uploader's own scope.
HEADER = """
<button type="button" class="drop-face drop-large" @click="props.pickFiles">
  <i class="material-symbols-outlined notranslate" aria-hidden="true">upload_file</i>
  <span><b>Choose a file</b><small>or drop it here: CSV or XLSX, up to 50 MB and 1,000,000 rows</small></span>
</button>
<label class="sr-only">Contacts file<q-uploader-add-trigger /></label>
"""
GOING = """
<div v-for="file in props.files.filter(f => f.__status === 'uploading')" :key="file.__key" class="drop-going">
  <span>Uploading {{ file.name }}</span>
  <progress :value="file.__progress" max="1" :aria-label="'Uploading ' + file.name"></progress>
</div>
"""


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(args: PageArguments) -> None:
        if not permitted.may_work(world):
            return
        job_id = view_state.number(args.query_parameters.get("job"))
        if job_id is None:
            first_step(world)
            return
        try:
            job = await world.db.run(imports.job, job_id)
        except NotFound as problem:
            shell.not_found(problem.text)
            return
        await ImportPage(world, job).start()

    return build


def first_step(world: World) -> None:
    """Choose the file."""
    with shell.page_header("Import contacts", back=HOME):
        pass
    steps(STEPS, 0)
    with Tag("section", classes="panel panel-body import-panel drop-zone") as section:
        heading = Tag("h2", "Choose the file")
        Tag(
            "p",
            "The first row names the columns; one of them must hold mobile numbers. "
            "Nothing is written before you have seen what would happen.",
            classes="muted",
        )
        upload = ui.upload(max_file_size=MOST_BYTES, auto_upload=True).props("flat")
        upload.props["accept"] = ".csv,.tsv,.txt,.xlsx"
        upload.add_slot("header", HEADER)
        upload.add_slot("list", GOING)
        wrong = Tag("div", classes="drop-errors", role="alert")
    section.attributes(aria_labelledby=heading.html_id)

    async def take(event: UploadEventArguments) -> None:
        wrong.clear()
        try:
            job_id = await _keep(world, event.file)
        except Problem as problem:
            upload.reset()
            with wrong:
                Tag("p", f"{event.file.name}: {problem.text}")
        else:
            ui.navigate.to(f"/contacts/import?job={job_id}")

    def rejected() -> None:
        wrong.clear()
        with wrong:
            Tag("p", "Only CSV and XLSX files of up to 50 MB can be imported. Split a larger one.")

    upload.on_upload(take)
    upload.on_rejected(rejected)


class ImportPage:
    """What is shown of one import; it follows the work in every open browser."""

    def __init__(self, world: World, job: Job) -> None:
        self.world, self.job = world, job
        self._bar: Progress | None = None
        with shell.page_header("Import contacts", back=HOME, lead=job.filename):
            pass
        self._steps = Tag("div")
        self._body = Tag("div", classes="panel import-panel")

    async def start(self) -> None:
        """Draw it and follow it."""
        await self._draw()
        job_id = self.job.id
        self.world.feed.watch(("import", job_id), lambda db: imports.job(db, job_id), self._renewed, self.job)

    def _renewed(self, job: Job | Problem) -> None:
        if isinstance(job, Problem):
            return
        same = job.state is self.job.state
        self.job = job
        if same and self._bar is not None:
            self._bar.show(job)
        elif not same:
            ui.timer(0, self._draw, once=True)

    async def _draw(self) -> None:
        job = self.job
        self._bar = None
        self._steps.clear()
        with self._steps:
            steps(STEPS, PLACES[job.state])
        self._body.clear()
        with self._body:
            if job.state is JobState.UPLOADED:
                await Columns(self.world, job, self._check_begun).start()
            elif job.state in imports.WORK:
                self._bar = Progress(job)
                with Tag("div", classes="form-foot"):
                    ui.button("Cancel import", on_click=self._cancel).props("outline")
            else:
                await self._outcome()

    async def _check_begun(self) -> None:
        await self.world.feed.look()

    async def _outcome(self) -> None:
        job = self.job
        with Tag("div", classes="panel-body stack"):
            with Tag("div", role="status"):
                Tag("h2", import_outcome.title(job))
            Tag("p", import_outcome.words(job), classes="muted")
            if job.problem:
                Tag("p", job.problem, classes="field-problem")
            import_outcome.counts(job)
            if job.state is JobState.DONE and job.list_name:
                await import_outcome.opted_out(self.world, job.list_id or 0)
        if job.bad:
            await self._problems()
        with Tag("div", classes="form-foot"):
            if job.can_go_back:
                ui.button("Change the columns", on_click=lambda: self._try(imports.go_back)).props("outline")
            if job.state is JobState.CHECKED:
                ui.button("Cancel import", on_click=self._cancel).props("outline")
                ready = ui.button(
                    f"Import {plural(job.added + job.updated, 'contact')}", on_click=self._import
                )
                ready.set_enabled(job.added + job.updated > 0)
            elif job.can_go_on:
                ui.button("Import another file", on_click=_another).props("outline")
                ui.button("Resume import", on_click=lambda: self._try(imports.go_on))
            else:
                ui.button("Import another file", on_click=_another).props("outline")
                place = f"/lists/{job.list_id}" if job.list_name else "/contacts"
                words = "Open the list" if job.list_name else "See the contacts"
                ui.button(words, on_click=lambda: ui.navigate.to(place))

    async def _problems(self) -> None:
        found = await self.world.db.run(imports.problems, self.job.id, 0, SHOWN)
        with Tag("section", classes="import-problems") as section:
            with Tag("div", classes="import-problems-head"):
                heading = Tag("h3", f"{plural(self.job.bad, 'row')} with a problem", classes="grow")
                Tag(
                    "a",
                    "Download these rows with their problems",
                    href=f"/exports/import-problems/{self.job.id}.csv",
                    download=True,
                )
            scroll = Tag(
                "div", classes="scroll-x", tabindex=0, role="group", aria_label="Rows with a problem"
            )
            with scroll, Tag("table", classes="people-table"):
                with Tag("thead"), Tag("tr"):
                    Tag("th", "Row", scope="col")
                    Tag("th", "Problem", scope="col")
                with Tag("tbody"):
                    for row, reason in found:
                        with Tag("tr"):
                            Tag("td", number(row), data_label="Row")
                            Tag("td", reason, dir="auto")
            if self.job.bad > len(found):
                Tag("p", f"These are the first {len(found)}.", classes="muted small panel-note")
        section.attributes(aria_labelledby=heading.html_id)

    async def _import(self) -> None:
        await self._try(imports.start)

    async def _cancel(self) -> None:
        await self._try(imports.cancel)

    async def _try(self, verb: Callable[[Database, Actor, int, datetime], None]) -> None:
        try:
            await self.world.db.run(verb, self.world.actor(), self.job.id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
        await self.world.feed.look()


class Progress(Tag):
    """How far the work has come; the number of rows is known once the file was checked."""

    def __init__(self, job: Job) -> None:
        super().__init__("div", classes="panel-body stack")
        checking = job.state is JobState.CHECKING
        with self:
            with Tag("div", classes="line"):
                icon("hourglass_top")
                with Tag("div", role="status"):
                    Tag("h2", "Checking the file" if checking else "Importing")
            self._bar = Tag("progress", classes="import-progress", aria_label="Progress of the import")
            self._line = Tag("p", classes="muted num")
            Tag("p", "You can leave this page; the work goes on.", classes="muted small")
        self.show(job)

    def show(self, job: Job) -> None:
        """Bring it up to date."""
        if job.state is JobState.RUNNING and job.total:
            self._bar.attributes(max=job.total, value=job.position)
            self._line.text = f"{number(job.position)} of {plural(job.total, 'row')}"
        else:
            self._line.text = f"{plural(job.position, 'row')} read"


def _another() -> None:
    ui.navigate.to("/contacts/import")


async def _keep(world: World, file: FileUpload) -> int:
    """Put the file into the data directory under a name of our own, and note it."""
    check_size(file.size())
    path = world.imports / f"{secrets.token_hex(16)}{SUFFIX}"
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    await file.save(path)
    try:
        form = await asyncio.to_thread(_readable, path)
    except Problem:
        await asyncio.to_thread(path.unlink)
        raise
    await world.db.run(import_files.share, path, world.clock())
    return await world.db.run(imports.create, world.actor(), file.name, path.name, form, world.clock())


def _readable(path: Path) -> sheets.Form:
    form = sheets.detect(path)
    sheets.preview(path, form)
    return form
