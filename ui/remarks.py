"""What must be said about a campaign before its numbers: held, stopped, in trouble, nobody to send to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.campaigns import Status
from domain.deliveries import OPEN, State
from domain.messages import UNDECIDED
from domain.tallies import number
from storage.line_holds import LineHold
from storage.results import Results
from ui import line_words
from ui.formats import plural, when
from ui.tags import Tag, icon


@dataclass(frozen=True, slots=True)
class Remark:
    """One of them; the kind is "info" or "warn"."""

    kind: str
    symbol: str
    title: str
    text: str


class Remarks(Tag):
    """The remarks above the timeline; drawn anew only when their words change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__("div", classes="remarks")
        self._clock = clock
        self._shown: list[Remark] = []

    def show(self, results: Results) -> None:
        """Say what holds now."""
        found = of(results, self._clock())
        if found == self._shown:
            return
        self._shown = found
        self.clear()
        with self:
            for remark in found:
                with Tag("div", classes=f"remark remark-{remark.kind}"):
                    icon(remark.symbol)
                    with Tag("p"):
                        Tag("b", remark.title)
                        Tag("span", f" {remark.text}")


def of(results: Results, now: datetime) -> list[Remark]:
    """Everything worth saying about a campaign."""
    found = []
    if results.standing.archived:
        found.append(Remark("info", "archive", "Archived.", "It is hidden from the list of campaigns."))
    since = when(results.status_since, results.timezone, now)
    match results.standing.status:
        case Status.PAUSED:
            found.append(Remark("warn", "pause_circle", f"Paused since {since}.", _paused(results)))
        case Status.STOPPED:
            found.append(Remark("info", "stop_circle", f"Stopped on {since}.", _stopped(results)))
    if results.line_hold and _to_be_said(results.line_hold, results.standing.status):
        title = f"{results.line_label} can't send right now."
        words = line_words.in_words(results.line_hold, results.timezone)
        found.append(Remark("warn", "error", title, f"{words} Nobody is lost: everyone stays queued."))
    missed = [m.position for m in results.messages if m.state in UNDECIDED]
    if missed and results.standing.status in _LIVE:
        found.append(Remark("warn", "schedule", _missed(missed), "Send it now, reschedule or skip it below."))
    if results.audience == 0:
        found.append(Remark("warn", "group_off", "Nobody to send to.", _nobody(results)))
    return found


_LIVE = frozenset({Status.SCHEDULED, Status.RUNNING, Status.PAUSED})


def _to_be_said(hold: LineHold, status: Status) -> bool:
    """A banner tells of a blocked line; a cap that is used up today concerns what is sent today."""
    if hold.until is None:
        return False
    return status is Status.RUNNING if hold.used_up else status in _LIVE


def _missed(positions: list[int]) -> str:
    if len(positions) == 1:
        return f"Message {positions[0]} was missed."
    return f"Messages {', '.join(map(str, positions[:-1]))} and {positions[-1]} were missed."


def _paused(results: Results) -> str:
    reason = f"{results.pause_reason.rstrip('.')}. " if results.pause_reason else ""
    waiting = sum(message.tally.get(State.QUEUED, 0) for message in results.messages)
    rest = f"{plural(waiting, 'delivery is', 'deliveries are')} waiting. " if waiting else ""
    return f"{reason}{rest}Nothing is sent until somebody resumes the campaign."


def _stopped(results: Results) -> str:
    if results.standing.restarting:
        return "Its schedule is being rebuilt. Nothing is sent until it is scheduled again."
    canceled = sum(message.tally.get(State.CANCELED, 0) for message in results.messages)
    going = sum(message.tally.get(state, 0) for message in results.messages for state in OPEN)
    text = "Schedules that were left are canceled."
    if canceled:
        text = f"{plural(canceled, 'delivery was', 'deliveries were')} canceled before being sent."
    return f"{text} {number(going)} more are being canceled." if going else text


def _nobody(results: Results) -> str:
    if results.left_out:
        everyone = sum(results.left_out.values())
        return f"All {plural(everyone, 'person', 'people')} of {results.list_name} were left out."
    return f"{results.list_name} was empty when the campaign began."
