"""Carrier accounts as administrators set them up. Their secrets go in, and come out for the sender only."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.account_settings import AccountInUse, AccountNameMissing, merged, shown
from domain.carrier_kinds import kind_of
from domain.names import tidy
from domain.problems import NotFound
from storage import audit, credentials
from storage.database import Database
from storage.tables import CarrierAccount, Inbound, Line, ReceiptInbox

_LARGEST = 2**31 - 1


class AccountNotFound(NotFound):
    """This carrier account does not exist. It may have been deleted."""


@dataclass(frozen=True, slots=True)
class AccountShown:
    """An account as people may see it."""

    id: int
    name: str
    kind: str
    token: str
    settings: Mapping[str, str]  # those that are no secret
    secrets: frozenset[str]  # the names of the secrets that are there
    lines: tuple[Line, ...]
    created_at: datetime


def create_account(
    db: Database, actor: Actor, name: str, kind: str, settings: Mapping[str, Any], now: datetime
) -> CarrierAccount:
    """Add an account at a carrier. The caller has checked kind and settings with the carrier's adapter."""
    access.check(actor, Permission.ADMINISTER)
    sealed = credentials.vault(db).seal(settings)
    with db.write() as session:
        account = CarrierAccount(
            name=_name(name), kind=kind, settings=sealed, token=secrets.token_hex(16), created_at=now
        )
        session.add(account)
        session.flush()
        after = {"name": account.name, "kind": kind}
        audit.record(session, actor, now, "create", "carrier", account.id or 0, after=after)
        return account


def change_account(
    db: Database, actor: Actor, account_id: int, name: str, given: Mapping[str, str], now: datetime
) -> CarrierAccount:
    """Change name and settings; a secret that is left empty stays. Raises `BadSetting` or `AccountNotFound`.

    The audit keeps the names of the settings that changed, and none of their values.
    """
    access.check(actor, Permission.ADMINISTER)
    wanted = _name(name)
    with db.write() as session:
        account = found(session, account_id)
        kept = credentials.opened(db, account).settings
        settings = merged(account.kind, kept, given)
        changed = sorted(key for key in {*settings, *kept} if settings.get(key) != kept.get(key))
        before = {"name": account.name}
        if changed:
            account.settings = credentials.vault(db).seal(settings)
        account.name = wanted
        if changed or before["name"] != wanted:
            after = {"name": wanted, "changed": changed}
            audit.record(session, actor, now, "edit", "carrier", account_id, before=before, after=after)
        return account


def delete_account(db: Database, actor: Actor, account_id: int, now: datetime) -> None:
    """Take an account away; raises `AccountInUse` while a line or a received text belongs to it."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        account = found(session, account_id)
        for table in (Line, Inbound):
            query = select(col(table.id)).where(col(table.account_id) == account_id).limit(1)
            if session.scalar(query) is not None:
                raise AccountInUse
        session.execute(delete_from(ReceiptInbox).where(col(ReceiptInbox.account_id) == account_id))
        session.delete(account)
        before = {"name": account.name, "kind": account.kind}
        audit.record(session, actor, now, "delete", "carrier", account_id, before=before)


def to_try(db: Database, actor: Actor, account_id: int, given: Mapping[str, str]) -> dict[str, str]:
    """The settings that a test of the connection uses: what is typed, over what is kept."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        account = found(session, account_id)
    return merged(account.kind, credentials.opened(db, account).settings, given)


def accounts(db: Database, actor: Actor) -> list[AccountShown]:
    """All accounts by name, with their lines."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        rows = session.scalars(select(CarrierAccount).order_by(col(CarrierAccount.name))).all()
        lines = session.scalars(select(Line).order_by(col(Line.label))).all()
    return [_shown(db, row, [line for line in lines if line.account_id == row.id]) for row in rows]


def account(db: Database, actor: Actor, account_id: int) -> AccountShown:
    """One account with its lines; raises `AccountNotFound`."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        row = found(session, account_id)
        query = select(Line).where(col(Line.account_id) == account_id).order_by(col(Line.label))
        lines = session.scalars(query).all()
    return _shown(db, row, list(lines))


def exists(db: Database, account_id: int) -> bool:
    """Whether there is such an account."""
    with db.read() as session:
        return 0 < account_id <= _LARGEST and session.get(CarrierAccount, account_id) is not None


def found(session: Session, account_id: int) -> CarrierAccount:
    """The account's row, sealed as it is; raises `AccountNotFound`."""
    row = session.get(CarrierAccount, account_id) if 0 < account_id <= _LARGEST else None
    if row is None:
        raise AccountNotFound
    return row


def _shown(db: Database, row: CarrierAccount, lines: list[Line]) -> AccountShown:
    settings = credentials.opened(db, row).settings
    secret = kind_of(row.kind).secrets
    return AccountShown(
        id=row.id or 0,
        name=row.name,
        kind=row.kind,
        token=row.token,
        settings=shown(row.kind, settings),
        secrets=frozenset(name for name in secret if settings.get(name)),
        lines=tuple(lines),
        created_at=row.created_at,
    )


def _name(text: str) -> str:
    name = tidy(text)[:120]
    if not name:
        raise AccountNameMissing
    return name
