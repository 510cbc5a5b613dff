"""API keys: made once and shown once, then known by a hash only."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session

from domain.access import Actor, Role
from domain.names import tidy
from domain.problems import NotAllowed, NotFound, Problem
from storage import audit
from storage.database import Database
from storage.tables import ApiKey, User

PREFIX = "sck"
NOTED_EVERY = timedelta(minutes=1)
"""How exact the time of the last use is; finer would cost a write with every request."""

_LARGEST = 2**31 - 1


class KeyUnknown(NotAllowed):
    """This API key is unknown, expired or revoked."""


class KeyNotFound(NotFound):
    """There is no such API key."""


class KeyNameMissing(Problem):
    """Give the key a name that says which program uses it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed a good key, and as whom it acts."""

    key_id: int
    actor: Actor


def create(db: Database, name: str, role: Role, now: datetime, expires_at: datetime | None = None) -> str:
    """Make a key for whoever operates the program, and return it: it can't be read again.

    Each key acts as a user of its own, so that campaigns and the audit name the program that did it.
    """
    shown = tidy(name)[:120]
    if not shown:
        raise KeyNameMissing
    secret = secrets.token_hex(32)
    with db.write() as session:
        address = f"{secrets.token_hex(8)}@api.invalid"
        user = User(name=shown, email=address, role=role.value, machine=True, created_at=now)
        session.add(user)
        session.flush()
        key = ApiKey(
            name=shown,
            role=role.value,
            user_id=user.id or 0,
            key_hash=_hash(secret),
            created_at=now,
            expires_at=expires_at,
        )
        session.add(key)
        session.flush()
        operator = Actor(user.id or 0, "Command line", Role.ADMIN)
        after = {"name": shown, "role": role.value}
        audit.record(session, operator, now, "create", "api key", key.id or 0, after=after)
        return f"{PREFIX}_{key.id}_{secret}"


def verify(db: Database, text: str, now: datetime, address: str = "") -> Caller:
    """Who calls with this key; raises `KeyUnknown` without telling what is wrong with it."""
    prefix, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if prefix != PREFIX or not (number.isascii() and number.isdigit() and len(number) < 11):
        raise KeyUnknown
    with db.read() as session:
        key = session.get(ApiKey, int(number)) if int(number) <= _LARGEST else None
    if key is None or not hmac.compare_digest(key.key_hash, _hash(secret)):
        raise KeyUnknown
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise KeyUnknown
    if key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY:
        with db.write() as session:
            _key(session, key.id or 0).last_used_at = now
    return Caller(key.id or 0, Actor(key.user_id, key.name, Role(key.role), address))


def revoke(db: Database, key_id: int, now: datetime) -> None:
    """Make a key worthless from now on; what it did stays."""
    with db.write() as session:
        key = _key(session, key_id)
        key.revoked_at = key.revoked_at or now
        session.get_one(User, key.user_id).active = False
        operator = Actor(key.user_id, "Command line", Role.ADMIN)
        audit.record(session, operator, now, "revoke", "api key", key_id)


def _key(session: Session, key_id: int) -> ApiKey:
    key = session.get(ApiKey, key_id)
    if key is None:
        raise KeyNotFound
    return key


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
