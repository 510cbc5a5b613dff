"""/contacts/{id}: one person: facts, lists, consent, and all that was said to and by them."""

from collections.abc import Callable
from datetime import datetime

from nicegui import ui

from domain.contacts import shown_fields
from domain.deliveries import LABELS, State
from domain.problems import NotFound, Problem
from storage import contact_cards, workspace
from storage.contact_cards import Card, LeftOutOf, Sent
from ui import browser, notices, shell
from ui.app import PageBuilder
from ui.consent_panel import ConsentPanel
from ui.contact_form import ContactForm
from ui.formats import phone, plural, when
from ui.select import Select
from ui.tags import Tag, icon_button
from ui.talk import talk
from ui.world import World

HOME = ("Contacts", "/contacts")
UNKNOWN = "This contact does not exist. It may have been deleted."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(contact_id: str) -> None:
        if not (contact_id.isascii() and contact_id.isdecimal() and len(contact_id) < 11):
            shell.not_found(UNKNOWN)
            return
        try:
            card = await world.db.run(contact_cards.card, int(contact_id))
        except NotFound as problem:
            shell.not_found(problem.text)
            return
        await ContactPage(world, card).start()

    return build


class ContactPage:
    """What is shown of one person; drawn anew after each change."""

    def __init__(self, world: World, card: Card) -> None:
        self.world, self.card, self._edits = world, card, world.edits
        self._zone = browser.ELSE
        if self._edits:
            self._form = ContactForm(world)
        self._body = Tag("div", classes="contact-page")

    async def start(self) -> None:
        """Draw it, with times in the visitor's zone."""
        self._zone = await browser.time_zone()
        self._draw()

    async def again(self) -> None:
        """Read and draw it again."""
        try:
            self.card = await self.world.db.run(contact_cards.card, self.card.id)
        except NotFound as problem:
            self._body.clear()
            with self._body:
                shell.dead_end("person_off", "Contact deleted", problem.text)
            return
        self._draw()

    def _draw(self) -> None:
        card, now = self.card, self.world.clock()
        self._body.clear()
        with self._body:
            with shell.page_header(card.name, back=HOME, lead=_standing(card)):
                if self._edits:
                    ui.button("Edit contact", icon="sym_o_edit", on_click=self._edit)
                    ui.button(
                        "Delete contact", icon="sym_o_delete", color="negative", on_click=self._delete
                    ).props("outline")
            with Tag("div", classes="contact-grid"):
                with Tag("div", classes="stack contact-side"):
                    facts(card, self._zone, now)
                    self._lists()
                    ConsentPanel(self.world, card, self._zone)
                with Tag("div", classes="stack contact-main"):
                    _campaigns(card, self._zone, now)
                    talk(card, self._zone, now)

    def _lists(self) -> None:
        with Tag("section", classes="panel panel-body") as section:
            heading = Tag("h2", "Lists")
            if not self.card.lists:
                Tag("p", "On no list yet, so no campaign reaches this person.", classes="muted small")
            with Tag("ul", classes="contact-lists"):
                for item in self.card.lists:
                    with Tag("li"):
                        Tag("a", item.name, href=f"/lists/{item.id}", classes="grow")
                        if self._edits:
                            remove = icon_button("close", f"Remove from {item.name}")
                            remove.on("click", lambda item=item: self._take_off(item.id, item.name), args=[])
            if self._edits:
                ui.button("Add to list", icon="sym_o_playlist_add", on_click=self._put_on).props("outline")
        section.attributes(aria_labelledby=heading.html_id)

    async def _edit(self) -> None:
        if await self._form.edit(self.card) is not None:
            notices.success("The contact is saved.")
            await self.again()

    async def _delete(self) -> None:
        text = (
            "They leave every list, and no campaign reaches them any more. What was sent to them stays in "
            "the campaigns' results. An opt-out stays in force."
        )
        if self.world.administers:
            text += " To remove what was sent to them as well, choose “Erase person” instead."
        if not await notices.confirm(f"Delete {self.card.name}?", text, "Delete contact", danger=True):
            return
        if await self._try(contact_cards.delete, self.card.id):
            notices.success(f"{self.card.name} was deleted.")
            ui.navigate.to("/contacts")

    async def _put_on(self) -> None:
        there = {item.id for item in self.card.lists}
        choices = await self.world.db.run(workspace.choices)
        options = {item.id: item.label for item in choices.lists_of_people if item.id not in there}
        list_id = await choose_list(options, "Add to list")
        if list_id is not None and await self._try(contact_cards.put_on_list, self.card.id, list_id):
            await self.again()

    async def _take_off(self, list_id: int, name: str) -> None:
        if await self._try(contact_cards.take_off_list, self.card.id, list_id):
            notices.undo(f"Removed from “{name}”.", lambda: self._put_back(list_id))
            await self.again()

    async def _put_back(self, list_id: int) -> None:
        if await self._try(contact_cards.put_on_list, self.card.id, list_id):
            await self.again()

    async def _try(self, verb: Callable[..., None], *arguments: int) -> bool:
        try:
            await self.world.db.run(verb, self.world.actor(), *arguments, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return False
        return True


def facts(card: Card, zone: str, now: datetime) -> None:
    """What is known of the person."""
    number_zones = ", ".join(name.replace("_", " ") for name in card.number_zones)
    given = card.timezone.replace("_", " ") if card.timezone else ""
    lines = [
        ("Phone", phone(card.phone)),
        ("E-mail", card.email),
        ("Time zone", given or (f"{number_zones} (from the number)" if number_zones else "")),
        *shown_fields(card.fields),
        ("Added", when(card.created_at, zone, now)),
    ]
    with Tag("section", classes="panel panel-body") as section:
        heading = Tag("h2", "Facts")
        with Tag("dl", classes="facts"):
            for label, text in lines:
                if text:
                    with Tag("div", classes="fact"):
                        Tag("dt", label)
                        Tag("dd", text, dir="auto")
    section.attributes(aria_labelledby=heading.html_id)


async def choose_list(options: dict[int, str], action: str) -> int | None:
    """Ask for one of these lists; None when dismissed."""
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", action)
        if options:
            chosen = Select(options, with_input=True, label="List").props("autofocus")
        else:
            Tag("p", "There is no other list. Make one under Lists.", classes="confirm-text")
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            if options:
                ui.button(action, on_click=lambda: dialog.submit(chosen.value))
    dialog.props["aria-labelledby"] = heading.html_id
    answer = await dialog
    notices.remove(dialog)
    return answer if isinstance(answer, int) else None


def _campaigns(card: Card, zone: str, now: datetime) -> None:
    with Tag("section", classes="panel") as section:
        heading = Tag("h2", "Campaigns", classes="panel-heading")
        if not card.sent and not card.left_out:
            Tag("p", "No campaign has reached this person yet.", classes="muted panel-note")
        else:
            with Tag(
                "div", classes="scroll-x", tabindex=0, role="group", aria_label="Campaigns of the contact"
            ):
                _campaign_table(card, zone, now)
    section.attributes(aria_labelledby=heading.html_id)


def _campaign_table(card: Card, zone: str, now: datetime) -> None:
    with Tag("table", classes="people-table"):
        with Tag("thead"), Tag("tr"):
            for label in ("Campaign", "Message", "State", "Why", "When"):
                Tag("th", label, scope="col")
        with Tag("tbody"):
            for one in campaigns_of(card):
                message, state, label = "", State.SKIPPED, "Left out"
                if isinstance(one, Sent):
                    message, state, label = str(one.message), one.state, LABELS[one.state]
                with Tag("tr"):
                    with Tag("th", scope="row"):
                        Tag("a", one.campaign, href=f"/campaigns/sms/{one.campaign_id}")
                    if message:
                        Tag("td", message, data_label="Message")
                    else:
                        Tag("td", "–", classes="is-none")
                    with Tag("td"), Tag("span", classes="state-word"):
                        Tag("i", classes=f"swatch state-{state.value}", aria_hidden="true")
                        Tag("span", label)
                    Tag("td", one.why)
                    Tag("td", when(one.at, zone, now), classes="muted")


def campaigns_of(card: Card) -> list[Sent | LeftOutOf]:
    """What was sent to the person and what they were left out of, the latest first."""
    return sorted([*card.sent, *card.left_out], key=lambda one: one.at, reverse=True)


def _standing(card: Card) -> str:
    """Whether this person can be texted, in one line."""
    number = phone(card.phone)
    if card.invalid_reason:
        return f"{number} · Invalid number: {card.invalid_reason}"
    if card.suppressed_at:
        return f"{number} · Opted out: {card.suppressed_why}"
    return f"{number} · On {plural(len(card.lists), 'list')}"
