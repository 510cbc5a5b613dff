"""The ways in by a one-time link: the first administrator, who is invited, and who forgot the password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from domain import passwords as rules
from domain import team
from domain.access import Actor, Role
from domain.links import LinkWorthless, Purpose
from domain.problems import NotAllowed
from storage import audit, one_time_links, passwords, sessions
from storage.database import Database
from storage.signing_in import SignedIn, Visitor, admit
from storage.tables import Login, OneTimeLink, User

OPERATOR = Actor(0, "Command line", Role.ADMIN)


class SetUpAlready(NotAllowed):
    """This workspace is set up already. Sign in, or ask an administrator for an invitation."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: for whom, and for an invitation also as what and by whom."""

    email: str
    name: str = ""
    role: Role | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody who sets the program up, or joins, says about themselves."""

    name: str
    email: str
    password: str


def needs_set_up(db: Database) -> bool:
    """Whether there is no administrator who can sign in."""
    with db.read() as session:
        return not _administered(session)


def offer_set_up(db: Database, now: datetime) -> str | None:
    """The token that the set-up page asks for; None once there is an administrator."""
    with db.write() as session:
        if _administered(session):
            return None
        return one_time_links.make(session, Purpose.SETUP, now, OPERATOR.name)


def set_up(db: Database, token: str, who: Newcomer, visitor: Visitor, now: datetime) -> SignedIn:
    """Make the first administrator; raises `SetUpAlready`, `LinkWorthless` and what is wrong with a field."""
    name, email = team.person_name(who.name), team.email(who.email)
    rules.check(who.password, email, name)
    with db.read() as session:
        _ask_for_set_up(session, token, now)
    kept = passwords.hashed(who.password)
    with db.write() as session:
        one_time_links.hold(session, Purpose.SETUP)
        _ask_for_set_up(session, token, now)
        session.execute(delete(OneTimeLink).where(col(OneTimeLink.purpose) == Purpose.SETUP.value))
        user = _user(session, email)
        if user is None:
            user = User(name=name, email=email, role=Role.ADMIN.value, created_at=now)
            session.add(user)
        user.name, user.role, user.active = name, Role.ADMIN.value, True
        session.flush()
        _keep(session, user.id or 0, kept, now)
        actor = Actor(user.id or 0, name, Role.ADMIN, visitor.address)
        audit.record(session, actor, now, "set up", "workspace", 0, after={"email": email})
        return admit(session, user.id or 0, visitor, now)


def invitation(db: Database, token: str, now: datetime) -> Opened:
    """Who is invited; raises `LinkWorthless`."""
    with db.read() as session:
        link = one_time_links.look(session, Purpose.INVITE, token, now)
        return Opened(link.email, role=Role(link.role), made_by=link.made_by)


def join(db: Database, token: str, name: str, password: str, visitor: Visitor, now: datetime) -> SignedIn:
    """Become a member of the team; raises `LinkWorthless` and what is wrong with a field."""
    invited = invitation(db, token, now)
    shown = team.person_name(name)
    rules.check(password, invited.email, shown)
    kept = passwords.hashed(password)
    with db.write() as session:
        link = one_time_links.use(session, Purpose.INVITE, token, now)
        if _user(session, link.email) is not None:
            raise team.AlreadyInTeam
        user = User(name=shown, email=link.email, role=link.role, created_at=now)
        session.add(user)
        session.flush()
        _keep(session, user.id or 0, kept, now)
        actor = Actor(user.id or 0, shown, Role(link.role), visitor.address)
        after = {"email": link.email, "role": link.role, "invited by": link.made_by}
        audit.record(session, actor, now, "join", "user", actor.user_id, after=after)
        return admit(session, actor.user_id, visitor, now)


def reset_for(db: Database, token: str, now: datetime) -> Opened:
    """Whose password the link resets; raises `LinkWorthless`."""
    with db.read() as session:
        user = _of(session, one_time_links.look(session, Purpose.RESET, token, now))
        return Opened(user.email, user.name)


def reset(db: Database, token: str, password: str, visitor: Visitor, now: datetime) -> None:
    """Choose a new password; whoever was signed in with the old one is signed out. Raises `LinkWorthless`."""
    whose = reset_for(db, token, now)
    rules.check(password, whose.email, whose.name)
    kept = passwords.hashed(password)
    with db.write() as session:
        user = _of(session, one_time_links.use(session, Purpose.RESET, token, now))
        _keep(session, user.id or 0, kept, now)
        sessions.end_all(session, user.id or 0)
        actor = Actor(user.id or 0, user.name, Role(user.role), visitor.address)
        audit.record(session, actor, now, "reset password", "user", actor.user_id)


def administrator_link(db: Database, email: str, now: datetime) -> tuple[Purpose, str]:
    """For whoever operates the program: a link that makes the person with that address an administrator."""
    address = team.email(email)
    with db.write() as session:
        user = _user(session, address)
        if user is None:
            token = one_time_links.make(
                session, Purpose.INVITE, now, OPERATOR.name, email=address, role=Role.ADMIN
            )
            after = {"email": address, "role": Role.ADMIN.value}
            audit.record(session, OPERATOR, now, "invite", "user", 0, after=after)
            return Purpose.INVITE, token
        before: dict[str, Any] = {"role": user.role, "active": user.active}
        user.role, user.active = Role.ADMIN.value, True
        changed: dict[str, Any] = {"role": user.role, "active": True}
        audit.record(
            session, OPERATOR, now, "make administrator", "user", user.id or 0, before=before, after=changed
        )
        token = one_time_links.make(session, Purpose.RESET, now, OPERATOR.name, user_id=user.id)
        return Purpose.RESET, token


def _administered(session: Session) -> bool:
    query = (
        select(col(User.id))
        .join(Login, col(Login.user_id) == col(User.id))
        .where(col(User.role) == Role.ADMIN.value, col(User.active), ~col(User.machine))
    )
    return session.scalar(query.limit(1)) is not None


def _ask_for_set_up(session: Session, token: str, now: datetime) -> None:
    if _administered(session):
        raise SetUpAlready
    one_time_links.look(session, Purpose.SETUP, token, now)


def _user(session: Session, email: str) -> User | None:
    query = select(User).where(col(User.email) == email, ~col(User.machine)).with_for_update()
    return session.scalars(query).one_or_none()


def _of(session: Session, link: OneTimeLink) -> User:
    user = session.get(User, link.user_id or 0)
    if user is None or not user.active:
        raise LinkWorthless
    return user


def _keep(session: Session, user_id: int, password_hash: str, now: datetime) -> None:
    login = session.get(Login, user_id)
    if login is None:
        session.add(Login(user_id=user_id, password_hash=password_hash, changed_at=now))
    else:
        login.password_hash, login.changed_at = password_hash, now
    session.flush()
