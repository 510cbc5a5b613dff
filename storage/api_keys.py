"""API keys: made once and shown once, then known by a hash only."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain import access, api_scopes
from domain.access import Actor, Permission, Role
from domain.names import tidy
from domain.problems import NotAllowed, NotFound, Problem
from storage import audit
from storage.database import Database
from storage.tables import ApiKey, User

PREFIX = "sck"
NOTED_EVERY = timedelta(minutes=1)
"""How exact the time of the last use is; finer would cost a write with every request."""

OPERATOR = Actor(0, "Command line", Role.ADMIN)
"""Who acts from outside the program: whoever operates it."""

_LARGEST = 2**31 - 1


class KeyUnknown(NotAllowed):
    """This API key is unknown, expired or revoked."""


class KeyNotFound(NotFound):
    """There is no such API key."""


class KeyNameMissing(Problem):
    """Give the key a name that says which program uses it."""


class ExpiryPast(Problem):
    """Choose a day ahead for the key's end, or none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed a good key, and as whom it acts."""

    key_id: int
    actor: Actor
    scopes: tuple[str, ...] | None = None  # None: all


@dataclass(frozen=True, slots=True)
class Key:
    """A key as an administrator sees it: all but the key itself."""

    id: int
    name: str
    role: Role
    scopes: tuple[str, ...] | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def create(
    db: Database,
    name: str,
    role: Role,
    now: datetime,
    expires_at: datetime | None = None,
    *,
    scopes: Sequence[str] | None = None,
    actor: Actor = OPERATOR,
) -> str:
    """Make a key and return it: it can't be read again.

    Each key acts as a user of its own, so that campaigns and the audit name the program that did it.
    Raises `KeyNameMissing`, `ExpiryPast` or `UnknownScope`.
    """
    access.check(actor, Permission.ADMINISTER)
    shown = tidy(name)[:120]
    if not shown:
        raise KeyNameMissing
    if expires_at is not None and expires_at <= now:
        raise ExpiryPast
    opened = api_scopes.wanted(scopes)
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
            scopes=opened,
            created_at=now,
            expires_at=expires_at,
        )
        session.add(key)
        session.flush()
        after: dict[str, Any] = {"name": shown, "role": role.value}
        after |= {"scopes": opened} if opened is not None else {}
        after |= {"expires": expires_at.isoformat()} if expires_at else {}
        audit.record(session, actor, now, "create", "api key", key.id or 0, after=after)
        return f"{PREFIX}_{key.id}_{secret}"


def listed(db: Database, actor: Actor) -> list[Key]:
    """Every key that there ever was, newest first."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        rows = session.scalars(select(ApiKey).order_by(col(ApiKey.id).desc()))
        return [_shown(row) for row in rows]


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
    scopes = None if key.scopes is None else tuple(key.scopes)
    return Caller(key.id or 0, Actor(key.user_id, key.name, Role(key.role), address), scopes)


def revoke(db: Database, key_id: int, now: datetime, actor: Actor = OPERATOR) -> None:
    """Make a key worthless from now on; what it did stays."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        key = _key(session, key_id)
        if key.revoked_at is not None:
            return
        key.revoked_at = now
        session.get_one(User, key.user_id).active = False
        audit.record(session, actor, now, "revoke", "api key", key_id, before={"name": key.name})


def _shown(row: ApiKey) -> Key:
    return Key(
        row.id or 0,
        row.name,
        Role(row.role),
        None if row.scopes is None else tuple(row.scopes),
        row.created_at,
        row.last_used_at,
        row.expires_at,
        row.revoked_at,
    )


def _key(session: Session, key_id: int) -> ApiKey:
    key = session.get(ApiKey, key_id) if 0 < key_id <= _LARGEST else None
    if key is None:
        raise KeyNotFound
    return key


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
