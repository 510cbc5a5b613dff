"""The pre-flight review: what is to be known before a campaign is scheduled, and what to warn of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain import reach
from domain.forecast import Slot
from domain.segments import CostlyCharacter, Encoding
from domain.tallies import number


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is on the list: everybody is in one of the other counts, and in one only."""

    listed: int
    invalid: int
    opted_out: int
    no_consent: int  # without a recorded opt-in, where the workspace requires one
    to_send: int
    duplicates: int = 0  # a list holds a number once, so there are none


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """One message as it would go out."""

    id: int
    position: int
    text: str
    people: int  # who would get it
    already: int  # who has it from before a stop
    encodings: Mapping[Encoding, int]  # people by the alphabet of their own text
    segments: Mapping[int, int]  # people by the segments of their own text
    costly: tuple[CostlyCharacter, ...]  # of the text as it was written
    missing: Mapping[str, int]  # people without a word, by merge field that has no fallback
    unknown: tuple[str, ...]  # merge fields that nobody has
    capped: int  # people who are skipped, as they will have had enough texts by then
    cost_micros: int  # millionths of a dollar
    starts_at: datetime
    ends_at: datetime
    held: int  # people whose quiet hours hold them back
    expiring: int  # people whose turn comes too late: the message expires before
    slots: tuple[Slot, ...]  # how many go out when
    about: bool = False  # whether `capped` is an estimate: earlier texts were told apart by the minute only

    @property
    def encoding(self) -> Encoding:
        """The alphabet of most people's texts."""
        return max(Encoding, key=lambda one: self.encodings.get(one, 0))

    @property
    def total_segments(self) -> int:
        """Of all people together."""
        return sum(segments * people for segments, people in self.segments.items())


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the review needs to know of the line."""

    rate: float | None
    daily_cap: int | None
    blocked_reason: str | None
    broken: tuple[str, ...] = ()  # what doesn't work, as nobody reaches this program from outside
    shared_with: tuple[str, ...] = ()  # other campaigns that send on it at the same time


@dataclass(frozen=True, slots=True)
class Review:
    """All that is shown before a campaign is scheduled."""

    audience: Audience
    messages: tuple[MessagePlan, ...]
    timezone: str
    line: LineFacts

    @property
    def cost_micros(self) -> int:
        """Of all messages together."""
        return sum(message.cost_micros for message in self.messages)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should look at again, in sentences; the worst first."""
        return tuple(_of_the_whole(self)) + tuple(
            warning for plan in self.messages for warning in _of_a_message(plan, len(self.messages))
        )


def says_how_to_opt_out(text: str) -> bool:
    """Whether a text tells people how to get no more of them."""
    return _OPT_OUT.search(text) is not None


def shortened_links(text: str) -> list[str]:
    """The public link shorteners in a text: carriers filter such texts, as spam hides behind them."""
    return sorted({found[1].lower() for found in _LINK.finditer(text) if found[1].lower() in SHORTENERS})


def _of_the_whole(review: Review) -> Iterator[str]:
    if not review.audience.to_send:
        yield "Nobody on this list can be sent to."
    if review.line.blocked_reason:
        yield f"The line is blocked: {review.line.blocked_reason}"
    if unreached := reach.warning(review.line.broken):
        yield unreached
    texts = [plan.text for plan in review.messages if plan.text.strip()]
    if texts and not says_how_to_opt_out(texts[0]):
        yield 'The first message does not say how to opt out. Add "Reply STOP to opt out".'
    for name in review.line.shared_with:
        yield f"“{name}” sends on this line at the same time: both take longer than is shown here."
    needed, cap = sum(plan.total_segments for plan in review.messages), review.line.daily_cap
    if cap and needed > cap:
        yield (
            f"The line may send {number(cap)} segments a day and this needs {number(needed)}: "
            "the rest waits for the next day."
        )


def _of_a_message(plan: MessagePlan, messages: int) -> Iterator[str]:
    who = f"Message {plan.position}: " if messages > 1 else ""
    for field in plan.unknown:
        yield f"{who}{{{field}}} is a field that nobody on the list has."
    for field, people in sorted(plan.missing.items()):
        if field not in plan.unknown:
            yield (
                f"{who}{_people(people)} no {field}, and {{{field}}} has no fallback: "
                f"nothing is written there. Write {{{field}|something}}."
            )
    for host in shortened_links(plan.text):
        yield f"{who}Carriers filter texts with links of {host}. Use a link of your own domain."
    if len(plan.encodings) > 1:
        switched = _count(plan.encodings[Encoding.UCS2])
        yield f"{who}Their own words turn the texts of {switched} to UCS-2, which costs more segments."
    if plan.held:
        yield f"{who}Quiet hours hold {_count(plan.held)} of {number(plan.people)} until their hours begin."
    if plan.capped:
        about = "About " if plan.about else ""
        yield (
            f"{who}{about}{_count(plan.capped)} won't get it, as they will have had as many texts by then "
            "as your workspace allows."
        )
    if plan.expiring:
        yield (
            f"{who}{_count(plan.expiring)} won't get it: the message expires before their turn comes. "
            "Choose an earlier time, or a line that sends faster."
        )


def _people(count: int) -> str:
    return f"{number(count)} {'person has' if count == 1 else 'people have'}"


def _count(count: int) -> str:
    return f"{number(count)} {'person' if count == 1 else 'people'}"


_OPT_OUT = re.compile(
    r"\bSTOP\b|\b(?i:(?:reply|text|txt|send|answer) ['\"“]?stop|stop (?:to|2)|unsubscribe|opt[ -]?out)\b"
)
_LINK = re.compile(
    r"(?<![\w.@/-])(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w@-])", re.IGNORECASE
)
SHORTENERS = frozenset(
    {
        *("bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly"),
        *("rb.gy", "shorturl.at", "tiny.cc", "bl.ink", "t.ly", "v.gd", "lnkd.in", "short.io", "soo.gd"),
    }
)
"""Shorteners that anybody may use."""
