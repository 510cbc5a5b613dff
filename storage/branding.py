"""The workspace's name and colour."""

from datetime import datetime

from domain.access import Actor
from domain.branding import Accent, Branding, tidy
from storage import choices
from storage.database import Database

NAME = "branding"


def of(db: Database) -> Branding:
    """What holds now."""
    with db.read() as session:
        kept = choices.chosen(session, NAME)
    return Branding(str(kept.get("name", "")), Accent(kept.get("accent", Accent.INDIGO)))


def choose(db: Database, actor: Actor, branding: Branding, now: datetime) -> None:
    """Give the workspace a name and a colour; raises `NameTooLong`."""
    kept = tidy(branding)
    choices.choose(db, actor, NAME, {"name": kept.name, "accent": kept.accent.value}, now)
