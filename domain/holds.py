"""The hold: a database that was copied or restored sends nothing until a person has released it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """Why everything is held."""

    COPIED = "copied"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Hold:
    """All sending is held since that instant."""

    cause: Cause
    since: datetime

    @property
    def why(self) -> str:
        """What happened and what to make sure of before sending is released, as a person reads it."""
        return _WHY[self.cause]


_WHY = {
    Cause.COPIED: (
        "This database is a copy. Make sure that nothing sends from the old one any more, "
        "or people get the same text twice."
    ),
    Cause.RESTORED: (
        "This database comes from a backup and does not know what was sent after it was made. "
        "Stop the campaigns that went on since then, or people get the same text twice."
    ),
}
