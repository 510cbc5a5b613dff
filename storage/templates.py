"""Texts kept by name for messages to come; they belong to the workspace."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from domain import access, names, segments
from domain.access import Actor, Permission
from domain.names import MAX_CHARACTERS
from domain.problems import Conflict, NotFound, Problem
from domain.texts import storable
from storage import audit
from storage.database import Database
from storage.tables import TextTemplate

SHOWN = 100
"""So many are found at once; whoever has more searches."""


class TemplateNameMissing(Problem):
    """Enter a name for the template."""


class TemplateNameTooLong(Problem):
    """The template's name may have at most 120 characters. Shorten it."""


class TemplateNameTaken(Conflict):
    """Another template already has this name. Choose a different one."""


class TemplateEmpty(Problem):
    """Write the message's text first: a template keeps a text."""


class TemplateNotFound(NotFound):
    """This template does not exist. It may have been deleted."""


def save(db: Database, actor: Actor, name: str, text: str, now: datetime) -> int:
    """Keep a text. Raises `TemplateNameMissing`, `…TooLong`, `…Taken`, `TemplateEmpty`, `TextTooLong`."""
    access.check(actor, Permission.EDIT)
    kept = storable(text)
    if not kept.strip():
        raise TemplateEmpty
    segments.check_text(kept)
    wanted = _clean(name)
    with db.write() as session:
        made = TextTemplate(
            name=wanted,
            name_key=names.key(wanted),
            found_by=names.key(f"{wanted} {kept}"),
            text=kept,
            saved_by=actor.name,
            saved_at=now,
        )
        return _insert(session, actor, made, "create", now)


def find(db: Database, words: str = "") -> Sequence[TextTemplate]:
    """The templates in whose name or text all of these words are, by name."""
    query = select(TextTemplate).order_by(col(TextTemplate.name_key)).limit(SHOWN)
    for word in names.key(storable(words)).split():
        query = query.where(col(TextTemplate.found_by).contains(word, autoescape=True))
    with db.read() as session:
        return list(session.scalars(query))


def remove(db: Database, actor: Actor, template_id: int, now: datetime) -> TextTemplate:
    """Delete a template and give it back as `put_back` needs it; messages made from it keep their text."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        row = session.get(TextTemplate, template_id)
        if row is None:
            raise TemplateNotFound
        removed = TextTemplate(**row.model_dump())
        session.execute(delete(TextTemplate).where(col(TextTemplate.id) == template_id))
        before = {"name": removed.name, "text": removed.text}
        audit.record(session, actor, now, "delete", "template", template_id, before=before)
        return removed


def put_back(db: Database, actor: Actor, removed: TextTemplate, now: datetime) -> int:
    """Undo a deletion; raises `TemplateNameTaken` when the name was given to another one since."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        made = TextTemplate(**removed.model_dump(exclude={"id"}))
        return _insert(session, actor, made, "put back", now)


def _insert(session: Session, actor: Actor, made: TextTemplate, action: str, now: datetime) -> int:
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise TemplateNameTaken from None
    after = {"name": made.name, "text": made.text}
    audit.record(session, actor, now, action, "template", made.id or 0, after=after)
    return made.id or 0


def _clean(raw: str) -> str:
    name = names.tidy(storable(raw))
    if not names.key(name):
        raise TemplateNameMissing
    if len(name) > MAX_CHARACTERS:
        raise TemplateNameTooLong
    return name
