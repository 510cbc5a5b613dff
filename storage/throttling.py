"""How often a sign-in was tried, counted before the password is looked at."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from domain.throttling import WINDOW, Attempts, Scope, one_more
from storage.database import Database
from storage.inserts import insert_into
from storage.tables import SignInAttempts

Keys = Mapping[Scope, str]


def keys(account: str, address: str) -> Keys:
    """What an attempt is counted by."""
    return {scope: _key(scope, text) for scope, text in ((Scope.ACCOUNT, account), (Scope.ADDRESS, address))}


def take(db: Database, by: Keys, now: datetime) -> None:
    """Count one more attempt; raises `TooManyAttempts`, and then counts nothing."""
    with db.write() as session:
        for scope, key in sorted(by.items()):
            kept = _locked(session, key, now)
            so_far = Attempts(kept.count, kept.since) if kept.count else None
            counted = one_more(so_far, scope, now)
            kept.count, kept.since = counted.count, counted.since


def give_back(session: Session, by: Keys) -> None:
    """It was them: their account is as if nobody had tried, and the address gets this attempt back."""
    account, address = by[Scope.ACCOUNT], by[Scope.ADDRESS]
    session.execute(delete(SignInAttempts).where(col(SignInAttempts.key) == account))
    fewer = update(SignInAttempts).where(col(SignInAttempts.key) == address, col(SignInAttempts.count) > 0)
    session.execute(fewer.values(count=col(SignInAttempts.count) - 1))


def sweep(db: Database, now: datetime) -> None:
    """Forget what nobody asks for any more."""
    with db.write() as session:
        session.execute(delete(SignInAttempts).where(col(SignInAttempts.since) <= now - WINDOW))


def _locked(session: Session, key: str, now: datetime) -> SignInAttempts:
    """The row of a key, made where there is none, and nobody else's until the transaction ends."""
    new = insert_into(session, SignInAttempts)
    session.execute(new.values(key=key, count=0, since=now).on_conflict_do_nothing())
    query = select(SignInAttempts).where(col(SignInAttempts.key) == key).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _key(scope: Scope, text: str) -> str:
    return sha256(f"{scope}:{text}".encode("utf-8", "surrogatepass")).hexdigest()
