"""The second step of a sign-in: codes that a person's device makes (RFC 6238), and recovery codes."""

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import CursorResult, Executable, delete, func, select, update
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.problems import Conflict, Problem
from domain.team import MemberNotFound
from storage import audit, credentials, tokens
from storage.database import Database
from storage.tables import Login, RecoveryCode, User

STEP = 30
"""Seconds for which a code is shown."""

CODES = 10
ISSUER = "SMS Campaigns"


class CodeDoesNotMatch(Problem):
    """This code does not match. Look at the clock of your device, and enter the code that it shows now."""


class TwoStepIsOn(Conflict):
    """Two-step sign-in is on already."""


class NoPasswordYet(Conflict):
    """You have no password here, so there is no second step."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the second step is asked for, and how many recovery codes are left."""

    on: bool
    codes: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What the person's device is told: the secret, and the same as the address of a QR code."""

    secret: str
    address: str


def standing(db: Database, actor: Actor) -> Standing:
    """How it is for the actor."""
    with db.read() as session:
        login = session.get(Login, actor.user_id)
        left = select(func.count()).where(col(RecoveryCode.user_id) == actor.user_id)
        return Standing(bool(login and login.totp_on), session.scalar(left) or 0)


def offer(db: Database, actor: Actor) -> Offer:
    """A new secret, which counts for nothing until `turn_on`."""
    access.check(actor, Permission.VIEW)
    secret = pyotp.random_base32()
    with db.write() as session:
        login = _own(session, actor)
        if login.totp_on:
            raise TwoStepIsOn
        login.totp = credentials.vault(db).seal({"secret": secret})
        email = session.get_one(User, actor.user_id).email
    return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def turn_on(db: Database, actor: Actor, code: str, now: datetime) -> list[str]:
    """Ask for the second step from now on; returns the recovery codes. Raises `CodeDoesNotMatch`."""
    access.check(actor, Permission.VIEW)
    with db.write() as session:
        login = _own(session, actor)
        if login.totp_on:
            raise TwoStepIsOn
        if not _spend_code(session, db, login, code, now):
            raise CodeDoesNotMatch
        login.totp_on = True
        audit.record(session, actor, now, "turn on two-step sign-in", "user", actor.user_id)
        return _new_codes(session, actor.user_id)


def renew_codes(db: Database, actor: Actor, code: str, now: datetime) -> list[str]:
    """Ten new recovery codes for the old ones; raises `CodeDoesNotMatch`."""
    access.check(actor, Permission.VIEW)
    with db.write() as session:
        if not spend(session, db, actor.user_id, code, now):
            raise CodeDoesNotMatch
        audit.record(session, actor, now, "make recovery codes", "user", actor.user_id)
        return _new_codes(session, actor.user_id)


def turn_off(db: Database, actor: Actor, code: str, now: datetime) -> None:
    """Ask for the password alone; raises `CodeDoesNotMatch`."""
    access.check(actor, Permission.VIEW)
    with db.write() as session:
        if not spend(session, db, actor.user_id, code, now):
            raise CodeDoesNotMatch
        _forget(session, actor.user_id)
        audit.record(session, actor, now, "turn off two-step sign-in", "user", actor.user_id)


def turn_off_for(db: Database, actor: Actor, user_id: int, now: datetime) -> None:
    """Let somebody in who lost their device and their codes; raises `MemberNotFound`."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        if session.get(Login, user_id) is None:
            raise MemberNotFound
        _forget(session, user_id)
        audit.record(session, actor, now, "turn off two-step sign-in", "user", user_id)


def spend(session: Session, db: Database, user_id: int, code: str, now: datetime) -> bool:
    """Whether the code is good for somebody who has the second step; it is used up by that."""
    login = session.get(Login, user_id)
    if login is None or not login.totp_on:
        return False
    return _spend_code(session, db, login, code, now) or _spend_recovery(session, user_id, code)


def seal_all(db: Database) -> None:
    """Seal every secret with the newest key, so that the old one may go."""
    keys = credentials.vault(db)
    with db.write() as session:
        for login in session.scalars(select(Login).where(col(Login.totp).is_not(None))):
            if login.totp and not keys.is_current(login.totp):
                login.totp = keys.seal(keys.open(login.totp))


def _own(session: Session, actor: Actor) -> Login:
    login = session.get(Login, actor.user_id, with_for_update=True)
    if login is None:
        raise NoPasswordYet
    return login


def _spend_code(session: Session, db: Database, login: Login, code: str, now: datetime) -> bool:
    typed = "".join(code.split())
    if login.totp is None or not (typed.isascii() and typed.isdigit()):
        return False
    device = pyotp.TOTP(str(credentials.vault(db).open(login.totp)["secret"]))
    step = int(now.timestamp()) // STEP
    for near in (step, step - 1, step + 1):
        if hmac.compare_digest(device.generate_otp(near), typed):
            return _changed(
                session,
                update(Login)
                .where(col(Login.user_id) == login.user_id, col(Login.totp_step) < near)
                .values(totp_step=near),
            )
    return False


def _spend_recovery(session: Session, user_id: int, code: str) -> bool:
    gone = delete(RecoveryCode).where(
        col(RecoveryCode.user_id) == user_id, col(RecoveryCode.code_hash) == tokens.hashed(_plain(code))
    )
    return _changed(session, gone)


def _changed(session: Session, statement: Executable) -> bool:
    done = session.execute(statement)
    return isinstance(done, CursorResult) and done.rowcount > 0


def _new_codes(session: Session, user_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=tokens.hashed(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _plain(code: str) -> str:
    return "".join(character for character in code.lower() if character.isalnum())


def _forget(session: Session, user_id: int) -> None:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    login = session.get_one(Login, user_id)
    login.totp, login.totp_on = None, False
