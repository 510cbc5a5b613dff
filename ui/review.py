"""The dialog "Review campaign": who would get what, when and for how much, before anything is scheduled."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from nicegui import ui

from domain.preflight import Review
from domain.problems import Problem
from ui import notices, review_parts
from ui.formats import number
from ui.review_parts import cost
from ui.reviews import Progress
from ui.tags import Tag

CONFIRM = "Confirm and schedule"
Look = Callable[[], Awaitable[Review | Progress]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody decided: to schedule, or to replace a message's costly characters first."""

    confirmed: bool = False
    make_plain: int | None = None  # the message's id


async def ask(look: Look, name: str, list_name: str, writable: Collection[int]) -> Answer:
    """Show the review, or how far it is until it is there; raises what keeps the campaign from one.

    `writable` are the ids of messages whose text may be changed still.
    """
    asked = _Dialog(look, list_name, writable)
    asked.draw(name, await look())
    return await asked.answer()


class _Dialog:
    def __init__(self, look: Look, list_name: str, writable: Collection[int]) -> None:
        self._look, self._list_name, self._writable = look, list_name, writable
        self._problem: Problem | None = None

    def draw(self, name: str, found: Review | Progress) -> None:
        """Draw the frame, and inside what there is so far."""
        with ui.dialog() as self._dialog, ui.card().classes("review"):
            with Tag("div", classes="review-head"):
                heading = Tag("h2", "Review campaign")
                Tag("p", name, classes="muted review-name", dir="auto")
            body = Tag("div", classes="review-body", tabindex=0, role="group", aria_label="What will be sent")
            with Tag("div", classes="review-foot"):
                with Tag("p", classes="review-total"):
                    Tag("span", "Total cost", classes="muted")
                    self._total = Tag("strong")
                ui.button("Back to messages", on_click=lambda: self._dialog.submit(Answer())).props("outline")
                self._confirm = ui.button(CONFIRM, on_click=lambda: self._dialog.submit(Answer(True)))
                self._confirm.props("autofocus")
        self._dialog.props["aria-labelledby"] = heading.html_id
        self._body = body
        if isinstance(found, Review):
            self._show(found)
        else:
            self._wait(found)

    async def answer(self) -> Answer:
        """What was decided; whoever closes the dialog goes back to the messages."""
        answer = await self._dialog
        notices.remove(self._dialog)
        if self._problem is not None:
            raise self._problem
        return answer if isinstance(answer, Answer) else Answer()

    def _show(self, review: Review) -> None:
        self._body.clear()
        with self._body:
            review_parts.draw(review, self._list_name, self._writable, self._replace)
        self._total.text = cost(review.cost_micros)
        self._confirm.set_enabled(True)

    def _replace(self, message_id: int) -> None:
        self._dialog.submit(Answer(make_plain=message_id))

    def _wait(self, progress: Progress) -> None:
        self._confirm.set_enabled(False)
        self._total.text = "…"
        with self._body, Tag("div", classes="review-wait"):
            Tag("p", "Looking at everybody on the list: their hours, their own text and what it costs.")
            self._bar = Tag("progress", classes="import-progress", aria_label="Progress of the review")
            self._said = Tag("p", classes="muted", aria_live="polite")
            self._tell(progress)
            self._timer = ui.timer(0.1, self._look_again)

    def _tell(self, progress: Progress) -> None:
        self._bar.attributes(value=progress.done, max=max(1, progress.total))
        self._said.text = f"{number(progress.done)} of {number(progress.total)} people"

    async def _look_again(self) -> None:
        try:
            found = await self._look()
        except Problem as problem:
            self._problem = problem
            self._dialog.submit(None)
            return
        if self._body.is_deleted:
            return
        if isinstance(found, Review):
            self._timer.cancel()
            self._show(found)
        else:
            self._tell(found)
