"""Signing in: the password, then the second step of whoever has one, and out again."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from domain.access import Actor, Role
from domain.problems import NotAllowed
from domain.sessions import SignedOut, has_ended
from storage import audit, passwords, sessions, throttling, tokens, two_step
from storage.database import Database
from storage.tables import BrowserSession, Login, User

log = logging.getLogger(__name__)


class WrongSignIn(NotAllowed):
    """The e-mail address or the password is wrong."""


class WrongCode(NotAllowed):
    """This code is wrong or was used already. Wait for the next one, or use a recovery code."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser that somebody signs in from, and the cookie that it had."""

    address: str
    browser: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The new cookie's value; `halfway` while the second step is missing."""

    token: str
    halfway: bool = False


def sign_in(db: Database, email: str, password: str, visitor: Visitor, now: datetime) -> SignedIn:
    """Check the password; an unknown account takes as long and is answered the same.

    Raises `TooManyAttempts` and `WrongSignIn`.
    """
    account = email.strip().casefold()
    by = throttling.keys(account, visitor.address)
    throttling.take(db, by, now)
    with db.read() as session:
        found = _login(session, account)
    if not passwords.matches(found.password_hash if found else None, password):
        log.info("a sign-in from %s failed", visitor.address)
        raise WrongSignIn
    with db.write() as session:
        login = _login(session, account)
        if login is None or found is None or login.password_hash != found.password_hash:
            raise WrongSignIn
        throttling.give_back(session, by)
        return admit(session, login.user_id, visitor, now, halfway=login.totp_on)


def confirm(db: Database, code: str, visitor: Visitor, now: datetime) -> SignedIn:
    """The second step: a code of the person's device, or a recovery code.

    Raises `SignedOut`, `TooManyAttempts` and `WrongCode`.
    """
    with db.read() as session:
        half = _halfway(session, visitor.token, now)
    by = throttling.keys(f"code of {half.user_id}", visitor.address)
    throttling.take(db, by, now)
    with db.write() as session:
        half = _halfway(session, visitor.token, now)
        if not two_step.spend(session, db, half.user_id, code, now):
            raise WrongCode
        throttling.give_back(session, by)
        return admit(session, half.user_id, visitor, now)


def admit(
    session: Session, user_id: int, visitor: Visitor, now: datetime, *, halfway: bool = False
) -> SignedIn:
    """Begin a session with a new cookie; the one that the browser had opens nothing any more."""
    _forget(session, visitor.token)
    token = sessions.begin(
        session, user_id, now, address=visitor.address, browser=visitor.browser, halfway=halfway
    )
    if not halfway:
        user = session.get_one(User, user_id)
        actor = Actor(user_id, user.name, Role(user.role), visitor.address)
        audit.record(session, actor, now, "sign in", "user", user_id)
    return SignedIn(token, halfway)


def sign_out(db: Database, token: str) -> None:
    """End the session of this cookie, if there is one."""
    with db.write() as session:
        _forget(session, token)


def _login(session: Session, account: str) -> Login | None:
    query = (
        select(Login)
        .join(User, col(User.id) == col(Login.user_id))
        .where(col(User.email) == account, col(User.active), ~col(User.machine))
    )
    return session.scalars(query).one_or_none()


def _halfway(session: Session, token: str, now: datetime) -> BrowserSession:
    kept = session.scalars(
        select(BrowserSession).where(
            col(BrowserSession.token_hash) == tokens.hashed(token), col(BrowserSession.halfway)
        )
    ).one_or_none()
    if kept is None or has_ended(kept.created_at, kept.seen_at, now, halfway=True):
        raise SignedOut
    return kept


def _forget(session: Session, token: str) -> None:
    if token:
        session.execute(delete(BrowserSession).where(col(BrowserSession.token_hash) == tokens.hashed(token)))
