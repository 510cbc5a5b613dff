"""A drop zone for attachments: pick or drop files, see them, remove them. Callers keep the files."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.elements.upload_files import FileUpload
from nicegui.events import GenericEventArguments, UploadEventArguments

from domain.attachments import FilesTooLarge, FileTooLarge
from domain.problems import Problem
from ui.formats import size
from ui.tags import Tag, icon, icon_button

# Quasar's header, list and tiles fail axe; these are ours. props is the uploader's own scope.
HEADER = """
<button type="button" class="drop-face" @click="props.pickFiles">
  <i class="material-symbols-outlined notranslate" aria-hidden="true">attach_file</i>
  <span><b>{label}</b><small>{hint}</small></span>
</button>
<label class="sr-only">{label}<q-uploader-add-trigger /></label>
"""
LIST = """
<div v-for="file in props.files.filter(f => f.__status === 'uploading')" :key="file.__key" class="drop-going">
  <span>Adding {{ file.name }}</span>
  <progress :value="file.__progress" max="1" :aria-label="'Adding ' + file.name"></progress>
</div>
"""


def dress(upload: ui.upload, label: str, hint: str) -> None:
    """Give an uploader our face: what it takes in words, and what is on its way."""
    upload.add_slot("header", HEADER.replace("{label}", label).replace("{hint}", hint))
    upload.add_slot("list", LIST)
    upload.props.set_bool("flat", True)


ALREADY_HERE = "This file is already here."
FORGET = "() => getElement(%d).$refs.qRef.reset()"
"""Quasar refuses a file that it saw before, also when it was refused or removed since."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A kept file as the list shows it; `url` is its thumbnail, "" when it has none."""

    id: str
    filename: str
    bytes: int
    url: str = ""


class DropZone(Tag):
    """Takes files one by one; a Problem raised by `on_file` is shown beside the file's name."""

    def __init__(
        self,
        *,
        on_file: Callable[[FileUpload], Awaitable[None]],
        on_remove: Callable[[str], Awaitable[None] | None],
        on_shrink: Callable[[FileUpload], Awaitable[None]] | None = None,
        hint: str,
        accept: str,
        max_bytes: int,
    ) -> None:
        super().__init__("div", classes="drop-zone")
        self._on_file, self._on_remove, self._max_bytes = on_file, on_remove, max_bytes
        self._on_shrink = on_shrink
        self._listed: frozenset[str] = frozenset()
        self._sizes: dict[str, int] = {}  # of the files as they came
        with self:
            self.upload = ui.upload(multiple=True, max_file_size=max_bytes, auto_upload=True)
            self._errors = Tag("div", classes="drop-errors", role="alert")
            self._list = Tag("ul", classes="attachments", aria_label="Attachments")
        self.upload.props["accept"] = accept
        dress(self.upload, "Add attachments", hint)
        self.upload.on_upload(self._take)
        self.upload.on(
            "rejected",
            self._rejected,
            js_handler="(all) => emit(all.map(o => [o.file.name, o.file.size, o.failedPropValidation]))",
        )
        self.upload.on("failed", self._failed, js_handler="(e) => emit(e.files.map(file => file.name))")
        self.upload.on("finish", js_handler=FORGET % self.upload.id)
        for begun in ("change.capture", "drop.capture"):  # before the uploader says what it rejects
            self.on(begun, self._errors.clear, args=[])
        self.show([])

    def show(self, attachments: Sequence[Attachment]) -> None:
        """List these files, each with its remove button."""
        self._listed = frozenset(one.filename for one in attachments)
        self._list.clear()
        self._list.set_visibility(bool(attachments))
        with self._list:
            for attachment in attachments:
                self._row(attachment)

    def problem(self, filename: str, text: str) -> None:
        """Say what is wrong with one file."""
        with self._errors:
            Tag("p", f"{filename}: {text}")

    def _offer_to_shrink(self, file: FileUpload, text: str) -> None:
        with self._errors, Tag("div", classes="drop-offer") as offer:
            Tag("p", f"{file.name}: {text}")
            button = ui.button("Shrink image", icon="sym_o_compress").props("outline dense")

        async def shrink() -> None:
            button.props["loading"] = True
            try:
                if self._on_shrink is not None:
                    await self._on_shrink(file)
            except Problem as problem:
                self.problem(file.name, problem.text)
            offer.delete()

        button.on_click(shrink)

    def _row(self, attachment: Attachment) -> None:
        with Tag("li", classes="attachment"):
            if attachment.url:
                Tag("img", src=attachment.url, alt="")
            else:
                with Tag("span", classes="attachment-icon", aria_hidden="true"):
                    icon("draft")
            with Tag("span", classes="grow"):
                Tag("div", attachment.filename, classes="attachment-name", title=attachment.filename)
                Tag("div", size(attachment.bytes), classes="muted small")
            remove = icon_button("close", f"Remove {attachment.filename}")
            remove.on("click", lambda: self._on_remove(attachment.id), args=[])

    async def _take(self, event: UploadEventArguments) -> None:
        name, count = event.file.name, event.file.size()
        if name in self._listed and self._sizes.get(name) == count:
            self.problem(name, ALREADY_HERE)
            return
        self._sizes[name] = count
        try:
            await self._on_file(event.file)
        except (FileTooLarge, FilesTooLarge) as problem:
            if self._on_shrink is None:
                self.problem(event.file.name, problem.text)
            else:
                self._offer_to_shrink(event.file, problem.text)
        except Problem as problem:
            self.problem(event.file.name, problem.text)

    def _rejected(self, event: GenericEventArguments) -> None:
        for name, count, why in event.args:
            if why == "max-file-size":
                text = f"This file has {size(count)}; at most {size(self._max_bytes)} can be sent."
            elif why == "duplicate":
                text = ALREADY_HERE
            else:
                text = "This kind of file can't be sent by text message."
            self.problem(name, text)

    def _failed(self, event: GenericEventArguments) -> None:
        for name in event.args:
            self.problem(name, "This file did not arrive. Check your connection and add it again.")
