"""The dialog "Review campaign": who would get what, when and for how much, before anything is scheduled."""

from decimal import Decimal

from nicegui import ui

from domain.audience import LeftOut
from storage.review import MessagePlan, Review
from ui import formats, notices
from ui.formats import number, plural
from ui.tags import Tag, icon

CONFIRM = "Confirm and schedule"


async def ask(review: Review, name: str, list_name: str) -> bool:
    """Show the review; True when it is confirmed."""
    with ui.dialog() as dialog, ui.card().classes("review"):
        with Tag("div", classes="review-head"):
            heading = Tag("h2", "Review campaign")
            Tag("p", name, classes="muted review-name")
        with Tag("div", classes="review-body", tabindex=0, role="group", aria_label="What will be sent"):
            _warnings(review)
            _audience(review, list_name)
            _messages(review)
        with Tag("div", classes="review-foot"):
            with Tag("p", classes="review-total"):
                Tag("span", "Total cost", classes="muted")
                Tag("strong", cost(review.cost_micros))
            ui.button("Back to messages", on_click=lambda: dialog.submit(False)).props("outline")
            ui.button(CONFIRM, on_click=lambda: dialog.submit(True)).props("autofocus")
    dialog.props["aria-labelledby"] = heading.html_id
    answer = await dialog
    notices.remove(dialog)
    return bool(answer)


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


def _audience(review: Review, list_name: str) -> None:
    who = review.audience
    Tag("h3", "Audience")
    with Tag("dl", classes="review-audience"):
        _fact(f"Listed on {list_name}", number(who.listed))
        _fact("Invalid numbers", less(who.invalid))
        _fact("Opted out", less(who.opted_out))
        if who.no_consent:
            _fact(LeftOut.NO_CONSENT.words, less(who.no_consent))
        _fact("To send", number(who.to_send), strong=True)


def _fact(label: str, value: str, *, strong: bool = False) -> None:
    with Tag("div", classes="review-fact" + (" is-sum" if strong else "")):
        Tag("dt", label)
        Tag("dd", value)


def _messages(review: Review) -> None:
    Tag("h3", "Messages")
    with Tag("ul", classes="review-messages"):
        for plan in review.messages:
            with Tag("li", classes="review-message"):
                _message(plan, review.timezone)


def _message(plan: MessagePlan, zone: str) -> None:
    with Tag("div", classes="review-line"):
        Tag("span", f"Message {plan.position}", classes="strong grow")
        Tag("span", cost(plan.cost_micros), classes="strong")
    people = plural(plan.people, "person", "people")
    Tag("p", f"{plural(plan.segments, 'segment')} · {plan.encoding} · {people}", classes="muted")
    if plan.already:
        Tag("p", f"{plural(plan.already, 'person has', 'people have')} it already and won't get it again.")
    with Tag("p", classes="review-when"):
        Tag("span", f"Starts {formats.when(plan.starts_at, zone)}")
        Tag("span", f"Expected end {_end(plan, zone)}", classes="muted")


def _end(plan: MessagePlan, zone: str) -> str:
    same_day = formats.day(plan.starts_at, zone) == formats.day(plan.ends_at, zone)
    return formats.clock(plan.ends_at, zone) if same_day else formats.when(plan.ends_at, zone)
