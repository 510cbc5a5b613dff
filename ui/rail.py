"""The right rail: a campaign's status, the whole of its results, what can be done, and the facts."""

from nicegui import ui

from domain import access
from domain.campaigns import Action, Status
from domain.deliveries import State
from domain.tallies import Tally
from storage.results import Results
from ui.actions import DANGEROUS, SYMBOLS, Subject, perform
from ui.bar import Bar
from ui.formats import phone, plural, when
from ui.pill import Pill
from ui.tags import Tag
from ui.world import World

FILLED = (Action.RESUME, Action.SCHEDULE)
OUTLINED = (Action.EDIT, Action.EDIT_SCHEDULE, Action.PAUSE, Action.RESTART, Action.STOP)
QUIET = (Action.CLONE, Action.ARCHIVE, Action.UNARCHIVE, Action.DELETE)
FACTS = (
    "Sending from",
    "Contact list",
    "Audience",
    "Planned for",
    "Scheduled for",
    "Started",
    "Expected end",
    "Stopped",
    "Completed",
    "Line rate",
    "Time zone",
    "Owner",
    "Created by",
    "Opt-in acknowledged",
)


class Rail(Tag):
    """Made once with every button of who looks, and every fact; what does not apply is hidden.

    So the focus stays.
    """

    def __init__(self, world: World, subject: Subject, *, may_send: bool) -> None:
        super().__init__("aside", classes="rail panel")
        self._world, self._subject, self._busy = world, subject, False
        with self:
            self._heading = Tag("h2", "Campaign Status & Actions", tabindex=-1)
            self._pill = Pill("Scheduled", live=True)
            with Tag("div", classes="rail-sum"):
                self._share = Tag("span", classes="rail-share num")
                self._share_of = Tag("span", classes="muted")
            self._bar = Bar({}, name="All messages")
            self._headline = Tag("p", classes="rail-headline muted num")
            offered = access.permitted(world.actor(), (*FILLED, *OUTLINED, *QUIET), may_send=may_send)
            with Tag("div", classes="rail-actions") as actions:
                self._buttons = {action: self._button(action) for action in offered}
            actions.set_visibility(bool(offered))
            with Tag("dl", classes="facts"):
                self._facts = {label: Fact(label) for label in FACTS}
        self.attributes(aria_labelledby=self._heading.html_id)

    def show(self, results: Results) -> None:
        """Bring everything up to date."""
        self._pill.status = results.standing.shown.capitalize()
        counts = Tally()
        for message in results.messages:
            counts += Tally(message.tally)
        self._bar.counts = counts.counts
        self._bar.set_visibility(counts.total > 0)
        self._headline.text = f"{counts.headline} in all" if len(results.messages) > 1 else counts.headline
        self._headline.set_visibility(counts.total > 0)
        self._share.classes(**{"remove" if counts.total else "add": "is-words"})
        self._share.text = counts.share(State.DELIVERED) if counts.total else nothing(results)
        self._share_of.text = "delivered" if counts.total else ""
        for action, button in self._buttons.items():
            button.set_visibility(action in results.actions)
        for label, text in facts(results, self._world).items():
            self._facts[label].show(text)

    def _button(self, action: Action) -> ui.button:
        button = ui.button(
            action.value,
            icon=f"sym_o_{SYMBOLS[action]}",
            color="negative" if action in DANGEROUS else "primary",
            on_click=lambda: self._act(action),
        )
        if action in OUTLINED:
            button.props("outline")
        elif action in QUIET:
            button.props("flat align=left")
        return button

    async def _act(self, action: Action) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            await perform(self._world, action, self._subject)
        finally:
            self._busy = False
        await self._world.feed.look()  # the next press counts meanwhile, so that none is lost after a Cancel
        if not self.is_deleted:  # the button that was pressed may have gone, and the focus with it
            heading = f"document.getElementById('{self._heading.html_id}')"
            ui.run_javascript(
                f"setTimeout(() => document.activeElement === document.body && {heading}?.focus(), 50)"
            )


LONG = 50
"""Characters; a longer text stands below its label instead of beside it."""


class Fact(Tag):
    """One line of the facts; without a text it is hidden."""

    def __init__(self, label: str) -> None:
        super().__init__("div", classes="fact")
        with self:
            Tag("dt", label)
            self._words = Tag("dd", dir="auto")

    def show(self, text: str) -> None:
        """Change the text."""
        self._words.text = text
        self.classes(**{"add" if len(text) > LONG else "remove": "is-long"})
        self.set_visibility(bool(text))


def facts(results: Results, world: World) -> dict[str, str]:
    """The text of every fact, empty where it does not apply."""
    now, status = world.clock(), results.standing.status
    started = results.started_at
    rate = results.line_rate
    number = phone(results.line_number)
    moments = {
        "Planned for": results.start_at if status is Status.DRAFT else None,
        "Scheduled for": None if started or status is Status.DRAFT else results.start_at,
        "Started": started,
        "Expected end": results.expected_end,
        "Stopped": results.status_since if status is Status.STOPPED else None,
        "Completed": results.completed_at,
    }
    return {
        "Sending from": number if number in results.line_label else f"{results.line_label}\n{number}",
        "Contact list": results.list_name,
        "Audience": _audience(results),
        "Line rate": plural(int(rate), "segment") + " a second"
        if rate and rate == int(rate)
        else _rate(rate),
        "Time zone": results.timezone.replace("_", " "),
        "Owner": results.owner,
        "Created by": results.created_by,
        "Opt-in acknowledged": _acknowledged(results, world),
    } | {label: when(at, results.timezone, now) if at else "" for label, at in moments.items()}


def _acknowledged(results: Results, world: World) -> str:
    """Who vouched for consent, when, and to which words."""
    at = when(results.acknowledged_at, results.timezone, world.clock())
    return f"{results.acknowledged_by}, {at}\n“{results.acknowledgment}”"


def nothing(results: Results) -> str:
    """What stands in the place of the share while nothing was sent."""
    if results.audience == 0:
        return "Nobody to send to"
    return "Nothing sent" if results.standing.status is Status.STOPPED else "Not started"


def _rate(rate: float | None) -> str:
    return f"{rate:g} segments a second" if rate else "No limit"


def _audience(results: Results) -> str:
    if results.audience is None:
        return f"{plural(results.listed, 'person', 'people')} on the list"
    left_out = sum(results.left_out.values())
    people = plural(results.audience, "person", "people")
    return f"{people}\n{plural(left_out, 'person', 'people')} left out" if left_out else people
