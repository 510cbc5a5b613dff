"""Carrier accounts with their settings opened, for the sender, and what keeps them sealed at rest."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text, update
from sqlmodel import Session, col

from domain.problems import Problem
from storage.database import Database
from storage.tables import CarrierAccount, Line
from storage.vault import CredentialsUnreadable, Vault, is_sealed

log = logging.getLogger(__name__)

FORGOTTEN = "The credentials of this carrier account were lost with the old secret key. Enter them again."


class WrongKey(Problem):
    """The secret key is not the one that the carrier credentials in this database were sealed with."""


class VaultMissing(RuntimeError):
    """This database was opened without a secret key, so nothing can be sealed or opened."""


@dataclass(frozen=True, slots=True)
class Account:
    """A carrier account as the sender needs it; its settings hold credentials and never show in a log."""

    id: int
    kind: str
    name: str
    token: str = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)


def opened(db: Database, row: CarrierAccount) -> Account:
    """The account with its settings in clear; raises `CredentialsUnreadable`."""
    kept = dict(row.settings)
    settings = vault(db).open(kept) if is_sealed(kept) else kept
    return Account(row.id or 0, row.kind, row.name, row.token, settings)


def of_token(db: Database, kind: str, token: str) -> Account | None:
    """The account that a webhook's path names."""
    with db.read() as session:
        row = session.scalars(
            select(CarrierAccount).where(col(CarrierAccount.kind) == kind, col(CarrierAccount.token) == token)
        ).one_or_none()
    return opened(db, row) if row else None


def tokens(db: Database) -> frozenset[tuple[str, str]]:
    """What every account's webhooks are named by: kind and token."""
    with db.read() as session:
        rows = session.execute(select(col(CarrierAccount.kind), col(CarrierAccount.token)))
        return frozenset((kind, token) for kind, token in rows)


def vault(db: Database) -> Vault:
    """The database's vault."""
    if db.vault is None:
        raise VaultMissing
    return db.vault


def seal_all(db: Database) -> int:
    """Seal with the newest key whatever is not; returns how many accounts that were.

    Raises `WrongKey` when there is an account that no key opens; then nothing is changed.
    """
    keys = vault(db)
    with db.write() as session:
        stale = [row for row in _locked(session) if not keys.is_current(row.settings)]
        clear = any(not is_sealed(row.settings) for row in stale)
        for row in stale:
            try:
                row.settings = keys.seal(keys.open(row.settings))
            except CredentialsUnreadable:
                raise WrongKey(
                    f"The secret key does not open the credentials of the carrier account “{row.name}”. "
                    "Start with the key they were sealed with, or name that one in SMS_SECRET_KEY_OLD. "
                    "If it is lost, run: python main.py forget-credentials"
                ) from None
    if clear:
        _wipe(db)
    return len(stale)


def forget_unreadable(db: Database) -> list[str]:
    """Drop the credentials that no key opens and block their lines; returns the accounts' names."""
    keys, names = vault(db), []
    with db.write() as session:
        for row in _locked(session):
            try:
                keys.open(row.settings)
            except CredentialsUnreadable:
                names.append(row.name)
                row.settings = {}
                lines = update(Line).where(col(Line.account_id) == row.id)
                session.execute(lines.values(blocked_reason=FORGOTTEN))
    return names


def _locked(session: Session) -> list[CarrierAccount]:
    query = select(CarrierAccount).order_by(col(CarrierAccount.id)).with_for_update()
    return list(session.scalars(query))


def _wipe(db: Database) -> None:
    """Write the places anew where credentials lay in clear: a row's old bytes stay until then."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.is_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - an open connection has one
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.execute(text("VACUUM FULL carrier_account"))
