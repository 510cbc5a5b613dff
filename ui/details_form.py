"""The form of the first step: its fields, what of them is missing, and keeping what somebody typed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from domain.details import ACKNOWLEDGMENT, CHANNEL, FIELDS, Details
from storage.workspace import Choice, Choices
from ui.fields import Field, Tick
from ui.formats import phone, plural
from ui.select import Select
from ui.tags import Tag
from ui.unsent import Unsent, UnsentChoice

CHANNELS = {CHANNEL: "SMS"}


class DetailsForm(Tag):
    """The six fields; `on_change` is called with every value that somebody changes."""

    def __init__(self, choices: Choices, form: Details, on_change: Callable[[], Awaitable[None]]) -> None:
        super().__init__("div", classes="form-grid")
        self._on_change = on_change
        self._showing = True
        self._unsent: dict[str, Unsent] = {}
        with self:
            self.name_field = Field(FIELDS["name"], wide=True)
            with self.name_field:
                self._name = ui.input(placeholder="Spring sale, week 2").props(
                    "debounce=200 autocomplete=off dir=auto maxlength=200"
                )
            self.name_field.hold(self._name, "Your team finds the campaign by it. Recipients never see it.")
            self._channel, channel = self._select("channel", CHANNELS)
            lines = {line.id: f"{line.label} · {phone(line.note)}" for line in choices.lines}
            self._line, line = self._select(
                "line_id",
                lines,
                "Choose a number",
                "There is no line to send from yet. Add one under Settings, Lines.",
            )
            self._list, contacts = self._select(
                "list_id",
                _lists(choices.lists),
                "Choose a list",
                "There is no contact list yet. Make one under Lists, or import contacts.",
            )
            team = {owner.id: owner.label for owner in choices.owners}
            self._owner, owner = self._select("owner_id", team, "Choose a person")
            with Tag("div", classes="field-wide consent"):
                self._consent = Tick(ACKNOWLEDGMENT, self._changed)
        self._fields = (self.name_field, channel, line, contacts, owner)
        self.show(form)
        self._name.on_value_change(self._changed)

    @property
    def values(self) -> Details:
        """What the form says now."""
        return Details(
            str(self._name.value or ""),
            self._channel.value,
            self._line.value,
            self._list.value,
            self._owner.value,
            acknowledged=self._consent.value,
        )

    def show(self, form: Details) -> None:
        """Fill the fields; a choice that is gone stays empty."""
        self._showing = True
        self._name.value = form.name
        self._channel.value = form.channel
        for select, wanted in (
            (self._line, form.line_id),
            (self._list, form.list_id),
            (self._owner, form.owner_id),
        ):
            select.value = wanted if wanted in select.options else None
        self._consent.value = form.acknowledged
        self._showing = False

    def keep_unsent(self, name: str) -> None:
        """Let the browser keep what does not reach the server; `name` tells the forms apart."""
        with self:
            self._unsent |= {
                "name": Unsent(self._name, f"{name}-name", self._name.value),
                "acknowledged": Unsent(self._consent.box, f"{name}-acknowledged", self._consent.value),
            }
            for field, select in (
                ("line_id", self._line),
                ("list_id", self._list),
                ("owner_id", self._owner),
            ):
                self._unsent[field] = UnsentChoice(select, f"{name}-{field}", select.value)

    def tell_kept(self, kept: Details) -> None:
        """Say what the database has."""
        for field, unsent in self._unsent.items():
            unsent.tell(getattr(kept, field))

    def forget_unsent(self) -> None:
        """What was typed is saved, or given up."""
        for unsent in self._unsent.values():
            unsent.forget()

    def lock(self) -> None:
        """Let nothing be changed."""
        for field in self._fields:
            field.lock()
        self._consent.lock()

    def focus_name(self) -> None:
        """Go to where the problem is."""
        self._name.run_method("focus")

    def _select(
        self, field: str, options: Mapping[Any, str], invite: str = "", without: str = ""
    ) -> tuple[Select, Field]:
        """A select that is searched by typing; one without `invite` has nothing to search."""
        holder = Field(FIELDS[field])
        with holder:
            select = Select(dict(options), with_input=bool(invite), on_change=self._changed)
        select.props("popup-content-class=field-options")
        select.props["placeholder"] = invite
        holder.hold(select, "" if options else without)
        return select, holder

    def _changed(self) -> Awaitable[None] | None:
        return None if self._showing else self._on_change()


def to_body(form: Details, version: int) -> dict[str, Any]:
    """The form as it is kept while it is not saved."""
    return {
        "name": form.name,
        "line_id": form.line_id,
        "list_id": form.list_id,
        "owner_id": form.owner_id,
        "acknowledged": form.acknowledged,
        "version": version,
    }


def from_body(body: Mapping[str, Any], version: int) -> Details | None:
    """What was kept, unless the campaign was changed since."""
    if not body or body.get("version") != version:
        return None
    return Details(
        str(body.get("name", "")),
        CHANNEL,
        body.get("line_id"),
        body.get("list_id"),
        body.get("owner_id"),
        acknowledged=bool(body.get("acknowledged")),
    )


def _lists(lists: tuple[Choice, ...]) -> dict[int, str]:
    return {item.id: f"{item.label} · {plural(int(item.note), 'contact')}" for item in lists}
