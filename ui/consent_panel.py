"""A contact's consent: the opt-ins that are on record, a new one, and all the evidence in one file."""

from datetime import UTC, datetime, time
from urllib.parse import quote

from nicegui import background_tasks, ui

from domain import zones
from domain.opt_ins import ConsentInFuture
from domain.problems import Problem
from storage import consents, erasure
from storage.consents import Given, Via
from storage.contact_cards import Card
from storage.tables import Consent
from ui import notices
from ui.fields import Field
from ui.formats import phone, when
from ui.tags import Tag
from ui.world import World

VIA = {Via.FORM: "typed in", Via.API: "by a program", Via.IMPORT: "from a file"}


class ConsentPanel(Tag):
    """Fills itself once it is on the page."""

    def __init__(self, world: World, card: Card, zone: str) -> None:
        super().__init__("section", classes="panel panel-body consent-panel")
        self.world, self._id, self._number, self._zone = world, card.id, card.phone, zone
        with self:
            heading = Tag("h2", "Consent")
            if card.suppressed_at:
                self._explain_opt_out(card.suppressed_at)
            self._none = Tag("p", "No opt-in is on record.", classes="muted small")
            self._list = Tag("ul", classes="consents", aria_label="Opt-ins on record")
            if world.edits:
                self._offer()
        self._none.set_visibility(False)
        self.attributes(aria_labelledby=heading.html_id)
        background_tasks.create(self.load(), name="read a contact's consent", context=self)

    def _explain_opt_out(self, since: datetime) -> None:
        """An opt-in on record alone lets nobody in again."""
        with Tag("p", classes="small consent-out"):
            Tag("span", f"Opted out {when(since, self._zone, self.world.clock())}: nothing is sent to them. ")
            Tag("a", "See the suppression", href=f"/suppressions?search={quote(self._number)}")

    def _offer(self) -> None:
        """The buttons of who may work here; to erase somebody is for administrators."""
        with Tag("div", classes="consent-acts"):
            record = ui.button("Record opt-in", icon="sym_o_verified_user", on_click=self._record)
            record.props("outline")
            pack = ui.button("Evidence pack", icon="sym_o_folder_zip").props("flat")
            pack.props(f"href=/contacts/{self._id}/evidence.zip download tag=a")
            if self.world.administers:
                ui.button(
                    "Erase person", icon="sym_o_person_remove", on_click=self._erase, color="negative"
                ).props("flat")

    async def load(self) -> None:
        """Read what is on record."""
        records = await self.world.db.run(consents.of_number, self._number)
        if self.is_deleted:
            return
        self._none.set_visibility(not records)
        self._list.clear()
        with self._list:
            for record in records:
                self._draw(record)

    def _draw(self, record: Consent) -> None:
        now = self.world.clock()
        with Tag("li"):
            Tag("b", when(record.given_at, self._zone, now))
            Tag("span", record.source, dir="auto")
            if record.wording:
                Tag("q", record.wording, dir="auto", classes="small")
            by = f"Recorded by {record.entered_by}, {VIA.get(Via(record.via), record.via)}"
            Tag("span", f"{by} · from {record.address}" if record.address else by, classes="muted small")

    async def _record(self) -> None:
        if await ask_for_opt_in(self.world, self._number, self._zone):
            notices.success("The opt-in is on record.")
            await self.load()

    async def _erase(self) -> None:
        text = (
            f"Their contact, every text to and from them, and {phone(self._number)} itself are removed "
            "everywhere; counts stay. The number will not be texted again. This can't be undone."
        )
        if not await notices.confirm("Erase this person?", text, "Erase person", danger=True):
            return
        try:
            await self.world.db.run(erasure.erase, self.world.actor(), self._id, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success("The person was erased.")
        ui.navigate.to("/contacts")


async def ask_for_opt_in(world: World, number: str, zone: str) -> bool:
    """Ask for when, where and to which words the person said yes; whether it was kept."""
    today = zones.wall(world.clock(), zone)
    with ui.dialog() as dialog, ui.card().classes("confirm opt-in-card"):
        heading = Tag("h2", "Record opt-in")
        with Field("Day", wide=True) as day_field:
            day = ui.input(value=f"{today:%Y-%m-%d}").props("autofocus")
        day_field.hold(day)
        with Field("Source", wide=True) as source_field:
            source = ui.input(placeholder="shop.example/join, or the Brooklyn store")
        source_field.hold(source)
        with Field("Exact text agreed to", wide=True) as words_field:
            words = ui.textarea().props("rows=3")
        words_field.hold(words)
        with Field("IP address", wide=True) as address_field:
            address = ui.input()
        address_field.hold(address, "Where the person was when they agreed online.")

        async def keep() -> None:
            day_field.problem = source_field.problem = ""
            try:
                chosen = zones.parse_date(day.value or "")
                at = zones.resolve(datetime.combine(chosen, time()), zone).instant.astimezone(UTC)
            except Problem as problem:
                day_field.problem = problem.text
                return
            given = Given(number, at, source.value or "", words.value or "", address.value or "")
            try:
                await world.db.run(consents.record, world.actor(), given, Via.FORM, world.clock())
            except ConsentInFuture as problem:
                day_field.problem = problem.text
                return
            except Problem as problem:
                source_field.problem = problem.text
                return
            dialog.submit(True)

        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(False)).props("outline")
            ui.button("Record opt-in", on_click=keep)
    dialog.props["aria-labelledby"] = heading.html_id
    kept = bool(await dialog)
    if not dialog.is_deleted:
        notices.remove(dialog)
    return kept
