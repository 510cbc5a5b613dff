"""The workspace's choices: what an administrator decided for everybody, with a default where nobody did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain import access
from domain.access import Actor, Permission
from domain.keywords import Kind
from domain.texts import storable
from storage import audit
from storage.database import Database
from storage.inserts import insert_into
from storage.tables import Setting

CONSENT = "consent"
ANSWERS = "keyword answers"

CONSENT_REQUIRED = (
    select(col(Setting.value)["required"].as_boolean()).where(col(Setting.name) == CONSENT).scalar_subquery()
)
"""`consent_required` as a column, for statements that must not ask twice; NULL where nobody chose."""


def chosen(session: Session, name: str) -> dict[str, Any]:
    """What was chosen under that name; empty where nobody chose."""
    found = session.get(Setting, name)
    return dict(found.value) if found else {}


def choose(db: Database, actor: Actor, name: str, value: Mapping[str, Any], now: datetime) -> None:
    """Decide for the workspace; choosing what is chosen already changes nothing."""
    with db.write() as session:
        choose_in(session, actor, name, value, now)


def choose_in(session: Session, actor: Actor, name: str, value: Mapping[str, Any], now: datetime) -> bool:
    """`choose` inside a transaction; returns whether that changed anything."""
    access.check(actor, Permission.ADMINISTER)
    before = chosen(session, name)
    if before == value:
        return False
    keep(session, name, value)
    after = {"name": name, **value}
    audit.record(session, actor, now, "choose", "setting", 0, before=before or None, after=after)
    return True


def keep(session: Session, name: str, value: Mapping[str, Any]) -> None:
    """Write a setting, whether it is there or not: several processes may start on a new database at once."""
    statement = insert_into(session, Setting).values(name=name, value=dict(value))
    session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    )
    session.refresh(session.get_one(Setting, name))


def consent_required(session: Session) -> bool:
    """Whether only people with a recorded opt-in are sent to."""
    return bool(chosen(session, CONSENT).get("required", False))


def require_consent(db: Database, actor: Actor, required: bool, now: datetime) -> None:
    """Send only to people with a recorded opt-in, from the next claim on, or to everybody again."""
    choose(db, actor, CONSENT, {"required": required}, now)


def keyword_answers(session: Session) -> dict[Kind, str]:
    """What STOP, START and HELP are answered with; "" for no answer."""
    words = chosen(session, ANSWERS)
    return {kind: str(words.get(kind, default)) for kind, default in ANSWER_WORDS.items()}


def answer_keywords(db: Database, actor: Actor, words: Mapping[Kind, str], now: datetime) -> None:
    """Choose what keywords are answered with; "" for no answer."""
    kept = {kind.value: storable(words.get(kind, "")).strip() for kind in ANSWER_WORDS}
    choose(db, actor, ANSWERS, kept, now)


ANSWER_WORDS = {
    Kind.STOP: "You have opted out and will get no more texts from us. Reply START to opt in again.",
    Kind.START: "You have opted in to our texts again. Reply HELP for help, STOP to opt out.",
    Kind.HELP: "You get our texts because you opted in. Msg & data rates may apply. Reply STOP to opt out.",
}
"""What keywords are answered with until somebody chooses other words."""
