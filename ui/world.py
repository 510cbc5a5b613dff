"""What every page is given: the database, the clock, the files, who is looking, and the feed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.access import Actor, Permission, allows
from domain.connections import Checked, unchecked
from storage.attachments import Files
from storage.database import Database
from ui.live import Feed


@dataclass(frozen=True, slots=True)
class Carriers:
    """What the sender knows about carriers; handed down, because pages and API may not look there."""

    kinds: Sequence[str]
    check: Callable[[str, Mapping[str, str]], object]  # raises a Problem for a bad kind or setting
    webhook: Callable[[str, str, str], str]  # kind, token, "status" or "inbound" → address
    test: Callable[[str, Mapping[str, str]], Awaitable[Checked]]  # kind and settings, asked at the carrier


async def no_test(kind: str, _settings: Mapping[str, str]) -> Checked:
    """For where nobody can be asked."""
    return unchecked(kind)


NO_CARRIERS = Carriers((), lambda *_: None, lambda *parts: "/".join(parts), no_test)


@dataclass(frozen=True, slots=True)
class World:
    """Handed down from main; pages keep no state of their own beside it."""

    db: Database
    clock: Callable[[], datetime]
    files: Files
    actor: Callable[[], Actor]
    feed: Feed
    secret: str
    demo: bool = False
    carriers: Carriers = NO_CARRIERS
    public_url: str = ""

    @property
    def edits(self) -> bool:
        """Whether who is looking may work here; who may not is shown no control for it."""
        return allows(self.actor(), Permission.EDIT)

    @property
    def administers(self) -> bool:
        """Whether who is looking may change the workspace itself."""
        return allows(self.actor(), Permission.ADMINISTER)

    @property
    def imports(self) -> Path:
        """The folder of files that contacts are imported from."""
        return self.files.folder.parent / "imports"
