"""Carrier accounts and the lines on them, as administrators set them up."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain import access
from domain.access import Actor, Permission
from domain.names import tidy
from domain.problems import NotFound, Problem
from domain.sending_numbers import normalise
from storage import audit, credentials
from storage.database import Database
from storage.tables import CarrierAccount, Line

MICROS = 1_000_000
_LARGEST = 2**31 - 1


class AccountNotFound(NotFound):
    """This carrier account does not exist."""


class LabelMissing(Problem):
    """Give it a name."""


def create_account(
    db: Database, actor: Actor, name: str, kind: str, settings: Mapping[str, Any], now: datetime
) -> CarrierAccount:
    """Add an account at a carrier. The caller has checked kind and settings with the carrier's adapter."""
    access.check(actor, Permission.ADMINISTER)
    sealed = credentials.vault(db).seal(settings)
    with db.write() as session:
        account = CarrierAccount(
            name=_label(name),
            kind=kind,
            settings=sealed,
            token=secrets.token_hex(16),
            created_at=now,
        )
        session.add(account)
        session.flush()
        after = {"name": account.name, "kind": kind}
        audit.record(session, actor, now, "create", "carrier", account.id or 0, after=after)
        return account


def create_line(
    db: Database,
    actor: Actor,
    label: str,
    number: str,
    account_id: int,
    now: datetime,
    *,
    rate: float | None = None,
    price_micros: int = 0,
    daily_cap: int | None = None,
) -> Line:
    """Add a line to an account; raises `AccountNotFound` or what is wrong with its number."""
    access.check(actor, Permission.ADMINISTER)
    sends_as = normalise(number)
    with db.write() as session:
        _check_account(session, account_id)
        line = Line(
            label=_label(label),
            number=sends_as,
            account_id=account_id,
            rate=rate,
            daily_cap=daily_cap,
            price_micros=price_micros,
            created_at=now,
        )
        session.add(line)
        session.flush()
        after = {"label": line.label, "number": line.number, "rate": rate, "price_micros": price_micros}
        audit.record(session, actor, now, "create", "line", line.id or 0, after=after)
        return line


def _check_account(session: Session, account_id: int) -> None:
    if not 0 < account_id <= _LARGEST or session.get(CarrierAccount, account_id) is None:
        raise AccountNotFound


def _label(text: str) -> str:
    shown = tidy(text)[:120]
    if not shown:
        raise LabelMissing
    return shown
