"""The workspace's choices: what an administrator decided for everybody, with a default where nobody did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain import access
from domain.access import Actor, Permission
from storage import audit
from storage.database import Database
from storage.tables import Setting

CONSENT = "consent"


def chosen(session: Session, name: str) -> dict[str, Any]:
    """What was chosen under that name; empty where nobody chose."""
    found = session.get(Setting, name)
    return dict(found.value) if found else {}


def choose(db: Database, actor: Actor, name: str, value: Mapping[str, Any], now: datetime) -> None:
    """Decide for the workspace; choosing what is chosen already changes nothing."""
    access.check(actor, Permission.ADMINISTER)
    with db.write() as session:
        before = chosen(session, name)
        if before == value:
            return
        session.merge(Setting(name=name, value=dict(value)))
        after = {"name": name, **value}
        audit.record(session, actor, now, "choose", "setting", 0, before=before or None, after=after)


def consent_required(session: Session) -> bool:
    """Whether only people with a recorded opt-in are sent to."""
    return bool(chosen(session, CONSENT).get("required", False))


def require_consent(db: Database, actor: Actor, required: bool, now: datetime) -> None:
    """Send only to people with a recorded opt-in, from the next claim on, or to everybody again."""
    choose(db, actor, CONSENT, {"required": required}, now)
