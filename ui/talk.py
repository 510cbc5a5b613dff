"""A conversation: what was sent to a person and what they wrote back, by time."""

from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.deliveries import LABELS, LEFT_US
from storage.contact_cards import Card
from ui.formats import when
from ui.tags import Tag

KINDS = {"stop": "Opt-out", "start": "Opt-in", "help": "Help"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One text; `note` says what became of it, or what it was taken for."""

    at: datetime
    text: str
    note: str
    ours: bool


def turns(card: Card) -> list[Turn]:
    """Both sides, the oldest first."""
    ours = [
        Turn(sent.at, sent.text, f"{sent.campaign} · {LABELS[sent.state]}", ours=True)
        for sent in card.sent
        if sent.state in LEFT_US
    ]
    theirs = [Turn(got.at, got.text, KINDS.get(got.kind, ""), ours=False) for got in card.received]
    answers = [
        Turn(
            said.at,
            said.text,
            f"{said.author or 'Answered by itself'} · {LABELS[said.state]}",
            ours=True,
        )
        for said in card.answered
    ]
    return sorted([*ours, *answers, *theirs], key=lambda turn: turn.at)


def talk(card: Card, zone: str, now: datetime) -> None:
    """Draw it."""
    found = turns(card)
    with Tag("section", classes="panel") as section:
        heading = Tag("h2", "Conversation", classes="panel-heading")
        if not found:
            Tag("p", "Nothing was said yet.", classes="muted panel-note")
        else:
            with Tag("ol", classes="talk", tabindex=0, aria_label="Conversation") as said:
                for turn in found:
                    _draw(turn, card, zone, now)
            # The latest words are what somebody comes for.
            ui.run_javascript(f"(e => e && (e.scrollTop = e.scrollHeight))(getHtmlElement({said.id}))")
    section.attributes(aria_labelledby=heading.html_id)


def _draw(turn: Turn, card: Card, zone: str, now: datetime) -> None:
    who = "You" if turn.ours else (card.first_name or "They")
    with Tag("li", classes="turn turn-ours" if turn.ours else "turn"):
        Tag("span", f"{who} wrote:", classes="sr-only")
        Tag("p", turn.text or "Attachment", classes="bubble", dir="auto")
        words = " · ".join(filter(None, (when(turn.at, zone, now), turn.note)))
        Tag("p", words, classes="turn-note")
