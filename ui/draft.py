"""One message being edited: what was typed, what is kept, and how changes from elsewhere come in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from domain.messages import ChangedElsewhere
from domain.problems import Problem, Unavailable
from storage.messages import Change

log = logging.getLogger(__name__)

Field = Literal[
    "text", "local_date", "local_time", "recipient_local", "expire_after_minutes", "shorten_links"
]
Values = dict[Field, Any]
FIELDS: tuple[Field, ...] = get_args(Field)

SECONDS = 0.4
"""How long after the last key a draft saves itself."""

SECONDS_TO_RETRY = 3.0
NOT_KEPT = "This could not be saved. What you typed is still here, and it is tried again in a moment."

_running: set[asyncio.Task[Any]] = set()


class Kept(Protocol):
    """A message as the database has it."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def local_date(self) -> str | None: ...  # noqa: D102
    @property
    def local_time(self) -> str | None: ...  # noqa: D102
    @property
    def recipient_local(self) -> bool: ...  # noqa: D102
    @property
    def expire_after_minutes(self) -> int: ...  # noqa: D102
    @property
    def shorten_links(self) -> bool: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Store:
    """How a message is saved and read again."""

    save: Callable[[Change, int], Awaitable[Kept]]
    read: Callable[[], Awaitable[Kept]]


class Draft:
    """Saves by itself soon after the last key, or only when told to (`by_itself` False).

    It belongs to no page: what was typed is saved even when the tab is closed right after. A change from
    elsewhere is taken over unless it concerns what was typed here; then `theirs` waits for a decision.
    """

    def __init__(self, store: Store, kept: Kept, *, by_itself: bool, show: Callable[[], None]) -> None:
        self.by_itself = by_itself
        self.typed: Values = values(kept)
        self.theirs: Kept | None = None
        self.problem: Problem | None = None
        self.saving = False
        self.version = kept.version
        self._store, self._show = store, show
        self._kept: Values = values(kept)
        self._sent: Values = values(kept)  # what was typed when it was last kept; kept may be tidied
        self._turn = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def unsaved(self) -> Values:
        """What was typed and is not kept yet."""
        return {name: value for name, value in self.typed.items() if value != self._sent[name]}

    def type(self, name: Field, value: Any) -> None:
        """Take what was typed."""
        if self.typed[name] == value:
            return
        self.typed[name] = value
        self.problem = None
        if self.by_itself and not self.theirs:
            self._save_after(SECONDS)
        self._show()

    def settle(self) -> None:
        """Show kept values as they were tidied ("9:30 pm" became "21:30"); for when a field is left."""
        for name in FIELDS:
            if name not in self.unsaved:
                self.typed[name] = self._sent[name] = self._kept[name]
        self._show()

    async def flush(self) -> bool:
        """Save now; True when nothing is left to save."""
        self._stop_timer()
        async with self._turn:
            while self.unsaved and self.theirs is None and await self._save():
                pass
        self._show()
        return not self.unsaved

    def meet(self, kept: Kept) -> None:
        """Take over what came from elsewhere, unless something typed here is still to be saved."""
        if kept.version > self.version and not self.unsaved and not self._turn.locked():
            self._adopt(kept)
            self._show()

    async def keep_mine(self) -> None:
        """Save what was typed over what came from elsewhere."""
        if self.theirs is not None:
            self._kept, self.version, self.theirs = values(self.theirs), self.theirs.version, None
            await self.flush()

    def take_theirs(self) -> None:
        """Give up what was typed for what came from elsewhere."""
        if self.theirs is not None:
            theirs, self.theirs = self.theirs, None
            self.typed = dict(self._sent)
            self._adopt(theirs)
            self._show()

    def discard(self) -> None:
        """Give up what was typed."""
        self._stop_timer()
        self.problem = self.theirs = None
        self.typed, self._sent = dict(self._kept), dict(self._kept)
        self._show()

    async def _save(self) -> bool:
        """One try; True when it is worth looking for more to save."""
        changed = dict(self.unsaved)
        self.saving = True
        self._show()
        try:
            kept = await self._store.save(Change(**changed), self.version)
        except ChangedElsewhere:
            return await self._changed_elsewhere(changed)
        except Exception as error:
            if isinstance(error, Problem) and not isinstance(error, Unavailable):
                self.problem = error
                return False
            log.exception("a message could not be saved; it is tried again")
            self.problem = Problem(NOT_KEPT)
            if self.by_itself:
                self._save_after(SECONDS_TO_RETRY)
            return False
        finally:
            self.saving = False
        self._sent.update(changed)
        self._kept, self.version, self.problem = values(kept), kept.version, None
        return True

    async def _changed_elsewhere(self, changed: Values) -> bool:
        try:
            theirs = await self._store.read()
        except Problem as problem:
            self.problem = problem
            return False
        if any(values(theirs)[name] != self._kept[name] for name in changed):
            self.theirs = theirs
            return False
        self._adopt(theirs)
        return True

    def _adopt(self, kept: Kept) -> None:
        unsaved = self.unsaved
        self._kept, self.version = values(kept), kept.version
        for name in FIELDS:
            if name not in unsaved:
                self.typed[name] = self._sent[name] = self._kept[name]

    def _save_after(self, seconds: float) -> None:
        self._stop_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, lambda: start(self.flush()))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def values(kept: Kept) -> Values:
    """The fields of a message; an empty date or time is ""."""
    return {
        "text": kept.text,
        "local_date": kept.local_date or "",
        "local_time": kept.local_time or "",
        "recipient_local": kept.recipient_local,
        "expire_after_minutes": kept.expire_after_minutes,
        "shorten_links": kept.shorten_links,
    }


def start(work: Any) -> None:
    """Run something that must end even if the page that began it is gone."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
