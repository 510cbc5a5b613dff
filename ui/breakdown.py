"""The full breakdown of one message: states, carriers' errors in words, and who was left out."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.audience import in_words
from domain.campaigns import Status
from domain.carrier_errors import explain
from domain.deliveries import LABELS, MEANINGS, State
from domain.doubts import may_send_again
from domain.tallies import ORDER, Tally, number
from domain.why import TOLD_BY_CARRIER
from storage.results import MessageResult, Results
from ui import people
from ui.formats import plural
from ui.link_clicks import LinkClicks
from ui.people import Behind
from ui.tags import Tag, icon
from ui.unconfirmed import SEND_AGAIN

OpenPeople = Callable[[Behind], Awaitable[None]]
LEFT_OUT = "They are on the list, but were left out of the audience when the campaign began."


class Breakdown(Tag):
    """Made when it is first opened; afterwards only texts and numbers change, so the focus stays."""

    def __init__(self, open_people: OpenPeople, send_again: Callable[[], Awaitable[None]] | None) -> None:
        """`send_again` is None for who may not."""
        super().__init__("div", classes="breakdown")
        self._open = open_people
        self._errors: dict[tuple[State, str], Line] = {}
        self._left_out: dict[str, Line] = {}
        with self:
            self._none = Tag("p", classes="muted")
            with Tag("table", classes="states") as self._table:
                self._caption = Tag("caption", classes="sr-only")
                with Tag("thead"), Tag("tr"):
                    for heading in ("State", "People", "Share"):
                        Tag("th", heading, scope="col")
                with Tag("tbody"):
                    self._rows = {state: StateRow(state, open_people) for state in ORDER}
                with Tag("tfoot"), Tag("tr"):
                    Tag("th", "Total", scope="row")
                    self._total = Tag("td", classes="num")
                    Tag("td", "100 %")
            with Tag("div", classes="doubt") as self._doubt:
                icon("help")
                with Tag("div", classes="grow"):
                    with Tag("p"):
                        self._doubt_title = Tag("b")
                        Tag("span", f" {DOUBT}")
                    with Tag("div", classes="doubt-actions") as self._send_again:
                        if send_again is not None:
                            ui.button(SEND_AGAIN, on_click=send_again).props("outline")
                            Tag("span", LEAVE, classes="muted small")
            self._links = LinkClicks()
            with Tag("div", classes="reasons") as self._errors_box:
                Tag("h3", "What the carrier said")
                self._errors_list = Tag("ul")
            with Tag("div", classes="reasons") as self._left_out_box:
                Tag("h3", "Left out of this campaign")
                Tag("p", LEFT_OUT, classes="muted small")
                self._left_out_list = Tag("ul")

    def show(self, message: MessageResult, results: Results) -> None:
        """Bring everything up to date."""
        tally = Tally(message.tally)
        self._caption.text = f"Deliveries of message {message.position} by state"
        self._none.text = nothing_yet(results)
        self._none.set_visibility(not tally.total)
        self._table.set_visibility(tally.total > 0)
        self._total.text = number(tally.total)
        for row in self._rows.values():
            row.show(tally, message)
        unknown = tally[State.UNKNOWN]
        self._doubt.set_visibility(unknown > 0)
        standing = results.standing
        self._send_again.set_visibility(
            may_send_again(standing.status, message.state, archived=standing.archived)
        )
        self._doubt_title.text = f"{plural(unknown, 'is', 'are')} unconfirmed."
        self._links.show(message.links)
        self._show_errors(message, results)
        self._show_left_out(results)

    def _show_errors(self, message: MessageResult, results: Results) -> None:
        told = {key: count for key, count in message.codes.items() if key[0] in TOLD_BY_CARRIER}
        for key, count in sorted(told.items(), key=lambda item: -item[1]):
            if key not in self._errors:
                state, code = key
                words = explain(results.carrier_kind, code)
                coded = code.isdecimal() and code not in words.title
                named = f"{LABELS[state]}, code {code}" if coded else LABELS[state]
                with self._errors_list:
                    self._errors[key] = Line(words.title, f"{named} · {words.advice}", self._open)
            behind = people.behind_code(message, key, results.carrier_kind)
            self._errors[key].show(count, behind)
        for key in self._errors.keys() - told.keys():
            self._errors.pop(key).delete()
        self._errors_box.set_visibility(bool(told))

    def _show_left_out(self, results: Results) -> None:
        for reason, count in results.left_out.items():
            if reason not in self._left_out:
                with self._left_out_list:
                    self._left_out[reason] = Line(in_words(reason), "", self._open)
            self._left_out[reason].show(count, people.behind_left_out(results.id, reason, count))
        self._left_out_box.set_visibility(bool(results.left_out))


DOUBT = (
    "The connection to the carrier broke in the middle of sending, so nobody can know yet whether the text "
    "arrived. Nothing is sent again on a doubt, so that nobody gets it twice. When a receipt comes, the "
    "number moves to where it belongs."
)

HELD = "Quiet hours hold {} of them until the hours begin in which each may be texted."

LEAVE = "You need not do anything: if you leave them, they stay as they are."


class StateRow(Tag):
    """One state with its meaning, its count and its share."""

    def __init__(self, state: State, open_people: OpenPeople) -> None:
        super().__init__("tr")
        self._state = state
        with self:
            with Tag("th", scope="row"), Tag("div", classes="state-cell"):
                Tag("i", classes=f"swatch state-{state.value}", aria_hidden="true")
                with Tag("div"):
                    Tag("span", LABELS[state], classes="state-label")
                    self._meaning = Tag("span", MEANINGS[state], classes="state-meaning")
            with Tag("td"):
                self._count = Count(open_people)
            self._share = Tag("td", classes="muted")

    def show(self, tally: Tally, message: MessageResult) -> None:
        """Change the numbers; a state that holds nobody is hidden."""
        self.set_visibility(tally[self._state] > 0)
        self._count.show(tally[self._state], people.behind_state(message, self._state))
        self._share.text = tally.share(self._state)
        if self._state is State.QUEUED:
            held = f" {HELD.format(number(message.held))}" if message.held else ""
            self._meaning.text = MEANINGS[self._state] + held


class Line(Tag):
    """A reason in words with what to do, and the count of the people."""

    def __init__(self, title: str, advice: str, open_people: OpenPeople) -> None:
        super().__init__("li")
        with self:
            with Tag("div", classes="grow"):
                Tag("span", title, classes="state-label")
                if advice:
                    Tag("span", advice, classes="state-meaning")
            self._count = Count(open_people)

    def show(self, count: int, behind: Behind) -> None:
        """Change the number."""
        self._count.show(count, behind)


class Count(Tag):
    """A number that opens the people behind it."""

    def __init__(self, open_people: OpenPeople) -> None:
        super().__init__("button", classes="count num", type="button")
        self._behind: Behind | None = None
        self._open = open_people
        self.on("click", self._pressed, args=[])

    def show(self, count: int, behind: Behind) -> None:
        """Change the number, and who is behind it."""
        self._behind = behind
        self.text = number(count)
        self.attributes(aria_label=f"{number(count)} {behind.what}, show people")

    async def _pressed(self) -> None:
        if self._behind is not None:
            await self._open(self._behind)


def nothing_yet(results: Results) -> str:
    """Why there are no deliveries."""
    if results.audience == 0:
        return "There was nobody to send this message to."
    if results.standing.status is Status.STOPPED:
        return "The campaign was stopped before this message began, so nobody has it."
    return "Not started. The results appear here as soon as this message begins."
