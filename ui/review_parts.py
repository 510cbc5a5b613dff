"""What the review says: warnings, the audience, and each message with its segments, cost and times."""

from collections.abc import Callable, Collection
from decimal import Decimal

from nicegui import ui

from domain.audience import LeftOut
from domain.preflight import Audience, MessagePlan, Review
from domain.segments import Encoding, make_plain
from ui import forecast_chart, formats
from ui.formats import number, percent, plural
from ui.tags import Tag, icon

CAPPED = "Left out: will have had enough texts by then"


def draw(review: Review, list_name: str, writable: Collection[int], replace: Callable[[int], object]) -> None:
    """Draw all of it; `replace` is called with the id of a writable message whose costly characters are
    to go.
    """
    _warnings(review)
    _audience(review.audience, list_name)
    Tag("h3", "Messages")
    with Tag("ul", classes="review-messages"):
        for plan in review.messages:
            with Tag("li", classes="review-message"):
                _message(plan, review.timezone)
                if plan.costly:
                    _costly(plan, replace if plan.id in writable else None)
                forecast_chart.draw(plan.slots, review.timezone, f"When message {plan.position} goes out")


def cost(micros: int) -> str:
    """Millionths of a dollar as an amount."""
    return formats.money(Decimal(micros) / 1_000_000)


def less(count: int) -> str:
    """What is taken off a sum."""
    return f"− {number(count)}" if count else "0"


def _warnings(review: Review) -> None:
    if not review.warnings:
        return
    with Tag("ul", classes="review-warnings", aria_label="Warnings"):
        for text in review.warnings:
            with Tag("li"):
                icon("warning")
                Tag("span", text)


def _audience(who: Audience, list_name: str) -> None:
    Tag("h3", "Audience")
    with Tag("dl", classes="review-audience"):
        _fact(f"Listed on {list_name}", number(who.listed))
        _fact("Duplicates", less(who.duplicates))
        _fact("Invalid numbers", less(who.invalid))
        _fact("Opted out", less(who.opted_out))
        if who.no_consent:
            _fact(LeftOut.NO_CONSENT.words, less(who.no_consent))
        _fact("To send", number(who.to_send), strong=True)


def _fact(label: str, value: str, *, strong: bool = False) -> None:
    with Tag("div", classes="review-fact" + (" is-sum" if strong else "")):
        Tag("dt", label)
        Tag("dd", value)


def _message(plan: MessagePlan, zone: str) -> None:
    with Tag("div", classes="review-line"):
        Tag("span", f"Message {plan.position}", classes="strong grow")
        Tag("span", cost(plan.cost_micros), classes="strong")
    people = plural(plan.people, "person", "people")
    Tag("p", f"{_segments(plan)} · {plan.encoding} · {people}", classes="muted")
    if len(plan.segments) > 1:
        _distribution(plan)
    if plan.already:
        Tag("p", f"{plural(plan.already, 'person has', 'people have')} it already and won't get it again.")
    with Tag("p", classes="review-when"):
        Tag("span", f"Starts {formats.when(plan.starts_at, zone)}")
        Tag("span", f"Expected end {_end(plan, zone)}", classes="muted")
    _apart(plan)


def _apart(plan: MessagePlan) -> None:
    """Whose turn is not like everybody's, and why; nothing where there is nobody."""
    counts = {
        "Held by quiet hours for a while": plan.held,
        CAPPED: plan.capped,
        "Left out: the message expires before their turn": plan.expiring,
    }
    if not any(counts.values()):
        return
    with Tag("ul", classes="review-spread", aria_label=f"Held or left out of message {plan.position}"):
        for words, count in counts.items():
            if count:
                with Tag("li"):
                    Tag("span", words, classes="grow")
                    about = "about " if plan.about and words == CAPPED else ""
                    Tag("span", f"{about}{plural(count, 'person', 'people')}", classes="num")


def _segments(plan: MessagePlan) -> str:
    found = sorted(plan.segments) or [1]
    if len(found) == 1:
        return plural(found[0], "segment")
    return f"{found[0]} to {plural(found[-1], 'segment')}"


def _distribution(plan: MessagePlan) -> None:
    """How many people's own text has how many segments: merge fields make them differ."""
    with Tag("ul", classes="review-spread", aria_label=f"Segments of message {plan.position}"):
        for segments, people in plan.segments.items():
            with Tag("li"):
                Tag("span", plural(segments, "segment"), classes="grow")
                Tag("span", plural(people, "person", "people"), classes="num")
                Tag("span", percent(people, plan.people), classes="muted num")


def _costly(plan: MessagePlan, replace: Callable[[int], object] | None) -> None:
    names = ", ".join(f"{one.character} ({one.name})" for one in plan.costly[:4])
    more = f" and {len(plan.costly) - 4} more" if len(plan.costly) > 4 else ""
    with Tag("div", classes="review-costly"):
        Tag("p", f"Sent as {Encoding.UCS2} because of {names}{more}.", classes="grow")
        if replace is not None and make_plain(plan.text) != plan.text:
            ui.button("Replace", on_click=lambda: replace(plan.id)).props("outline dense").tooltip(
                "Put look-alikes in their place that cost nothing extra"
            )


def _end(plan: MessagePlan, zone: str) -> str:
    same_day = formats.day(plan.starts_at, zone) == formats.day(plan.ends_at, zone)
    return formats.clock(plan.ends_at, zone) if same_day else formats.when(plan.ends_at, zone)
