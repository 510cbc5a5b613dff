"""Demo data: what a few of the demo's people wrote back, and the opt-ins of some."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from domain.access import Actor
from domain.deliveries import State
from storage import answers, consents, conversations, inbound
from storage.consents import Given, Via
from storage.database import Database
from storage.inbound import Reply
from storage.tables import Campaign, Delivery, Line, Message

_WROTE = (
    "Do you ship to Canada?",
    "STOP",
    "please take me off your list",
    "Love the new collection! When does it end?",
    "HELLO10 does not work at checkout :(",
    "stop",
    "I never signed up for this",
    "What time do you open on Saturday?",
    "Can I still change my order?",
    "START",
    "Leave me alone please",
    "Thanks!",
)
_OPT_IN = "Yes, text me offers from Harbor & Pine. Message and data rates may apply. Reply STOP to opt out."
_JOINED = "shop.example/join"
_PHONE_ENDING = "555"


def talk(db: Database, actor: Actor, campaign: str, now: datetime) -> None:
    """Let people who got the campaign's first message answer it over the last day."""
    query = (
        select(col(Delivery.phone), col(Line.number), col(Line.account_id))
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(
            col(Campaign.name) == campaign,
            col(Message.position) == 1,
            col(Delivery.state) == State.DELIVERED,
            col(Delivery.phone).contains(_PHONE_ENDING),
        )
        .order_by(col(Delivery.id))
        .limit(40)
    )
    with db.read() as session:
        reached = session.execute(query).all()
    for place, (text, person) in enumerate(zip(_WROTE, reached[::3], strict=False)):
        at = now - timedelta(hours=26) + place * timedelta(hours=2, minutes=7)
        phone, line, account_id = person
        inbound.take(db, Reply(account_id, f"demo-{place}", phone, line, text, answered=True), at)
    for phone, _line, _account in reached:
        _opt_in(db, actor, phone, now)
    first = conversations.page(db, search=_WROTE[0]).rows
    if first:
        answers.write(db, actor, first[0].id, "We do! Five to eight days, 12 dollars.", now)


def _opt_in(db: Database, actor: Actor, phone: str, now: datetime) -> None:
    given = Given(phone, now - timedelta(days=200), _JOINED, _OPT_IN, "203.0.113.24")
    consents.record(db, actor, given, Via.IMPORT, now)
