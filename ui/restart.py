"""Before a restarted campaign is scheduled again: who already has which message, and who would get it."""

from domain.deliveries import State
from domain.tallies import Tally
from storage.results import MessageResult, Results
from ui.bar import Bar
from ui.formats import number, plural
from ui.tags import Tag

HAVE_IT = (State.DELIVERED, State.SENT, State.NO_RECEIPT, State.SENDING)
WOULD_GET_IT = (State.CANCELED, State.QUEUED)


def who_has_what(found: Results) -> None:
    """One line a message, with its bar."""
    with Tag("section", classes="panel who") as section:
        heading = Tag("h2", "Who already has which message")
        Tag("p", "Nobody gets the same message twice.", classes="muted")
        with Tag("ol", classes="who-list"):
            for message in found.messages:
                _line(message, found)
    section.attributes(aria_labelledby=heading.html_id)


def _line(message: MessageResult, found: Results) -> None:
    with Tag("li", classes="who-line"):
        with Tag("div", classes="who-words"):
            Tag("h3", f"Message {message.position}")
            Tag("p", in_words(message, found), classes="muted")
        if message.tally:
            Bar(message.tally, name=f"Message {message.position}")


def in_words(message: MessageResult, found: Results) -> str:
    """Such as "462 already have it. 720 would get it now. 18 won't: failed or skipped"."""
    tally = Tally(message.tally)
    if not tally.total:
        people = plural(found.audience or found.listed, "person", "people")
        return f"Nobody has it yet. It would go to {people}."
    have = sum(tally[state] for state in HAVE_IT)
    would = sum(tally[state] for state in WOULD_GET_IT)
    rest = tally.total - have - would
    words = [f"{number(have)} already have it.", f"{number(would)} would get it now."]
    if rest:
        words.append(f"{number(rest)} are not tried again.")
    return " ".join(words)
