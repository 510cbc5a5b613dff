"""The workspace's quiet hours: its rules as data, and what a change of them does to what waits."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from domain.access import Actor
from domain.audience import Waits
from domain.deliveries import State
from domain.quiet_hours import Hours, Rule
from domain.quiet_hours_table import DEFAULT_RULES
from domain.zones import zone as zone_of
from storage import choices
from storage.database import Database
from storage.tables import Delivery, Place

NAME = "quiet hours"
DEFAULT_ZONE = "America/New_York"
"""The zone of people of whom nothing is known, until somebody chooses one."""


def of(session: Session) -> Hours | None:
    """The hours in which people may be sent to; None where the workspace keeps none."""
    kept = choices.chosen(session, NAME)
    if not kept.get("on", True):
        return None
    rules = map(_rule, kept["rules"]) if "rules" in kept else DEFAULT_RULES
    return Hours(rules, str(kept.get("zone", DEFAULT_ZONE)))


def keep(db: Database, actor: Actor, rules: Iterable[Rule], zone: str, now: datetime) -> None:
    """Decide on the rules, and on the zone of people of whom nothing is known.

    They hold from the next claim on, also for whom the old ones held back.
    """
    kept = {"on": True, "rules": [_row(rule) for rule in rules], "zone": zone_of(zone).key}
    _choose(db, actor, kept, now)


def keep_none(db: Database, actor: Actor, now: datetime) -> None:
    """Send at any hour, at the workspace's own risk."""
    _choose(db, actor, {"on": False}, now)


def _choose(db: Database, actor: Actor, kept: Mapping[str, Any], now: datetime) -> None:
    with db.write() as session:
        if not choices.choose_in(session, actor, NAME, kept, now):
            return
        session.execute(update(Place).values(closes_at=None))
        session.execute(
            update(Delivery)
            .where(col(Delivery.state) == State.QUEUED, col(Delivery.reason) == Waits.QUIET_HOURS)
            .values(due_at=now)
            .execution_options(synchronize_session=False)
        )


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "region": rule.region,
        "days": list(rule.days),
        "opens": rule.opens,
        "closes": rule.closes,
        "since": rule.since.isoformat(),
        "until": rule.until.isoformat() if rule.until else None,
        "source": rule.source,
    }


def _rule(row: Mapping[str, Any]) -> Rule:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    since = date.fromisoformat(row["since"])
    return Rule(row["region"], tuple(row["days"]), row["opens"], row["closes"], since, until, row["source"])
