"""Rows to begin a test with: a person, a line, a list, a campaign."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.access import Actor, Role
from domain.auto_pause import Thresholds
from domain.details import Details
from storage import auto_pause, campaigns, contacts, messages, passwords, quiet_hours
from storage.contacts import Entry
from storage.database import Database
from storage.messages import Change
from storage.tables import CarrierAccount, Line, Login, Setting, User


def person(db: Database, now: datetime, name: str = "Ada Park", role: Role = Role.ADMIN) -> Actor:
    """A new member of the team."""
    with db.write() as session:
        user = User(
            name=name, email=f"{name.lower().replace(' ', '.')}@example.com", role=role.value, created_at=now
        )
        session.add(user)
        session.flush()
        return Actor(user.id or 0, name, role)


def password(db: Database, actor: Actor, text: str, now: datetime) -> None:
    """Let the person sign in with it."""
    with db.write() as session:
        session.merge(Login(user_id=actor.user_id, password_hash=passwords.hashed(text), changed_at=now))


def any_hour(db: Database) -> None:
    """Let people be texted day and night, so that a test's clock may show any time."""
    with db.write() as session:
        session.merge(Setting(name=quiet_hours.NAME, value={"on": False}))


def no_pause(db: Database, actor: Actor, now: datetime) -> None:
    """Let campaigns go on however many of their texts fail."""
    auto_pause.allow(db, actor, Thresholds(1, 1, 1), now)


NONE: Mapping[str, str] = {}


def line(
    db: Database,
    now: datetime,
    *,
    label: str = "Main number",
    rate: float | None = None,
    delay: float = 0.0,
    base_url: str | None = None,
    daily_cap: int | None = None,
    price_micros: int = 7_900,
    kind: str = "sandbox",
    number: str = "+14155550100",
    credentials: Mapping[str, str] = NONE,
) -> int:
    """A line on an account of its own, of the sandbox or of `kind`; with `credentials`."""
    settings: dict[str, object] = {"delay_seconds": delay} if kind == "sandbox" else {}
    settings |= credentials
    if base_url:
        settings["base_url"] = base_url
    with db.write() as session:
        account = CarrierAccount(
            name=kind.title(), kind=kind, token=secrets.token_hex(16), settings=settings, created_at=now
        )
        session.add(account)
        session.flush()
        made = Line(
            label=label,
            number=number,
            account_id=account.id or 0,
            rate=rate,
            daily_cap=daily_cap,
            price_micros=price_micros,
            created_at=now,
        )
        session.add(made)
        session.flush()
        return made.id or 0


def token(db: Database, line_id: int) -> str:
    """The secret part of the webhooks of the line's account."""
    with db.read() as session:
        return account_of(session, line_id).token


def account_of(session: Session, line_id: int) -> CarrierAccount:
    """The line's account."""
    return session.get_one(CarrierAccount, session.get_one(Line, line_id).account_id)


def contact_list(
    db: Database, actor: Actor, now: datetime, phones: Sequence[str], name: str = "Spring leads"
) -> int:
    """A list with these people."""
    list_id = contacts.create_list(db, actor, name, now)
    added = contacts.add(
        db, actor, list_id, [Entry(phone, "Maya", f"No {phone[-4:]}") for phone in phones], now
    )
    assert not added.invalid
    return list_id


def numbers(count: int, suffixes: Sequence[str] = ()) -> list[str]:
    """Mobile numbers: first one for each suffix of four digits, then ordinary ones."""
    special = [f"+1415{200 + place:03d}{suffix}" for place, suffix in enumerate(suffixes)]
    ordinary = [f"+1212{600 + n // 8000:03d}{1000 + n % 8000:04d}" for n in range(count - len(special))]
    return special + ordinary


def draft(
    db: Database,
    actor: Actor,
    now: datetime,
    line_id: int,
    list_id: int,
    *,
    name: str = "Spring sale",
    texts: Sequence[str] = ("Hello. Reply STOP to opt out.",),
    first: datetime | None = None,
    apart: timedelta = timedelta(hours=1),
) -> int:
    """A draft in UTC; its messages begin at `first` (default: the next full minute), `apart`."""
    form = Details(name, "sms", line_id, list_id, actor.user_id, acknowledged=True)
    campaign_id = campaigns.create(db, actor, form, "UTC", now)
    start = first or now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for place, text in enumerate(texts):
        when = start + place * apart
        change = Change(text=text, local_date=f"{when:%Y-%m-%d}", local_time=f"{when:%H:%M}")
        messages.add(db, actor, campaign_id, now, change)
    return campaign_id
