"""The form for one contact, in a dialog: names, number, time zone, fields, lists."""

from typing import Any

from nicegui import ui

from domain.contacts import BadEmail, BadField, clean_fields
from domain.phones import BadNumber
from domain.problems import Problem
from domain.zones import zone_names
from storage import contact_cards, workspace
from storage.contact_cards import Card, NumberTaken
from storage.contacts import Entry
from ui import notices
from ui.fields import Field
from ui.formats import phone
from ui.select import Select
from ui.tags import Tag, icon_button
from ui.world import World

FROM_NUMBER = "From the number"


class ContactForm:
    """Made once for a page; `add` and `edit` open it and wait until it is saved or dismissed."""

    def __init__(self, world: World) -> None:
        self.world = world
        with ui.dialog() as self._dialog, ui.card().classes("contact-form"):
            self._heading = Tag("h2")
            with Tag("div", classes="contact-form-grid"):
                self._phone, self._phone_field = self._input("Phone", wide=True)
                self._phone.props("type=tel autocomplete=off")
                self._taken = Tag("p", classes="field-wide contact-taken")
                self._first, _ = self._input("First name")
                self._last, _ = self._input("Last name")
                self._email, self._email_field = self._input("E-mail")
                self._email.props("type=email")
                self._zone = self._zone_select()
                self._lists_field = Field("Lists", wide=True)
                with self._lists_field:
                    self._lists = Select({}, multiple=True, with_input=True).props("use-chips")
                self._lists_field.hold(self._lists)
                self._pairs = Pairs()
            with Tag("div", classes="confirm-actions"):
                ui.button("Cancel", on_click=lambda: self._dialog.submit(None)).props("outline")
                self._save = ui.button("Save contact", on_click=self._submit)
        self._dialog.props["aria-labelledby"] = self._heading.html_id
        self._dialog.props["persistent"] = True
        self._card: Card | None = None

    async def add(self, list_id: int | None = None) -> int | None:
        """Ask for a new person; returns the id, or None when dismissed."""
        choices = await self.world.db.run(workspace.choices)
        self._card = None
        self._heading.text = "Add contact"
        self._fill(Entry(""))
        self._lists_field.set_visibility(True)
        self._lists.set_options(
            {item.id: item.label for item in choices.lists_of_people}, value=[list_id] if list_id else []
        )
        return await self._ask()

    async def edit(self, card: Card) -> int | None:
        """Change a person; returns the id, or None when dismissed."""
        self._card = card
        self._heading.text = f"Edit {card.name}"
        self._lists_field.set_visibility(False)
        self._fill(
            Entry(phone(card.phone), card.first_name, card.last_name, card.email, card.timezone, card.fields)
        )
        return await self._ask()

    def _fill(self, entry: Entry) -> None:
        self._phone.value, self._email.value = entry.phone, entry.email
        self._first.value, self._last.value = entry.first_name, entry.last_name
        self._zone.value = entry.timezone or ""
        self._pairs.show(entry.fields)
        self._clear_problems()

    async def _ask(self) -> int | None:
        self._dialog.open()
        answer = await self._dialog
        return answer if isinstance(answer, int) else None

    async def _submit(self) -> None:
        """Save; whatever is refused is said beside its field, and the form stays."""
        self._clear_problems()
        self._save.props["loading"] = True
        try:
            saved = await self._write()
        except BadNumber as problem:
            self._phone_field.problem = problem.text
            self._phone.run_method("focus")
        except NumberTaken as problem:
            self._phone_field.problem = problem.text
            with self._taken:
                Tag("a", "Open that contact", href=f"/contacts/{problem.contact_id}")
        except BadEmail as problem:
            self._email_field.problem = problem.text
            self._email.run_method("focus")
        except BadField as problem:
            self._pairs.problem = problem.text
        except Problem as problem:
            notices.problem(problem.text)
        else:
            self._dialog.submit(saved)
        finally:
            self._save.props["loading"] = False

    async def _write(self) -> int:
        entry = Entry(
            self._phone.value or "",
            self._first.value or "",
            self._last.value or "",
            self._email.value or "",
            self._zone.value or None,
            self._pairs.fields(),
        )
        world, actor = self.world, self.world.actor()
        if self._card is None:
            lists = [int(list_id) for list_id in self._lists.value or []]
            return await world.db.run(contact_cards.create, actor, entry, lists, world.clock())
        await world.db.run(contact_cards.save, actor, self._card.id, entry, world.clock())
        return self._card.id

    def _clear_problems(self) -> None:
        self._phone_field.problem = self._email_field.problem = self._pairs.problem = ""
        self._taken.clear()

    def _input(self, label: str, *, wide: bool = False) -> tuple[ui.input, Field]:
        field = Field(label, wide=wide)
        with field:
            control = ui.input().props("dir=auto maxlength=200 autocomplete=off")
        hint = "With the country code, such as +1 415 555 0100; numbers without one are from the US."
        field.hold(control, hint if label == "Phone" else "")
        return control, field

    def _zone_select(self) -> Select:
        field = Field("Time zone")
        options = {"": FROM_NUMBER} | {name: name.replace("_", " ") for name in zone_names()}
        with field:
            select = Select(options, value="", with_input=True)
        select.props("popup-content-class=field-options")
        field.hold(select)
        return select


class Pairs(Tag):
    """Fields of one's own, as lines of name and value."""

    def __init__(self) -> None:
        super().__init__("fieldset", classes="field-wide pairs")
        self._lines: list[tuple[ui.input, ui.input, Tag, Any]] = []
        with self:
            Tag("legend", "Fields", classes="field-label")
            self._box = Tag("div", classes="pairs-lines")
            self._problem = Tag("p", classes="field-problem", aria_live="polite")
            ui.button("Add field", icon="sym_o_add", on_click=lambda: self._line("", "", focus=True)).props(
                "flat dense"
            )

    @property
    def problem(self) -> str:
        """What is wrong, in words."""
        return str(self._problem.text)

    @problem.setter
    def problem(self, text: str) -> None:
        self._problem.text = text

    def show(self, fields: dict[str, Any]) -> None:
        """These and no others."""
        self._lines.clear()
        self._box.clear()
        for name, value in sorted(fields.items()):
            self._line(name, value)

    def fields(self) -> dict[str, Any]:
        """What is written down; raises `BadField`. A value that nobody touched keeps its kind."""
        pairs = [
            (name.value or "", kept if str(value.value) == _text(kept) else value.value or "")
            for name, value, _, kept in self._lines
        ]
        return clean_fields(pairs)

    def _line(self, name: str, value: Any, *, focus: bool = False) -> None:
        with self._box, Tag("div", classes="pair") as line:
            place = len(self._lines) + 1
            key = ui.input(value=name, placeholder="Name").props("dir=auto maxlength=200 autocomplete=off")
            text = ui.input(value=_text(value), placeholder="Value").props("dir=auto autocomplete=off")
            key.props["aria-label"], text.props["aria-label"] = f"Field {place} name", f"Field {place} value"
            remove = icon_button("close", f"Remove field {place}")
        entry = (key, text, line, value)
        self._lines.append(entry)
        remove.on("click", lambda: self._remove(entry), args=[])
        if focus:
            key.run_method("focus")

    def _remove(self, entry: tuple[ui.input, ui.input, Tag, Any]) -> None:
        self._lines.remove(entry)
        entry[2].delete()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
