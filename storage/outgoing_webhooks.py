"""Outgoing webhooks: the addresses, and the calls that wait for them or were made."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from domain import access, outgoing_webhooks
from domain.access import Actor, Permission
from domain.outgoing_webhooks import CallNotFound, CallState, Kind, WebhookNotFound
from storage import audit, dead_webhooks, events
from storage.credentials import vault
from storage.database import Database
from storage.tables import OutgoingWebhook, WebhookCall
from storage.vault import CredentialsUnreadable

LEASE = timedelta(seconds=60)
"""How long a claimed call is left to who claimed it."""

GATHERED = 500
"""Calls that are looked at together when they are gathered."""

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address as pages and API show it: never with its secret."""

    id: int
    url: str
    kinds: tuple[str, ...]
    active: bool
    created_at: datetime
    waiting: int
    failed: int
    off_at: datetime | None = None  # when it was switched off by itself
    off_why: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A claimed call, with what it is signed with; None where no key opens that."""

    id: int
    url: str
    event_id: str
    attempts: int
    body: str = field(repr=False)
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a call: the answer's status, or why there was none."""

    id: int
    delivered: bool
    again_at: datetime | None  # None: no further try
    status: int | None = None
    detail: str = ""


def add(
    db: Database, actor: Actor, url: str, kinds: Sequence[str], now: datetime, *, local: bool = False
) -> tuple[int, str]:
    """Tell that address of these kinds of events; its number, and its secret, which is shown this once.

    Raises `BadAddress` or `NoKinds`.
    """
    access.check(actor, Permission.ADMINISTER)
    address, wanted = outgoing_webhooks.checked(url, local=local), outgoing_webhooks.wanted(kinds)
    secret = outgoing_webhooks.secret_of(secrets.token_bytes(outgoing_webhooks.SECRET_BYTES))
    with db.write() as session:
        row = OutgoingWebhook(
            url=address, secret=vault(db).seal({"secret": secret}), kinds=wanted, created_at=now
        )
        session.add(row)
        session.flush()
        after = {"url": address, "kinds": wanted}
        audit.record(session, actor, now, "create", "outgoing webhook", row.id or 0, after=after)
        return row.id or 0, secret


def switch(db: Database, actor: Actor, webhook_id: int, active: bool, now: datetime) -> None:
    """Tell it nothing more, or of what happens from now on again."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        row = _row(session, webhook_id)
        if row.active == active:
            return
        row.active = active
        dead_webhooks.revived(row)
        verb = "resume" if active else "pause"
        audit.record(session, actor, now, verb, "outgoing webhook", webhook_id)


def remove(db: Database, actor: Actor, webhook_id: int, now: datetime) -> None:
    """Forget the address, with all calls that wait and the log."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        row = _row(session, webhook_id)
        before = {"url": row.url, "kinds": row.kinds}
        session.execute(delete(WebhookCall).where(col(WebhookCall.webhook_id) == webhook_id))
        session.delete(row)
        audit.record(session, actor, now, "delete", "outgoing webhook", webhook_id, before=before)


def listed(db: Database, actor: Actor) -> list[Webhook]:
    """Every address, with how many of its calls wait or failed for good."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        query = (
            select(col(WebhookCall.webhook_id), col(WebhookCall.state), func.count())
            .where(col(WebhookCall.state) != CallState.DELIVERED.value)
            .group_by(col(WebhookCall.webhook_id), col(WebhookCall.state))
        )
        counts = {(number, state): count for number, state, count in session.execute(query)}
        rows = session.scalars(select(OutgoingWebhook).order_by(col(OutgoingWebhook.id)))
        return [
            Webhook(
                row.id or 0,
                row.url,
                tuple(row.kinds),
                row.active,
                row.created_at,
                counts.get((row.id, CallState.WAITING.value), 0),
                counts.get((row.id, CallState.FAILED.value), 0),
                row.off_at,
                row.off_why,
            )
            for row in rows
        ]


def calls(
    db: Database, actor: Actor, webhook_id: int, limit: int, before: int = _LARGEST
) -> list[WebhookCall]:
    """The log of one address, newest first, from behind the call `before`."""
    access.check(actor, Permission.ADMINISTER)
    with db.read() as session:
        _row(session, webhook_id)
        query = (
            select(WebhookCall)
            .where(col(WebhookCall.webhook_id) == webhook_id, col(WebhookCall.id) < before)
            .order_by(col(WebhookCall.id).desc())
            .limit(limit)
        )
        return list(session.scalars(query))


def replay(db: Database, actor: Actor, call_id: int, now: datetime) -> None:
    """Make the call again, whatever came of it; the address can tell by its id that it knows it."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        call = session.get(WebhookCall, call_id) if 0 < call_id <= _LARGEST else None
        if call is None:
            raise CallNotFound
        call.state, call.attempts, call.due_at, call.finished_at = CallState.WAITING.value, 0, now, None
        audit.record(session, actor, now, "replay", "webhook call", call_id)


def are_due(db: Database, now: datetime) -> bool:
    """Whether any call is to be made; asked every second, so it only reads."""
    with db.read() as session:
        return session.scalar(_due(now).limit(1)) is not None


def gather(db: Database, now: datetime) -> int:
    """Make one call of many that tell of deliveries and were not tried yet; returns how many were saved.

    Every commit of receipts writes one of its own, which may hold a single delivery.
    """
    fresh = (
        col(WebhookCall.state) == CallState.WAITING.value,
        col(WebhookCall.kind) == Kind.DELIVERIES.value,
        col(WebhookCall.due_at) <= now,
        col(WebhookCall.attempts) == 0,
        col(WebhookCall.status).is_(None),  # one that is replayed keeps its event
        col(WebhookCall.detail) == "",
    )
    query = select(WebhookCall).where(*fresh).order_by(col(WebhookCall.id)).limit(GATHERED)
    saved = 0
    with db.write() as session:
        firsts: dict[int, tuple[WebhookCall, list[Any]]] = {}
        for call in session.scalars(query.with_for_update(skip_locked=True)).all():
            told = json.loads(call.body)["data"]["deliveries"]
            first, together = firsts.get(call.webhook_id, (call, []))
            if first is call or len(together) + len(told) > events.AT_ONCE:
                firsts[call.webhook_id] = call, told
                continue
            together += told
            first.body = events.rewritten(first.body, together)
            session.delete(call)
            saved += 1
    return saved


def claim(db: Database, limit: int, now: datetime) -> list[Call]:
    """Take due calls, oldest first; who dies with them leaves them to others after the lease."""
    with db.write() as session:
        due = _due(now).order_by(col(WebhookCall.due_at), col(WebhookCall.id)).limit(limit)
        taken = (
            update(WebhookCall)
            .where(col(WebhookCall.id).in_(due.with_for_update(of=WebhookCall, skip_locked=True)))
            .values(due_at=now + LEASE, attempts=col(WebhookCall.attempts) + 1)
            .returning(
                col(WebhookCall.id),
                col(WebhookCall.webhook_id),
                col(WebhookCall.event_id),
                col(WebhookCall.attempts),
                col(WebhookCall.body),
            )
            .execution_options(synchronize_session=False)
        )
        rows = session.execute(taken).all()
        numbers = {row.webhook_id for row in rows}
        query = select(OutgoingWebhook).where(col(OutgoingWebhook.id).in_(numbers))
        webhooks = {row.id: (row.url, _opened(db, row)) for row in session.scalars(query)}
    return [
        Call(
            row.id,
            webhooks[row.webhook_id][0],
            row.event_id,
            row.attempts,
            row.body,
            webhooks[row.webhook_id][1],
        )
        for row in sorted(rows, key=lambda row: row.id)
    ]


def record(db: Database, made: Sequence[Made], now: datetime) -> int:
    """Note what came of calls; returns how many addresses were switched off, because none gets through."""
    outcomes: dict[int, list[bool]] = {}
    with db.write() as session:
        for one in made:
            call = session.get(WebhookCall, one.id)
            if call is None or call.state != CallState.WAITING.value:
                continue  # the address was removed meanwhile
            outcomes.setdefault(call.webhook_id, []).append(one.delivered)
            call.status, call.detail = one.status, one.detail[:200]
            if one.delivered:
                call.state, call.finished_at = CallState.DELIVERED.value, now
            elif one.again_at is None:
                call.state, call.finished_at = CallState.FAILED.value, now
            else:
                call.due_at = one.again_at
        session.flush()
        return sum(dead_webhooks.note(session, number, outcomes[number], now) for number in sorted(outcomes))


def seal_all(db: Database) -> int:
    """Seal every secret with the newest key; returns how many were not. What no key opens stays as it is."""
    keys, sealed = vault(db), 0
    with db.write() as session:
        for row in session.scalars(select(OutgoingWebhook).with_for_update()):
            if keys.is_current(row.secret) or (secret := _opened(db, row)) is None:
                continue
            row.secret = keys.seal({"secret": secret})
            sealed += 1
    return sealed


def _due(now: datetime) -> Any:
    return (
        select(col(WebhookCall.id))
        .join(OutgoingWebhook, col(OutgoingWebhook.id) == col(WebhookCall.webhook_id))
        .where(
            col(WebhookCall.state) == CallState.WAITING.value,
            col(WebhookCall.due_at) <= now,
            col(OutgoingWebhook.active),
        )
    )


def _opened(db: Database, row: OutgoingWebhook) -> str | None:
    try:
        return str(vault(db).open(row.secret)["secret"])
    except (CredentialsUnreadable, KeyError):
        return None


def _row(session: Session, webhook_id: int) -> OutgoingWebhook:
    row = session.get(OutgoingWebhook, webhook_id) if 0 < webhook_id < 2**31 else None
    if row is None:
        raise WebhookNotFound
    return row
