"""The team: its members and who is invited, their roles, and one's own password."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access
from domain import passwords as rules
from domain import team as team_rules
from domain.access import Actor, Permission, Role
from domain.links import LinkWorthless, Purpose
from domain.problems import Problem
from domain.team import AlreadyInTeam, MemberNotFound
from storage import audit, one_time_links, passwords, sessions, throttling
from storage.database import Database
from storage.tables import BrowserSession, Login, OneTimeLink, User


class PasswordWrong(Problem):
    """This is not your password."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team, as the list shows them."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    can_sign_in: bool
    two_step: bool
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was asked to join and has not yet."""

    id: int
    email: str
    role: Role
    made_by: str
    expires_at: datetime


def members(db: Database, actor: Actor) -> list[Member]:
    """Everybody, by name; who can't sign in any more comes last."""
    access.check(actor, Permission.ADMINISTER)
    seen = (
        select(func.max(col(BrowserSession.seen_at)))
        .where(col(BrowserSession.user_id) == col(User.id))
        .correlate(User)
        .scalar_subquery()
    )
    query = (
        select(User, col(Login.user_id), col(Login.totp_on), seen)
        .outerjoin(Login, col(Login.user_id) == col(User.id))
        .where(~col(User.machine))
        .order_by(col(User.active).desc(), func.lower(col(User.name)), col(User.id))
    )
    with db.read() as session:
        return [
            Member(
                user.id or 0,
                user.name,
                user.email,
                Role(user.role),
                user.active,
                login is not None,
                bool(two_step),
                seen_at,
            )
            for user, login, two_step, seen_at in session.execute(query)
        ]


def invitations(db: Database, actor: Actor, now: datetime) -> list[Invitation]:
    """Who may still join, the newest first."""
    access.check(actor, Permission.ADMINISTER)
    query = (
        select(OneTimeLink)
        .where(col(OneTimeLink.purpose) == Purpose.INVITE.value, col(OneTimeLink.expires_at) > now)
        .order_by(col(OneTimeLink.id).desc())
    )
    with db.read() as session:
        return [
            Invitation(link.id or 0, link.email, Role(link.role), link.made_by, link.expires_at)
            for link in session.scalars(query)
        ]


def invite(db: Database, actor: Actor, email: str, role: Role, now: datetime) -> str:
    """Ask somebody to join; returns the link's token. An earlier invitation of theirs is worthless then."""
    access.check(actor, Permission.ADMINISTER)
    address = team_rules.email(email)
    with db.write() as session:
        if session.scalar(select(col(User.id)).where(col(User.email) == address)) is not None:
            raise AlreadyInTeam
        after = {"email": address, "role": role.value}
        audit.record(session, actor, now, "invite", "user", 0, after=after)
        return one_time_links.make(session, Purpose.INVITE, now, actor.name, email=address, role=role)


def withdraw(db: Database, actor: Actor, invitation_id: int, now: datetime) -> None:
    """Take an invitation back; raises `LinkWorthless` where there is none any more."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        link = session.get(OneTimeLink, invitation_id, with_for_update=True)
        if link is None or link.purpose != Purpose.INVITE.value:
            raise LinkWorthless
        session.delete(link)
        before = {"email": link.email, "role": link.role}
        audit.record(session, actor, now, "withdraw invitation", "user", 0, before=before)


def change_role(db: Database, actor: Actor, user_id: int, role: Role, now: datetime) -> None:
    """Give a member another role; raises `MemberNotFound` and `LastAdministrator`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        user = _member(session, user_id, leaving=role is not Role.ADMIN)
        _change(session, actor, user, {"role": role.value}, "change role", now)


def deactivate(db: Database, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a member in no more, from now on; raises `MemberNotFound` and `LastAdministrator`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        user = _member(session, user_id, leaving=True)
        sessions.end_all(session, user_id)
        _change(session, actor, user, {"active": False}, "deactivate", now)


def activate(db: Database, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a member in again; raises `MemberNotFound`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        _change(session, actor, _member(session, user_id), {"active": True}, "activate", now)


def reset_link(db: Database, actor: Actor, user_id: int, now: datetime) -> str:
    """The token of a link with which the member chooses a new password; raises `MemberNotFound`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        user = _member(session, user_id)
        if not user.active:
            raise MemberNotFound
        audit.record(session, actor, now, "make reset link", "user", user_id)
        return one_time_links.make(session, Purpose.RESET, now, actor.name, user_id=user_id)


def sign_out_everywhere(db: Database, actor: Actor, user_id: int, now: datetime) -> int:
    """End every session of a member; returns how many those were."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        _member(session, user_id)
        ended = sessions.end_all(session, user_id)
        audit.record(session, actor, now, "sign out everywhere", "user", user_id, after={"sessions": ended})
        return ended


def change_password(db: Database, actor: Actor, old: str, new: str, now: datetime) -> None:
    """Choose a new password of one's own; every other browser is signed out.

    Raises `PasswordWrong`, `TooManyAttempts` and what is wrong with the new one.
    """
    access.check(actor, Permission.VIEW)
    by = throttling.keys(f"password of {actor.user_id}", actor.address)
    throttling.take(db, by, now)
    with db.read() as session:
        login = session.get(Login, actor.user_id)
        user = session.get(User, actor.user_id)
    if not passwords.matches(login.password_hash if login else None, old) or user is None or login is None:
        raise PasswordWrong
    rules.check(new, user.email, user.name)
    kept = passwords.hashed(new)
    with db.write() as session:
        now_kept = session.get(Login, actor.user_id, with_for_update=True)
        if now_kept is None or now_kept.password_hash != login.password_hash:
            raise PasswordWrong
        throttling.give_back(session, by)
        now_kept.password_hash, now_kept.changed_at = kept, now
        sessions.end_all(session, actor.user_id, but=actor.session_id)
        audit.record(session, actor, now, "change password", "user", actor.user_id)


def rename(db: Database, actor: Actor, name: str, now: datetime) -> None:
    """Change one's own name."""
    access.check(actor, Permission.VIEW)
    shown = team_rules.person_name(name)
    with db.write() as session:
        _change(session, actor, _member(session, actor.user_id), {"name": shown}, "rename", now)


def _member(session: Session, user_id: int, *, leaving: bool = False) -> User:
    """The member; where one would be `leaving`, another administrator must be left."""
    query = select(User).where(~col(User.machine), col(User.active), col(User.role) == Role.ADMIN.value)
    administrators = session.scalars(query.order_by(col(User.id)).with_for_update()).all() if leaving else []
    user = session.get(User, user_id, with_for_update=True) if 0 < user_id < 2**31 else None
    if user is None or user.machine:
        raise MemberNotFound
    if user in administrators:
        team_rules.keep_an_administrator([admin.id or 0 for admin in administrators], user_id)
    return user


def _change(
    session: Session, actor: Actor, user: User, values: Mapping[str, Any], action: str, now: datetime
) -> None:
    before = {name: getattr(user, name) for name in values}
    if before == values:
        return
    for name, value in values.items():
        setattr(user, name, value)
    audit.record(session, actor, now, action, "user", user.id or 0, before=before, after=dict(values))
