"""The second step: messages and their times."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakSet

from nicegui import ui

from domain import zones
from domain.campaigns import Status
from domain.messages import STANDARD
from domain.problems import Problem
from storage import board, line_access, merge_words
from storage.board import Board
from ui import formats, shell, standing
from ui.app import PageBuilder
from ui.composer_acts import Acts
from ui.draft import Draft, start
from ui.merge_menu import MergeMenu
from ui.message_card import MessageCard
from ui.message_kind import Kind, kind
from ui.phone import Phone
from ui.pill import Pill
from ui.preview_as import PreviewAs
from ui.select import Select
from ui.send_bar import SendBar, audience
from ui.send_time import place
from ui.stepper import stepper
from ui.tags import Tag, icon
from ui.world import World

SECONDS_BETWEEN_LOOKS = 20
"""How often the clock is asked whether a time has passed."""

NONE_YET = (
    "Write what people will read, and choose when it goes out. A campaign can have one message or several."
)
NONE_TO_READ = "Nobody has written one yet."
WAITING = "Not saved: decide first which text to keep."


def page(world: World) -> PageBuilder:
    """The page's builder."""
    drafts: WeakSet[Draft] = WeakSet()

    async def build(cid: str) -> None:
        for draft in [one for one in drafts if one.by_itself and one.unsaved]:
            await draft.flush()  # the page that is reloaded may have typed a moment ago
        campaign_id = int(cid) if cid.isascii() and cid.isdecimal() and len(cid) < 10 else 0
        try:
            shown = await world.db.run(board.read, campaign_id, world.clock())
        except Problem as problem:
            shell.not_found(problem.text)
            return
        Composer(world, shown, drafts, await world.db.run(line_access.of, world.actor()))

    return build


class Composer(Acts):
    """One tab's view of a campaign's messages."""

    def __init__(self, world: World, shown: Board, drafts: "WeakSet[Draft]", lines: frozenset[int]) -> None:
        """`lines` are those that who looks may send from."""
        self.world, self.board, self._drafts = world, shown, drafts
        self.may_edit, self._lines = world.edits, lines
        self.cards: dict[int, MessageCard] = {}
        self._looking = asyncio.Lock()
        self._asked = self._answered = 0
        with shell.page_header(shown.name, back=("Campaigns", "/campaigns/sms")):
            self._pill = Pill(shown.standing.shown.capitalize(), live=True)
        stepper("messages", shown.id)
        self._body = Tag("div", classes="composer")
        self._said = Tag("div", classes="sr-only", role="status")
        self._draw()
        read = partial(board.fingerprint, campaign_id=shown.id)
        world.feed.watch(("board", shown.id), read, self._changed)
        ui.timer(SECONDS_BETWEEN_LOOKS, self.refresh)

    @property
    def may_send(self) -> bool:
        """Whether who looks may send from the campaign's line."""
        return self.board.line_id in self._lines

    @property
    def _plans(self) -> bool:
        """Whether scheduling is what this page is for now."""
        return (
            self.may_edit
            and not self.board.standing.archived
            and (self.board.status is Status.DRAFT or self.board.standing.restarting)
        )

    def _draw(self) -> None:
        """Draw everything below the header."""
        self._body.clear()
        self.cards = {}
        draft = self.board.status is Status.DRAFT and self._plans
        with self._body:
            with Tag("div", classes="composer-main"):
                standing.banner(self.world, self.board, may_edit=self.may_edit, may_send=self.may_send)
                self._facts(draft=draft)
                self._summary = Tag("section", classes="panel panel-body stack")
                self._none = Tag("div", classes="panel")
                with self._none:
                    shell.empty_state("sms", "No messages yet", NONE_YET if self.may_edit else NONE_TO_READ)
                self._list = ui.column().classes("messages")
                if draft:
                    self._list.make_sortable(
                        handle=".drag-handle", on_end=self._dropped, ghost_class="is-dragged"
                    )
                    with Tag("div", classes="line"):
                        ui.button("Add Message", icon="sym_o_add", on_click=self.add).props("outline")
            self._preview()
            self._bar = SendBar(self.schedule, may_send=self.may_send) if self._plans else None
        self._drawn_for = self._shape(self.board)
        self._meet(self.board)

    def _facts(self, *, draft: bool) -> None:
        with Tag("div", classes="panel composer-facts"):
            kinds = Select({STANDARD: STANDARD}, value=STANDARD, label="Message Type")
            kinds.set_enabled(self.may_edit)
            names = sorted({*zones.zone_names(), self.board.timezone})
            options = (
                {name: place(name) for name in names}
                if draft
                else {self.board.timezone: place(self.board.timezone)}
            )
            self._zone = Select(options, value=self.board.timezone, label="Time zone", with_input=draft)
            self._zone.set_enabled(draft)
            self._zone.on_value_change(lambda e: self.set_zone(e.value))
            with Tag("dl", classes="composer-fact"):
                Tag("dt", "Audience")
                self._audience = Tag(
                    "dd", audience(self.board), classes="two-lines", title=audience(self.board)
                )
            with Tag("dl", classes="composer-fact"):
                Tag("dt", "Send As Number")
                Tag("dd", formats.phone(self.board.line), classes="nowrap")

    def _preview(self) -> None:
        with Tag("aside", classes="composer-side", aria_label="Preview") as side:
            toggle = Tag("button", classes="preview-toggle", type="button", aria_expanded="false")
            with toggle:
                icon("smartphone")
                Tag("span", "Preview", classes="grow")
                icon("expand_more")
            with Tag("div", classes="preview-box"):
                self._phone = Phone(formats.phone(self.board.line))
                self._preview_as = PreviewAs(self.world, self.board.id, lambda: self.edited(None))

        def turn() -> None:
            opened = toggle.props.get("aria-expanded") == "false"
            toggle.attributes(aria_expanded="true" if opened else "false")
            side.classes(add="is-open" if opened else "", remove="" if opened else "is-open")

        toggle.on("click", turn, args=[])

    # what comes from elsewhere

    def _changed(self, value: Any) -> None:
        if isinstance(value, Problem):
            self._body.clear()
            self.cards = {}
            with self._body:
                shell.dead_end("travel_explore", "Campaign not found", value.text)
        else:
            start(self.refresh())

    async def refresh(self) -> None:
        """Read everything again and show what differs; what is being typed stays. Callers share a look."""
        self._asked += 1
        mine = self._asked
        async with self._looking:
            if self._answered >= mine or self._body.is_deleted:
                return
            asked = self._asked
            try:
                self._meet(await self.world.db.run(board.read, self.board.id, self.world.clock()))
            except Problem as problem:
                self._changed(problem)
            self._answered = asked

    def _meet(self, shown: Board) -> None:
        if self._body.is_deleted:
            return
        self.board = shown
        if self._shape(shown) != self._drawn_for and not any(card.busy for card in self.cards.values()):
            self._pill.status = shown.standing.shown.capitalize()
            self._draw()
            return
        wanted = {row.id: kind(shown, row, may_edit=self.may_edit) for row in shown.rows}
        for message_id, card in list(self.cards.items()):
            gone = message_id not in wanted
            if gone or (card.kind is not wanted[message_id] and not card.busy):
                if gone and card.draft.unsaved:
                    self.removed_elsewhere(card)
                card.delete()
                del self.cards[message_id]
        for index, row in enumerate(shown.rows):
            card = self.cards.get(row.id) or self._card(shown, row, wanted[row.id])
            if self._list.default_slot.children.index(card) != index:
                card.move(target_index=index)
            card.meet(shown, row)
        self._none.set_visibility(not shown.rows)
        self._audience.text = audience(shown)
        self._audience.attributes(title=audience(shown))
        self._summary.set_visibility(shown.standing.restarting)
        if shown.standing.restarting:
            self._summary.clear()
            with self._summary:
                standing.restart_summary(shown)
        if self._zone.value != shown.timezone:
            self._zone.value = shown.timezone
        if self._bar:
            self._bar.show(shown)
        self.edited(None)

    def _card(self, shown: Board, row: board.Row, what: Kind) -> MessageCard:
        with self._list:
            card = MessageCard(self, shown, row, what)
        self.cards[row.id] = card
        if card.merge is not None:
            start(self._offer_fields(card.merge))
        self._drafts.add(card.draft)
        return card

    async def _offer_fields(self, menu: MergeMenu) -> None:
        try:
            names = await self.world.db.run(merge_words.names, self.board.id)
        except Problem:
            return  # the campaign is gone, and the page says so
        if not menu.is_deleted:
            menu.offer(names)

    def _shape(self, shown: Board) -> tuple[object, ...]:
        return shown.status, shown.standing.archived, shown.standing.restarting, shown.line

    def edited(self, card: MessageCard | None) -> None:
        """Something was typed, saved or refused: the preview and the bar follow."""
        if card is not None and self.cards.get(card.row.id) is not card:
            return
        cards = [self.cards[row.id] for row in self.board.rows if row.id in self.cards]
        bubbles = [one.bubble() for one in cards]
        bubbles = [replace(one, text=self._preview_as.render(one.text)) for one in bubbles]
        self._phone.show([one for one in bubbles if one.text or one.pictures])
        problems = [one.draft.problem.text for one in cards if one.draft.problem]
        if self._bar:
            waiting = any(one.draft.theirs for one in cards)
            self._bar.state(
                saving=any(one.busy for one in cards),
                problem=problems[0] if problems else WAITING if waiting else "",
            )
        if card is not None and card.draft.version > card.row.version and not card.busy:
            start(self.refresh())
