"""The message timeline, oldest to newest: each message's bar, its breakdown, its words and its time."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from domain import media
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import BEGUN, ENDED, UNDECIDED, MessageState
from domain.tallies import number
from storage.results import MessageResult, Results
from ui import unconfirmed
from ui.bar import DeliveryBar, payload
from ui.breakdown import Breakdown
from ui.formats import clock, day, plural, wall, when
from ui.missed import Missed
from ui.people import Behind
from ui.tags import Tag
from ui.world import World

OpenPeople = Callable[[Behind], Awaitable[None]]
PICTURES_LAST = timedelta(hours=24)
"""How long the addresses of an open page's pictures are valid."""


class Timeline(Tag):
    """The messages; each is made once and then only brought up to date."""

    def __init__(self, world: World, open_people: OpenPeople, *, edits: bool, may_send: bool) -> None:
        super().__init__("section", classes="timeline")
        self._world, self._open_people = world, open_people
        self._edits, self._may_send = edits, may_send
        self._moments: dict[int, Moment] = {}
        with self:
            with Tag("div", classes="timeline-head"):
                heading = Tag("h2", "Message Timeline")
                self._count = Tag("span", classes="muted small")
            self._list = Tag("ol", classes="moments")
            self._none = Tag("p", "This campaign has no messages.", classes="muted")
        self.attributes(aria_labelledby=heading.html_id)

    def show(self, results: Results) -> None:
        """Add, remove, order and update the messages."""
        messages = sorted(results.messages, key=_in_time)
        self._count.text = plural(len(messages), "message")
        self._none.set_visibility(not messages)
        for message_id in self._moments.keys() - {message.id for message in messages}:
            self._moments.pop(message_id).delete()
        for place, message in enumerate(messages):
            moment = self._moments.get(message.id)
            if moment is None:
                with self._list:
                    moment = self._moments[message.id] = Moment(
                        self._world, message, self._open_people, edits=self._edits, may_send=self._may_send
                    )
            if self._list.default_slot.children.index(moment) != place:
                moment.move(target_index=place)
            moment.show(message, results)


class Moment(Tag):
    """One message: bar, breakdown, bubble, time."""

    def __init__(
        self,
        world: World,
        message: MessageResult,
        open_people: OpenPeople,
        *,
        edits: bool,
        may_send: bool,
    ) -> None:
        super().__init__("li", classes="moment")
        self._edits, self._may_send = edits, may_send
        self._world, self._open_people = world, open_people
        self._message = message
        self._results: Results | None = None
        self._breakdown: Breakdown | None = None
        self._state = ""
        self._pictures: object = None
        self._missed: Missed | None = None
        with self:
            Tag("span", classes="moment-dot", aria_hidden="true")
            with Tag("div", classes="panel moment-card"):
                self._bar = DeliveryBar(message.tally, title="", name="", on_toggle=self._toggled)
                self._panel = Tag("div", classes="moment-panel")
                self._bar.controls(self._panel)
                self._place = Tag("div", classes="moment-missed")
            with Tag("div", classes="moment-said"):
                self._files = Tag("div", classes="moment-files")
                self._bubble = Tag("p", classes="bubble", dir="auto")
                with Tag("p", classes="moment-when"):
                    self._word = Tag("b")
                    self._time = Tag("span")
                    self._heard = Tag("a", href="/inbox", classes="moment-heard")

    def show(self, message: MessageResult, results: Results) -> None:
        """Bring it up to date."""
        self._message, self._results = message, results
        self._bar.counts = message.tally
        self._name_bar(message, results)
        self._bubble.text = message.text
        self._bubble.set_visibility(bool(message.text))
        self._word.text = state_word(message, results)
        self._time.text = time_words(message, results, self._world.clock())
        self._heard.text = heard_words(message)
        self._heard.set_visibility(bool(self._heard.text))
        self._look(state_word(message, results).lower())
        self._show_pictures(message)
        self._show_missed(message, results)
        if self._breakdown is not None and self._bar.expanded:
            self._breakdown.show(message, results)

    def _name_bar(self, message: MessageResult, results: Results) -> None:
        props: dict[str, object] = {
            "title": f"Message {message.position}",
            "name": f"Deliverability results for message {message.position}",
        }
        if not message.tally:
            props["tally"] = payload({}) | dict.fromkeys(("headline", "words"), not_sent(message, results))
        for name, value in props.items():
            if self._bar.props.get(name) != value:
                self._bar.props[name] = value

    def _toggled(self, expanded: bool) -> None:
        if not expanded or self._results is None:
            return
        if self._breakdown is None:
            with self._panel:
                again = self._send_again if self._may_send else None
                self._breakdown = Breakdown(self._open_people, again)
        self._breakdown.show(self._message, self._results)

    async def _send_again(self) -> None:
        if self._results is not None:
            count = self._message.tally.get(State.UNKNOWN, 0)
            await unconfirmed.ask(self._world, self._results.id, self._message, count)

    def _show_missed(self, message: MessageResult, results: Results) -> None:
        """The ways on, as long as somebody must choose one; a paused campaign asks when it is resumed."""
        asks = message.state in UNDECIDED and results.standing.status in (Status.SCHEDULED, Status.RUNNING)
        if asks == (self._missed is not None):
            return
        if self._missed is not None:
            self._missed.delete()
            self._missed = None
        else:
            with self._place:
                self._missed = Missed(self._world, results.id, message.id, message.position)
                self._missed.offer(edits=self._edits, may_send=self._may_send)

    def _look(self, state: str) -> None:
        if state != self._state:
            self.classes(remove=f"is-{self._state}" if self._state else "", add=f"is-{state}")
            self._state = state

    def _show_pictures(self, message: MessageResult) -> None:
        names = [(file.id, file.filename) for file in message.attachments]
        if names == self._pictures:
            return
        self._pictures = names
        self._files.clear()
        self._files.set_visibility(bool(names))
        until = self._world.clock() + PICTURES_LAST
        with self._files:
            for file in message.attachments:
                address = f"/media/{media.token(self._world.secret, file.id or 0, until)}"
                image = Tag("img", src=address, alt=file.filename, title=file.filename, loading="lazy")
                image.attributes(width=file.width, height=file.height)


def state_word(message: MessageResult, results: Results) -> str:
    """Where the message stands; one that is held says so."""
    if message.state in BEGUN and results.standing.status is Status.PAUSED:
        return "Paused"
    return message.state.label


def heard_words(message: MessageResult) -> str:
    """How many people wrote back, and how many of them opted out."""
    parts = [plural(message.replies, "reply", "replies")] if message.replies else []
    parts += [plural(message.opt_outs, "opt-out")] if message.opt_outs else []
    return " · ".join(parts)


def not_sent(message: MessageResult, results: Results) -> str:
    """What stands beside the bar of a message that has no deliveries."""
    if results.audience == 0 and message.state in ENDED:
        return "Nobody to send to"
    if message.state in UNDECIDED:
        return "Missed"
    return "Not sent" if message.state in ENDED else "Not started"


def time_words(message: MessageResult, results: Results, now: datetime) -> str:
    """When it goes or went out, and when it is expected to be through."""
    if message.send_at is None:
        return " · No time set"
    tz = results.timezone
    if message.recipient_local:
        words = f"{wall(message.send_at, tz, now)}, recipients' local time"
    else:
        words = when(message.send_at, tz, now)
    if message.state in (MessageState.CANCELED, MessageState.MISSED) and not message.tally:
        return f" · Was planned for {words}"
    if message.state is MessageState.PLANNING:
        return f" · {words} · {_prepared(message, results)}"
    if message.expected_end is None or message.state not in BEGUN:
        return f" · {words}"
    same_day = day(message.expected_end, tz) == day(message.send_at, tz)
    end = (clock(message.expected_end, tz)) if same_day else when(message.expected_end, tz, now)
    return f" · {words} · Expected end {end}"


def _prepared(message: MessageResult, results: Results) -> str:
    """How far the deliveries of a message that has just begun are written; for a million it takes a while."""
    people = results.listed if results.audience is None else results.audience
    return f"{number(sum(message.tally.values()))} of {plural(people, 'delivery', 'deliveries')} prepared"


def _in_time(message: MessageResult) -> tuple[bool, float, int]:
    at = message.send_at
    return at is None, at.timestamp() if at else 0.0, message.position
