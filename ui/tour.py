"""The demo's tour of a minute: offered in the sidebar until somebody took it or put it away."""

from nicegui import ui

from storage import workspace
from ui import shell
from ui.shortcuts import Shortcuts
from ui.tags import Tag, icon_button
from ui.world import World

KEPT_AS = "tour"
"""The name under which a person's answer is kept."""

STEPS = (
    (
        "/campaigns/sms?status=running",
        "Campaigns, as they run",
        "Every campaign with its status and how far it is. The bars move as messages are delivered; nothing "
        "here is real, and no text leaves this computer.",
    ),
    (
        "/campaigns/sms?status=completed",
        "Results that add up",
        "Open a campaign with “View Campaign Details”. Each bar opens to what became of every message, in "
        "words, down to the people behind each number.",
    ),
    (
        "/contacts",
        "The people you text",
        "Search a million by name or number, filter them, change many at once, and undo it. Import CSV and "
        "XLSX files with a check before anything is written.",
    ),
    (
        "/lists",
        "Who a campaign goes to",
        "A list holds people, or a saved filter that fills itself.",
    ),
    (
        "/inbox",
        "Replies, and opt-outs",
        "Answer replies here. Whoever writes STOP is never texted again, in the middle of a campaign too.",
    ),
    (
        "/campaigns/sms",
        "Now try it",
        "Press “Create New Campaign” (or the key C). A review shows who would get what, when, and at which "
        "cost, before anything is sent. The key ? lists all keys.",
    ),
)


async def offer(world: World) -> None:
    """Offer it in the demo, unless this person has answered already."""
    if not world.demo:
        return
    kept = await world.db.run(workspace.kept_form, world.actor(), KEPT_AS)
    if kept.get("answered"):
        return
    with shell.in_foot(), Tag("section", classes="tour-offer", aria_label="Tour") as box:
        with Tag("div", classes="tour-offer-line"):
            Tag("p", "New here?")
            close = icon_button("close", "Put the tour away")
        begin = Tag("button", "Take the tour", classes="text-button", type="button")
        Tag("p", "One minute, six stops.", classes="muted small")

    async def answer() -> None:
        box.delete()
        await world.db.run(workspace.keep_form, world.actor(), KEPT_AS, {"answered": True}, world.clock())

    async def start() -> None:
        await answer()
        Tour()

    close.on("click", answer, args=[])
    begin.on("click", start, args=[])
    shell.leaves_sidebar(begin)


class Tour(Tag):
    """A card beside the pages, which it leads through; it stays while they change."""

    def __init__(self) -> None:
        with ui.context.client.layout:
            super().__init__("section", classes="tour", aria_label="Tour")
        self._place = 0
        with self:
            with Tag("div", classes="tour-head"):
                self._count = Tag("span", classes="muted num small")
                end = icon_button("close", "End the tour")
            with Tag("div", aria_live="polite"):
                self._title = Tag("h2")
                self._words = Tag("p")
            with Tag("div", classes="tour-acts"):
                self._back = ui.button("Back", on_click=lambda: self._go(-1)).props("outline")
                self._next = ui.button("Next", on_click=lambda: self._go(+1))
            Shortcuts({"n": self._next.html_id, "b": self._back.html_id, "Escape": end.html_id})
            Tag("p", "Keys: N next, B back, Esc end", classes="muted small tour-keys")
        end.on("click", self.delete, args=[])
        self._go(0)

    def _go(self, by: int) -> None:
        self._place += by
        if self._place >= len(STEPS):
            self.delete()
            return
        path, title, text = STEPS[self._place]
        self._count.text = f"{self._place + 1} of {len(STEPS)}"
        self._title.text, self._words.text = title, text
        self._back.set_visibility(self._place > 0)
        self._next.text = "Done" if self._place == len(STEPS) - 1 else "Next"
        ui.navigate.to(path)
