"""The reviews that were asked for: computed off the event loop, kept while nothing they depend on changes."""

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from weakref import WeakKeyDictionary

from domain.preflight import Review
from storage import review
from storage.database import Database
from storage.review_apart import review_apart

PATIENCE = 1.0
"""Seconds that a caller waits for a review before it hears how far it is: most are done by then."""

KEPT = 100
"""Reviews kept; the ones that were looked at last."""

LONG = 2.0
"""Seconds after which a review counts as long. By the time it is done somebody may have opted out: it is
still shown for as long as it took, or a busy workspace would never see one."""

MANY = 20_000
"""A review of more people gets a process of its own; for fewer, starting one would take longer."""

FORGOTTEN = 30.0
"""Seconds after which a review is given up when nobody asked how far it is: the page is gone."""

Mark = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is that is being computed."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class _Kept:
    review: Review
    mark: Mark
    took: float
    at: float

    def holds(self, mark: Mark) -> bool:
        """Whether it may still be shown."""
        if mark == self.mark:
            return True
        recent = self.took >= LONG and monotonic() - self.at <= self.took
        return recent and mark[0] == self.mark[0]


class _Work:
    """One review on its way."""

    def __init__(self, plan: str, total: int) -> None:
        self.plan, self.total, self.done = plan, total, 0
        self.ended = threading.Event()
        self.asked_at = monotonic()
        self.task: asyncio.Task[Review]

    def is_unwanted(self) -> bool:
        """Whether the thread may stop: a thread can't be canceled."""
        return self.ended.is_set() or monotonic() - self.asked_at > FORGOTTEN

    def was_given_up(self) -> bool:
        """Whether it ended without a review, as nobody asked or something else was asked for."""
        return self.task.cancelled() or isinstance(self.task.exception(), review.Stopped)

    def tell(self, done: int) -> None:
        """Called by the thread after each chunk of people."""
        self.done = done


class _Shelf:
    """What belongs to one database."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, _Kept] = OrderedDict()
        self.work: dict[int, _Work] = {}
        self.turn = asyncio.Semaphore(2)

    def keep(self, campaign_id: int, kept: _Kept) -> None:
        """Keep a review; the one that nobody has looked at for longest makes room."""
        self.kept[campaign_id] = kept
        self.kept.move_to_end(campaign_id)
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)


_shelves: WeakKeyDictionary[Database, _Shelf] = WeakKeyDictionary()


async def look(
    db: Database, campaign_id: int, now: datetime, patience: float | None = None
) -> Review | Progress:
    """The review as things stand, or how far it is; raises what keeps the campaign from being scheduled."""
    await db.run(review.check, campaign_id, now)
    mark = await db.run(review.fingerprint, campaign_id)
    total = await db.run(review.size, campaign_id)
    shelf = _shelves.setdefault(db, _Shelf())
    kept = shelf.kept.get(campaign_id)
    if kept is not None and kept.holds(mark):
        shelf.kept.move_to_end(campaign_id)
        return kept.review
    work = shelf.work.get(campaign_id)
    if work is None or work.plan != mark[0]:
        if work is not None:
            work.task.cancel()
        work = shelf.work[campaign_id] = _Work(mark[0], total)
        work.task = asyncio.create_task(_compute(db, shelf, campaign_id, mark, work, now), name="review")
        work.task.add_done_callback(lambda _task: work.was_given_up())  # somebody must have looked
    work.asked_at = monotonic()
    await asyncio.wait({work.task}, timeout=PATIENCE if patience is None else patience)
    if work.task.done() and not work.was_given_up():
        return work.task.result()
    return Progress(work.done, work.total)


def under_way(db: Database) -> list[Progress]:
    """How far the reviews are that are being computed now."""
    shelf = _shelves.get(db)
    return [Progress(work.done, work.total) for work in shelf.work.values()] if shelf else []


async def _compute(
    db: Database, shelf: _Shelf, campaign_id: int, mark: Mark, work: _Work, now: datetime
) -> Review:
    how = review_apart if work.total > MANY else review.review
    verb = partial(how, db, campaign_id, now, work.tell, work.is_unwanted)
    try:
        async with shelf.turn:
            began = monotonic()
            made = await asyncio.to_thread(verb)
        shelf.keep(campaign_id, _Kept(made, mark, monotonic() - began, monotonic()))
        return made
    finally:
        work.ended.set()
        if shelf.work.get(campaign_id) is work:
            del shelf.work[campaign_id]
