"""The workspace's quiet hours: its rules as data, and what a change of them does to what waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    found = _standing(session)
    return Hours(found.rules, found.zone) if found.on else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the workspace decided; its rules stay while they are off."""

    on: bool
    rules: tuple[Rule, ...]
    zone: str


def standing(db: Database) -> Standing:
    """What holds now, for who looks at the settings."""
    with db.read() as session:
        return _standing(session)


def keep(
    db: Database, actor: Actor, rules: Iterable[Rule], zone: str, now: datetime, *, on: bool = True
) -> None:
    """Decide on the rules, on the zone of people of whom nothing is known, and whether they hold at all.

    They hold from the next claim on, also for whom the old ones held back.
    """
    kept = {"on": on, "rules": [_row(rule) for rule in rules], "zone": zone_of(zone).key}
    _choose(db, actor, kept, now)


def keep_none(db: Database, actor: Actor, now: datetime) -> None:
    """Send at any hour, at the workspace's own risk; the rules are kept for another time."""
    found = standing(db)
    keep(db, actor, found.rules, found.zone, now, on=False)


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


def _standing(session: Session) -> Standing:
    kept = choices.chosen(session, NAME)
    rules = tuple(map(_rule, kept["rules"])) if "rules" in kept else DEFAULT_RULES
    return Standing(bool(kept.get("on", True)), rules, str(kept.get("zone", DEFAULT_ZONE)))


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
