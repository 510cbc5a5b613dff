"""The people, lines and lists that a campaign is made of, and what somebody typed but did not save."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, true
from sqlmodel import col

from domain.access import Actor, Role
from domain.problems import NotAllowed
from storage.database import Database
from storage.line_access import usable
from storage.tables import Campaign, ContactList, FormDraft, Line, User


class NobodySignedIn(NotAllowed):
    """There is no demo owner in this database, so nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: what is stored, what is read, and a fact beside it."""

    id: int
    label: str
    note: str = ""
    fills_itself: bool = False  # a list that nobody is put on


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the details form offers."""

    lines: tuple[Choice, ...]
    lists: tuple[Choice, ...]
    owners: tuple[Choice, ...]

    @property
    def lists_of_people(self) -> tuple[Choice, ...]:
        """Those that somebody can be put on."""
        return tuple(item for item in self.lists if not item.fills_itself)


def choices(db: Database, actor: Actor | None = None) -> Choices:
    """Lines with their numbers, lists with their sizes, and the team; only lines that the actor may use."""
    may_use = usable(actor) if actor else true()
    with db.read() as session:
        lines = session.scalars(select(Line).where(may_use).order_by(col(Line.label))).all()
        lists = session.scalars(select(ContactList).order_by(col(ContactList.name))).all()
        owners = session.scalars(select(User).where(col(User.active)).order_by(col(User.name))).all()
    return Choices(
        tuple(Choice(line.id or 0, line.label, line.number) for line in lines),
        tuple(Choice(item.id or 0, item.name, str(item.size), item.filter is not None) for item in lists),
        tuple(Choice(user.id or 0, user.name, user.email) for user in owners),
    )


def begun_campaigns(db: Database, most: int = 200) -> tuple[Choice, ...]:
    """The campaigns that have an audience, the latest first."""
    query = (
        select(col(Campaign.id), col(Campaign.name))
        .where(col(Campaign.started_at).is_not(None))
        .order_by(col(Campaign.started_at).desc(), col(Campaign.id).desc())
        .limit(most)
    )
    with db.read() as session:
        return tuple(Choice(campaign_id or 0, name) for campaign_id, name in session.execute(query))


def has_campaigns(db: Database) -> bool:
    """Whether there is any campaign at all, archived ones too."""
    with db.read() as session:
        return session.scalar(select(col(Campaign.id)).limit(1)) is not None


def actor(db: Database, email: str, address: str = "") -> Actor:
    """The person with that e-mail address as somebody who acts; raises `NobodySignedIn`."""
    with db.read() as session:
        user = session.scalars(
            select(User).where(col(User.email) == email, col(User.active), ~col(User.machine))
        ).one_or_none()
    if user is None:
        raise NobodySignedIn
    return Actor(user.id or 0, user.name, Role(user.role), address)


def keep_form(db: Database, actor: Actor, form: str, body: Mapping[str, Any], now: datetime) -> None:
    """Remember what somebody has typed into an unsaved form."""
    with db.write() as session:
        draft = session.get(FormDraft, (actor.user_id, form))
        if draft is None:
            draft = FormDraft(user_id=actor.user_id, form=form, updated_at=now)
        draft.body, draft.updated_at = dict(body), now
        session.add(draft)


def kept_form(db: Database, actor: Actor, form: str) -> dict[str, Any]:
    """What somebody had typed into the form, or nothing."""
    with db.read() as session:
        draft = session.get(FormDraft, (actor.user_id, form))
        return dict(draft.body) if draft else {}


def drop_form(db: Database, actor: Actor, form: str) -> None:
    """Forget what somebody had typed."""
    with db.write() as session:
        if draft := session.get(FormDraft, (actor.user_id, form)):
            session.delete(draft)
