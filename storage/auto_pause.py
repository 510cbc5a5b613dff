"""Campaigns that do harm: what became of what they sent, the workspace's thresholds, and the pause itself."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from domain.access import NOBODY, Actor
from domain.auto_pause import Latest, Thresholds
from domain.campaigns import Status
from domain.carrier_errors import Kind, explain
from domain.deliveries import State
from storage import campaigns, choices, replies, tallies
from storage.database import Database
from storage.tables import Campaign, CarrierAccount, Line, Message

NAME = "auto pause"

FINISHED = (State.SENT, State.NO_RECEIPT, State.DELIVERED, State.UNDELIVERED, State.FAILED)
_FAILED = (State.UNDELIVERED, State.FAILED)
_FILTERED = (Kind.FILTERED, Kind.SENDER)


def thresholds(session: Session) -> Thresholds:
    """What the workspace allows; the defaults where nobody chose."""
    return Thresholds(**choices.chosen(session, NAME))


def allow(db: Database, actor: Actor, wanted: Thresholds, now: datetime) -> None:
    """Choose what a campaign may do before it pauses itself; shares from 0 to 1, 1 for no limit."""
    choices.choose(db, actor, NAME, asdict(wanted), now)


def allowed(db: Database) -> Thresholds:
    """`thresholds`, asked from outside a transaction."""
    with db.read() as session:
        return thresholds(session)


class SoFar(NamedTuple):
    """A running campaign: what became of all that it sent, and whether it was never paused or stopped."""

    total: Latest
    uninterrupted: bool


def so_far(db: Database) -> dict[int, SoFar]:
    """How each running campaign is doing; a few tallies a campaign, however large it is."""
    with db.read() as session:
        query = (
            select(
                col(Message.id),
                col(Message.campaign_id),
                col(CarrierAccount.kind),
                (col(Campaign.status_since) <= col(Campaign.started_at)).label("uninterrupted"),
            )
            .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
            .join(Line, col(Line.id) == col(Campaign.line_id))
            .join(CarrierAccount, col(CarrierAccount.id) == col(Line.account_id))
            .where(col(Campaign.status) == Status.RUNNING, col(Message.began_at).is_not(None))
        )
        rows = session.execute(query).all()
        counts = tallies.of_messages(session, [row.id for row in rows])
        opted_out = replies.opt_outs(session, [row.id for row in rows])
    found: dict[int, SoFar] = {}
    for message_id, campaign_id, kind, uninterrupted in rows:
        before = found[campaign_id].total if campaign_id in found else Latest()
        latest = _latest(counts[message_id], kind, opted_out.get(message_id, 0))
        found[campaign_id] = SoFar(before + latest, bool(uninterrupted))
    return found


def pause(db: Database, campaign_id: int, reason: str, now: datetime) -> None:
    """Pause a campaign without anybody having asked; raises `ActionRefused` when it runs no more."""
    campaigns.pause(db, NOBODY, campaign_id, now, reason)


def _latest(counts: Counter[tuple[State, str]], kind: str, opted_out: int) -> Latest:
    finished = failed = filtered = 0
    for (state, code), count in counts.items():
        finished += count if state in FINISHED else 0
        if state in _FAILED:
            failed += count
            filtered += count if explain(kind, code).kind in _FILTERED else 0
    return Latest(finished, failed, filtered, opted_out)
