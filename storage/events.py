"""Events for programs elsewhere, written in the transaction of what happened: told if it happened, or never.

Where nobody asked for a kind of event, telling it costs one small query a transaction.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from domain.campaigns import Status
from domain.deliveries import FINAL, State
from domain.outgoing_webhooks import Kind
from storage.prepared import Prepared
from storage.tables import Campaign, Inbound, OutgoingWebhook, WebhookCall

_WANTING = Prepared(
    select(col(OutgoingWebhook.id), col(OutgoingWebhook.kinds)).where(col(OutgoingWebhook.active))
)

AT_ONCE = 500
"""Deliveries in one event at most."""


def tell(session: Session, kind: Kind, data: Mapping[str, Any], now: datetime) -> None:
    """Write the event down for every webhook that wants its kind."""
    if webhooks := _wanting(session, kind):
        _write(session, webhooks, kind, data, now)


def campaign_moved(session: Session, campaign: Campaign, before: Status, now: datetime) -> None:
    """A campaign has another status than before."""
    data = {
        "campaign_id": campaign.id,
        "name": campaign.name,
        "before": before.value,
        "status": campaign.status.value,
        "reason": campaign.pause_reason if campaign.status is Status.PAUSED else None,
    }
    tell(session, Kind.CAMPAIGN, data, now)


def opted_out(session: Session, phone: str, reason: str, source: str, now: datetime) -> None:
    """A number is never to be texted from now on."""
    tell(session, Kind.OPT_OUT, {"phone": phone, "reason": reason, "source": source}, now)


def replied(session: Session, inbound: Inbound, now: datetime) -> None:
    """A person wrote to one of our lines."""
    data = {
        "id": inbound.id,
        "from": inbound.from_phone,
        "to": inbound.to_number,
        "text": inbound.text,
        "kind": inbound.kind,
        "message_id": inbound.message_id,
    }
    tell(session, Kind.REPLY, data, now)


def finished(session: Session, rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Of these deliveries, with their new values, those that are in a final state now."""
    over = [row for row in rows if row["state"] in FINAL]
    if not over or not (webhooks := _wanting(session, Kind.DELIVERIES)):
        return
    for first in range(0, len(over), AT_ONCE):
        told = [_told(row) for row in over[first : first + AT_ONCE]]
        _write(session, webhooks, Kind.DELIVERIES, {"deliveries": told}, now)


def rewritten(body: str, deliveries: Sequence[Any]) -> str:
    """The same event with these deliveries."""
    told = json.loads(body)
    return json.dumps({**told, "data": {**told["data"], "deliveries": deliveries}}, ensure_ascii=False)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "message_id": row["message_id"],
        "phone": row["phone"],
        "state": str(State(row["state"])),
        "error_code": row.get("code") or None,
        "reason": row.get("reason"),
    }


def _wanting(session: Session, kind: Kind) -> list[int]:
    rows = _WANTING.rows(session.connection(), {})
    return [row.id for row in rows if kind.value in _list(row.kinds)]


def _list(kinds: Any) -> list[str]:
    """The driver's own value: SQLite gives JSON as its text."""
    return list(json.loads(kinds)) if isinstance(kinds, str) else list(kinds)


def _write(
    session: Session, webhooks: Iterable[int], kind: Kind, data: Mapping[str, Any], now: datetime
) -> None:
    body = json.dumps({"type": kind.value, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
    call = {
        "event_id": f"evt_{secrets.token_hex(12)}",
        "kind": kind.value,
        "body": body,
        "state": "waiting",
        "attempts": 0,
        "detail": "",
        "due_at": now,
        "created_at": now,
    }
    session.execute(insert(WebhookCall), [{**call, "webhook_id": number} for number in webhooks])
