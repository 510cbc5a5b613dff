"""One conversation, oldest words first, live, with the field to answer in."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import background_tasks, ui

from domain import segments
from domain.access import LineForbidden
from domain.audience import in_words
from domain.deliveries import LABELS
from domain.opt_outs import source_words
from domain.problems import Problem
from storage import answers, conversations, line_access
from storage.conversations import Said, Thread
from ui import browser, notices, skeleton
from ui.formats import phone, plural, when
from ui.inbox_list import KEYWORDS
from ui.tags import Tag, icon, icon_button
from ui.world import World


class InboxThread(Tag):
    """Shows one conversation at a time; `waiting` when one will be opened at once."""

    def __init__(self, world: World, *, on_close: Callable[[], Awaitable[None]], waiting: bool) -> None:
        super().__init__("section", classes="inbox-thread", aria_label="Conversation")
        self.world, self.zone = world, browser.ELSE
        self._edits = world.edits
        self._lines: frozenset[int] = frozenset()  # that who looks may send from
        self._id = 0
        with self:
            self._none = Tag("div", classes="inbox-pick muted")
            with self._none:
                icon("forum")
                Tag("p", "Choose a conversation to read it.")
            self._waiting = Tag("ul", classes="inbox-waiting")
            with self._waiting:
                skeleton.lines(3)
            with Tag("div", classes="inbox-talk") as self._open_part:
                with Tag("div", classes="inbox-head"):
                    back = icon_button("arrow_back", "Back to the conversations").classes("inbox-back")
                    back.on("click", on_close, args=[])
                    self._head = Tag("div", classes="inbox-titles")
                    if self._edits:
                        later = icon_button("mark_email_unread", "Mark as unread")
                        later.on("click", self._leave_unread, args=[])
                self._said = Tag("ol", classes="inbox-said", tabindex=0, aria_label="Texts")
                self._note = Tag("p", classes="inbox-note", role="status")
                self._form = Tag("div", classes="inbox-answer")
            self._watch = Tag("div", classes="hidden")
        self._show_part(self._waiting if waiting else self._none)

    def _show_part(self, part: Tag) -> None:
        for one in (self._none, self._waiting, self._open_part):
            one.set_visibility(one is part)
        self._waiting.attributes(aria_busy="true" if part is self._waiting else None)
        if part is not self._waiting:
            self._waiting.clear()

    def _offer_to_answer(self) -> None:
        """The field and its button, made anew for each conversation that who looks may answer."""
        self._form.clear()
        with self._form:
            self._answer = ui.textarea(placeholder="Write an answer").props(
                'autogrow dense aria-label="Answer" maxlength=1600'
            )
            self._answer.on("keydown.ctrl.enter", self._send)
            self._answer.on("keydown.meta.enter", self._send)
            with Tag("div", classes="inbox-send"):
                self._size = Tag("span", classes="muted small", aria_live="polite")
                self._button = ui.button("Send answer", icon="sym_o_send", on_click=self._send)
        self._answer.on_value_change(self._measure)
        self._measure()

    def close(self) -> None:
        """Show none."""
        self._id = 0
        self._watch.clear()
        self._show_part(self._none)

    async def open(self, conversation_id: int) -> bool:
        """Show a conversation, follow it, and mark it as read; says whether it is there."""
        read = partial(conversations.thread, conversation_id=conversation_id)
        try:
            found = await self.world.db.run(read)
        except Problem as problem:
            self.close()
            notices.problem(problem.text)
            return False
        self._id = conversation_id
        self._lines = await self.world.db.run(line_access.of, self.world.actor())
        self._form.clear()
        if found.line_id in self._lines:
            self._offer_to_answer()
        self._show(found)
        self._watch.clear()
        with self._watch:
            self.world.feed.watch(("conversation", conversation_id), read, self._came, found)
        if self._edits:
            await self._mark_read()
        return True

    def _came(self, found: Thread | Problem) -> None:
        if isinstance(found, Thread):
            self._show(found)
            if self._edits:
                background_tasks.create(self._mark_read(), name="a conversation was read", context=self)

    async def _mark_read(self) -> None:
        try:
            await self.world.db.run(conversations.mark_read, self.world.actor(), self._id)
        except Problem:
            return  # it is unread for the others still

    async def _leave_unread(self) -> None:
        try:
            await self.world.db.run(conversations.mark_unread, self.world.actor(), self._id)
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success("The conversation is marked as unread.")

    def _show(self, found: Thread) -> None:
        self._show_part(self._open_part)
        self._head.clear()
        with self._head:
            self._draw_head(found)
        self._said.clear()
        with self._said:
            for one in found.said:
                self._draw(one)
        self._note.text = self._why_not(found)
        self._note.set_visibility(bool(self._note.text))
        self._form.set_visibility(found.suppressed is None and found.line_id in self._lines)
        ui.run_javascript(f"(e => e && (e.scrollTop = e.scrollHeight))(getHtmlElement({self._said.id}))")

    def _why_not(self, found: Thread) -> str:
        """Why this conversation can't be answered; "" when it can, or for who answers none."""
        if found.suppressed is not None and found.suppressed_at is not None:
            since = when(found.suppressed_at, self.zone, self.world.clock())
            words = source_words(found.suppressed)
            return f"Opted out since {since} ({words}), so nothing can be sent to them."
        return LineForbidden().text if self._edits and found.line_id not in self._lines else ""

    def _draw_head(self, found: Thread) -> None:
        with Tag("h2", classes="inbox-name"):
            if found.contact_id:
                Tag("a", found.name or phone(found.phone), href=f"/contacts/{found.contact_id}", dir="auto")
            else:
                Tag("span", phone(found.phone))
        with Tag("p", classes="muted small"):
            Tag("span", f"{phone(found.phone)} · to {found.line} ({phone(found.line_number)})")
            if found.campaign_id:
                Tag("span", " · ")
                Tag("a", found.campaign, href=f"/campaigns/sms/{found.campaign_id}", dir="auto")

    def _draw(self, one: Said) -> None:
        with Tag("li", classes="said said-ours" if one.ours else "said"):
            Tag("span", "You wrote:" if one.ours else "They wrote:", classes="sr-only")
            Tag("p", one.text or "Attachment", classes="bubble", dir="auto")
            with Tag("p", classes="muted small said-note"):
                if not one.ours and one.kind in frozenset(KEYWORDS):
                    Tag("span", KEYWORDS[one.kind], classes=f"said-word said-{one.kind}")  # type: ignore[index]
                Tag("span", " · ".join(self._note_words(one)))

    def _note_words(self, one: Said) -> list[str]:
        words = [when(one.at, self.zone, self.world.clock())]
        if one.campaign:
            words.append(one.campaign)
        if one.ours and one.kind != "message":
            by = one.author or "Sent by itself"
            words.append(f"Test by {by}" if one.kind == answers.TEST else by)
        if one.state is not None:
            words.append(LABELS[one.state] + (f": {in_words(one.reason)}" if one.reason else ""))
        return words

    def _measure(self) -> None:
        words = (self._answer.value or "").strip()
        self._size.text = plural(segments.count(words).segments, "segment") if words else ""
        self._button.set_enabled(bool(words))

    async def _send(self) -> None:
        words = self._answer.value or ""
        if not words.strip():
            return
        try:
            await self.world.db.run(answers.write, self.world.actor(), self._id, words, self.world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        self._answer.value = ""
        self._show(await self.world.db.run(conversations.thread, self._id))
