"""What every page is given: the database, the clock, the files, who is looking, and the feed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.access import Actor
from storage.attachments import Files
from storage.database import Database
from ui.live import Feed


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

    @property
    def imports(self) -> Path:
        """The folder of files that contacts are imported from."""
        return self.files.folder.parent / "imports"
