"""The step in which a file's columns are read as what they hold."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import phonenumbers
from nicegui import ui

from domain.imports import LABELS, Layout, Target, guess
from domain.problems import Problem
from storage import import_files, imports, sheets, workspace
from storage.imports import Job
from storage.sheets import DELIMITERS, ENCODINGS, XLSX
from ui.fields import Field
from ui.select import Select
from ui.tags import Tag
from ui.world import World

NO_LIST, NEW_LIST = 0, -1
Changed = Callable[[], Awaitable[None]]
DELIMITER_WORDS = dict(zip(DELIMITERS, ("Comma", "Semicolon", "Tab", "Vertical bar"), strict=True))
ENCODING_WORDS = {
    "utf-8-sig": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western (Windows-1252)",
    "iso-8859-1": "Western (ISO 8859-1)",
    "mac_roman": "Western (Mac)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "gb18030": "Chinese (GB 18030)",
}


class Columns:
    """Shows a preview with a choice above each column; `on_check` is called when the check has begun."""

    def __init__(self, world: World, job: Job, on_check: Callable[[], Awaitable[None]]) -> None:
        self.world, self.job, self._on_check = world, job, on_check
        self._form = job.form
        self._header: list[str] = []
        self._choices: list[Select] = []
        with Tag("div", classes="form-grid import-form"):
            self._country = self._select("Country of numbers without a country code", _countries(), "US")
            self._list = self._select("Put the people on", {NO_LIST: "No list"}, NO_LIST)
            self._name_field = Field("Name of the new list")
            with self._name_field:
                self._name = ui.input().props("dir=auto maxlength=200 autocomplete=off")
            self._name_field.hold(self._name)
            self._name_field.bind_visibility_from(self._list, "value", lambda value: value == NEW_LIST)
            if self._form.kind != XLSX:
                words = {name: ENCODING_WORDS[name] for name in ENCODINGS}
                words.setdefault(self._form.encoding, self._form.encoding)
                self._encoding = self._select("Written in", words, self._form.encoding, self._reread)
                self._delimiter = self._select(
                    "Columns divided by", DELIMITER_WORDS, self._form.delimiter, self._reread
                )
        self._preview = Tag("div", classes="scroll-x", tabindex=0, role="group", aria_label="Preview")
        with Tag("div", classes="form-foot"):
            self._wrong = Tag("p", classes="form-left field-problem", aria_live="polite")
            self._check = ui.button("Check the file", on_click=self._begin)

    async def start(self) -> None:
        """Fill what was drawn empty."""
        choices = await self.world.db.run(workspace.choices)
        options = {item.id: item.label for item in choices.lists_of_people}
        job, stem = self.job, self.job.filename.rsplit(".", 1)[0]
        chosen = NEW_LIST
        if job.layout and not job.new_list:  # somebody came back from the check
            chosen = job.list_id if job.list_id in options else NO_LIST
        self._list.set_options({NEW_LIST: "A new list", **options, NO_LIST: "No list"}, value=chosen)
        self._name.value = job.new_list or stem.replace("_", " ").strip()
        await self._draw()

    async def _reread(self) -> None:
        self._form = replace(self._form, encoding=self._encoding.value, delimiter=self._delimiter.value)
        await self._draw()

    async def _draw(self) -> None:
        self._wrong.text = ""
        try:
            path = await self.world.db.run(import_files.fetch, self.world.imports, self.job.stored_name)
            self._header, sample = await asyncio.to_thread(sheets.preview, path, self._form)
        except (Problem, OSError) as problem:
            self._wrong.text = (
                problem.text if isinstance(problem, Problem) else "The file is not here any more."
            )
            self._preview.clear()
            self._check.set_enabled(False)
            return
        self._check.set_enabled(True)
        kept = await self.world.db.run(workspace.kept_form, self.world.actor(), self._kept_as)
        targets = _kept(kept, len(self._header)) or guess(self._header)
        if kept.get("country") in self._country.options:
            self._country.value = kept["country"]
        self._choices = []
        self._preview.clear()
        with self._preview, Tag("table", classes="people-table import-table"):
            with Tag("thead"), Tag("tr"):
                for place, name in enumerate(self._header):
                    with Tag("th", scope="col"):
                        Tag("span", name or f"Column {place + 1}", classes="import-header", dir="auto")
                        self._choices.append(self._target(name or f"column {place + 1}", targets[place]))
            with Tag("tbody"):
                for row in sample:
                    with Tag("tr"):
                        for place in range(len(self._header)):
                            Tag("td", row[place][:80] if place < len(row) else "", dir="auto")

    async def _begin(self) -> None:
        self._wrong.text = self._name_field.problem = ""
        world, actor = self.world, self.world.actor()
        targets = tuple(Target(choice.value) for choice in self._choices)
        layout = Layout(tuple(self._header), targets, self._country.value)
        self._check.props["loading"] = True
        try:
            list_id, new_list = self._chosen_list()
            await world.db.run(imports.start_check, actor, self.job.id, self._form, layout, list_id, new_list)
            body = {"targets": [target.value for target in targets], "country": layout.country}
            await world.db.run(workspace.keep_form, actor, self._kept_as, body, world.clock())
        except Problem as problem:
            self._wrong.text = problem.text
        else:
            await self._on_check()
        finally:
            self._check.props["loading"] = False

    def _chosen_list(self) -> tuple[int | None, str | None]:
        """The list that is there, or the name of a new one."""
        if self._list.value == NEW_LIST:
            return None, self._name.value or ""
        return self._list.value or None, None

    @property
    def _kept_as(self) -> str:
        """Files with the same header are read the same way."""
        names = "\n".join(self._header).encode("utf-8", "replace")
        return f"import-{hashlib.sha256(names).hexdigest()[:24]}"

    def _target(self, name: str, target: Target) -> Select:
        options = {item.value: label for item, label in LABELS.items()}
        select = Select(options, value=target.value).props("dense")
        select.props["aria-label"] = f"Read {name} as"
        return select

    def _select(
        self,
        label: str,
        options: dict[Any, str],
        value: Any,
        on_change: Changed | None = None,
    ) -> Select:
        field = Field(label)
        with field:
            select = Select(options, value=value, with_input=len(options) > 20)
        if on_change:
            select.on_value_change(on_change)
        select.props("popup-content-class=field-options")
        field.hold(select)
        return select


def _kept(body: dict[str, Any], columns: int) -> tuple[Target, ...] | None:
    words = body.get("targets")
    known = {target.value for target in Target}
    if not isinstance(words, list) or len(words) != columns or not known.issuperset(words):
        return None
    return tuple(Target(word) for word in words)


def _countries() -> dict[str, str]:
    """Codes as libphonenumber knows them; the one of most numbers first."""
    codes = sorted(phonenumbers.SUPPORTED_REGIONS)
    words = {code: f"{code} · +{phonenumbers.country_code_for_region(code)}" for code in codes}
    return {"US": words.pop("US"), **words}
