"""Demo data: a team, lines, lists, and campaigns in every status, one of them running when the page opens."""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from domain import progress
from domain.access import Role
from domain.campaigns import Status
from domain.deliveries import State
from domain.details import ACKNOWLEDGMENT, Details
from domain.line_kinds import guess
from domain.messages import MessageState
from domain.names import key
from domain.problems import Problem
from domain.sandbox import behaviour, delay, final_state
from domain.zones import resolve, wall, zones_of_number
from storage import campaigns, demo_talk, messages, quiet_hours, workspace
from storage.contacts import keys
from storage.database import Database
from storage.messages import Change
from storage.tables import (
    AudienceMember,
    Campaign,
    CarrierAccount,
    Contact,
    ContactList,
    Delivery,
    Line,
    Membership,
    Message,
    ProgressPoint,
    Setting,
    User,
)
from storage.tallies import shift

OWNER_EMAIL = "ada.park@example.com"
"""The demo owner, as whom every visitor of a demo is signed in."""

ZONE = "America/New_York"

_TEAM = (
    ("Ada Park", OWNER_EMAIL, Role.ADMIN),
    ("Bo Lind", "bo.lind@example.com", Role.MANAGER),
    ("Cleo Marsh", "cleo.marsh@example.com", Role.MANAGER),
    ("Dev Rao", "dev.rao@example.com", Role.MANAGER),
    ("Eve Quist", "eve.quist@example.com", Role.VIEWER),
)
_LINES = (
    ("Main number", "+14155550100", 40.0),
    ("Support line", "+12125550142", 10.0),
    ("Short code 71234", "71234", None),
)
_LISTS = (("VIP customers", 25), ("Spring leads", 1_200), ("All subscribers", 20_000))
_FIRST = (
    *("Maya", "Liam", "Noor", "Ana", "Kofi", "Ines", "Jun", "Priya", "Omar", "Lena"),
    *("Tom", "Aiko", "Zoë", "Sam", "Ruth", "Ivan", "Mei", "Luis", "Nia", "Eli"),
)
_LAST = (
    *("Okafor", "Silva", "Chen", "Novak", "Haddad", "Kim", "Rossi", "Meyer"),
    *("Patel", "Diaz", "Larsen", "Cohen", "Abe", "Ward", "Moreau"),
)
_TROUBLE = ("0003", "0007", "0001", "0006", "0005", "0003", "0010", "0003", "0006", "0060", "0003", "0007")
"""Endings that the sandbox treats in its special ways; one contact in 37 has one."""

_AREAS = ("212", "415", "305", "312", "617", "206", "602", "303", "404", "713")


@dataclass(frozen=True, slots=True)
class _Story:
    """A campaign to tell: who it is for, what it says, and where it stands."""

    name: str
    status: Status
    list_name: str
    creator: int
    texts: tuple[str, ...]
    days: float  # its first message's time, in days from now
    line: int = 0
    archived: bool = False
    reached: float = 1.0  # how much of the last message was sent


_STORIES = (
    _Story(
        "Welcome series",
        Status.COMPLETED,
        "Spring leads",
        0,
        (
            "Hi from Harbor & Pine! Here is 10% off your first order: HELLO10. Reply STOP to opt out.",
            "Three favourites our customers keep coming back for: shop.example/favourites",
            "Your 10% ends tonight. HELLO10 at checkout.",
        ),
        -12,
    ),
    _Story(
        "Black Friday early access",
        Status.COMPLETED,
        "All subscribers",
        1,
        (
            "👋 Doors open early for you: 30% off until noon. shop.example/early Reply STOP to opt out.",
            "⏰ 24 hours left: 30% off everything, including the new winter line → shop.example/bf",
        ),
        -3,
        line=2,
    ),
    _Story(
        "VIP preview night",
        Status.SCHEDULED,
        "VIP customers",
        2,
        (
            "You're invited: winter collection, one evening early. Thu 7 pm, Pine St. Reply STOP to opt out.",
            "Tonight at 7! Show this text at the door. 🎁",
        ),
        2,
    ),
    _Story(
        "Store opening: Brooklyn",
        Status.SCHEDULED,
        "Spring leads",
        3,
        ("We open in Brooklyn on Saturday at 10. First 50 in line get a tote bag. Reply STOP to opt out.",),
        4.2,
        line=1,
    ),
    _Story(
        "Webinar reminder",
        Status.DRAFT,
        "Spring leads",
        0,
        ("Starting in one hour: live Q&A with our buyers.",),
        6,
    ),
    _Story(
        "Loyalty points expiring",
        Status.STOPPED,
        "Spring leads",
        4,
        (
            "Your points expire on Friday. Spend them here: shop.example/points Reply STOP to opt out.",
            "Last day for your points.",
        ),
        -1.5,
        reached=0.4,
    ),
    _Story(
        "Customer survey",
        Status.PAUSED,
        "Spring leads",
        2,
        ("One question: how was your last order? Reply 1 to 5. Reply STOP to opt out.",),
        -0.1,
        line=1,
        reached=0.35,
    ),
    _Story(
        "Summer clearance",
        Status.COMPLETED,
        "Spring leads",
        3,
        ("Summer clearance: up to 60% off until Sunday. Reply STOP to opt out.",),
        -120,
        archived=True,
    ),
    _Story("Holiday hours", Status.DRAFT, "All subscribers", 1, (), 20, line=2),
)
_LIVE = "Cyber Monday: live now"
_LIVE_TEXT = (
    "Cyber Monday is on: 25% off until midnight, code CYBER25. shop.example/cyber Reply STOP to opt out."
)


_AT_WORK = (Status.DRAFT, Status.SCHEDULED, Status.RUNNING)
"""As long as one stands so, no other is made: a draft is one that could not be scheduled."""


def seed(db: Database, now: datetime) -> bool:
    """Fill an empty database; returns whether there was anything to do."""
    with db.write() as session:
        if session.scalar(select(col(User.id)).where(~col(User.machine)).limit(1)) is not None:
            return False
        _people(session, now)
        random = Random(23)  # noqa: S311 - demo data, the same each time
        for story in _STORIES:
            _tell(session, story, now, random)
    demo_talk.talk(db, workspace.actor(db, OWNER_EMAIL), _STORIES[0].name, now)
    return True


def keep_running(db: Database, now: datetime) -> None:
    """See that a campaign runs, so that a visitor finds moving bars; makes the next one when it is over."""
    actor = workspace.actor(db, OWNER_EMAIL)
    with db.read() as session:
        lively = select(col(Campaign.id)).where(
            col(Campaign.status).in_(_AT_WORK), col(Campaign.name).startswith(_LIVE)
        )
        if session.scalar(lively) is not None:
            return
        count = len(
            session.scalars(select(col(Campaign.id)).where(col(Campaign.name).startswith(_LIVE))).all()
        )
        line_id = session.scalar(select(col(Line.id)).where(col(Line.label) == _LINES[0][0]))
        list_id = session.scalar(select(col(ContactList.id)).where(col(ContactList.name) == _LISTS[2][0]))
    if line_id is None or list_id is None:  # a visitor has made the demo their own
        return
    name = _LIVE if not count else f"{_LIVE} ({count + 1})"
    form = Details(name, "sms", line_id, list_id, actor.user_id, acknowledged=True)
    campaign_id = campaigns.create(db, actor, form, ZONE, now)
    soon = wall((now + timedelta(minutes=1)).replace(second=0, microsecond=0), ZONE)
    when = Change(text=_LIVE_TEXT, local_date=f"{soon:%Y-%m-%d}", local_time=f"{soon:%H:%M}")
    messages.add(db, actor, campaign_id, now, when)
    with suppress(Problem):  # for what a visitor has changed; then it stays a draft
        campaigns.schedule(db, actor, campaign_id, now)
        _bring_forward(db, campaign_id, now)


def _bring_forward(db: Database, campaign_id: int, now: datetime) -> None:
    """Let the live campaign begin at once instead of at the next full minute."""
    with db.write() as session:
        message = session.scalars(select(Message).where(col(Message.campaign_id) == campaign_id)).one()
        message.send_at = message.begins_at = now
        session.get_one(Campaign, campaign_id).start_at = now


def _people(session: Session, now: datetime) -> None:
    for name, email, role in _TEAM:
        session.add(User(name=name, email=email, role=role.value, created_at=now))
    session.add(Setting(name=quiet_hours.NAME, value={"on": False}))  # the sandbox wakes nobody
    account = CarrierAccount(name="Sandbox", kind="sandbox", token=secrets.token_hex(16), created_at=now)
    session.add(account)
    session.flush()
    for label, number, rate in _LINES:
        line = Line(
            label=label,
            number=number,
            kind=guess(number),
            account_id=account.id or 0,
            rate=rate,
            price_micros=7_900,
            created_at=now,
        )
        session.add(line)
    session.flush()
    _contacts(session, now)


def _contacts(session: Session, now: datetime) -> None:
    largest = _LISTS[-1][1]
    random = Random(7)  # noqa: S311 - demo data, the same each time
    zones = {area: zones_of_number(f"+1{area}5550100")[0] for area in _AREAS}
    rows = [_contact(number, zones, random, now) for number in range(largest)]
    session.connection().execute(insert(Contact), rows)
    ids = session.scalars(select(col(Contact.id)).order_by(col(Contact.id))).all()
    for name, size in _LISTS:
        made = ContactList(name=name, size=size, created_at=now)
        session.add(made)
        session.flush()
        members = [{"list_id": made.id, "contact_id": contact_id} for contact_id in ids[:size]]
        session.connection().execute(insert(Membership), members)


def _contact(number: int, zones: dict[str, str], random: Random, now: datetime) -> dict[str, Any]:
    area = _AREAS[number % len(_AREAS)]
    first, last = random.choice(_FIRST), random.choice(_LAST)
    email = f"{first}.{last}.{number}@example.com".lower()
    return {
        "phone": _phone(number, area),
        "first_name": first,
        "last_name": last,
        "email": email,
        "timezone": None,
        "number_zone": zones[area],
        "fields": {},
        "created_at": now,
        **keys(first, last, email),
    }


def _phone(number: int, area: str) -> str:
    """A number of its own for each contact; the ranges of the two kinds don't meet."""
    if number % 37 == 5:
        block = number // 370
        return f"+1{area}{300 + block}{_TROUBLE[(number // 37) % len(_TROUBLE)]}"
    return f"+1{area}555{1000 + number // len(_AREAS) * 7 % 9000:04d}"


def _tell(session: Session, story: _Story, now: datetime, random: Random) -> None:
    start = _start(story, now, random)
    began = start <= now and story.status not in (Status.DRAFT, Status.SCHEDULED)
    made = start - timedelta(days=2) if began else now - timedelta(days=1)
    size = dict(_LISTS)[story.list_name]
    creator = (
        session.scalars(select(col(User.id)).where(col(User.email) == _TEAM[story.creator][1])).one() or 0
    )
    campaign = Campaign(
        name=story.name,
        name_key=key(story.name),
        line_id=session.scalars(select(col(Line.id)).where(col(Line.label) == _LINES[story.line][0])).one()
        or 0,
        list_id=session.scalars(
            select(col(ContactList.id)).where(col(ContactList.name) == story.list_name)
        ).one()
        or 0,
        owner_id=creator,
        created_by_id=creator,
        timezone=ZONE,
        status=story.status,
        archived=story.archived,
        acknowledged_by_id=creator,
        acknowledged_at=made,
        acknowledgment=ACKNOWLEDGMENT,
        start_at=start if story.texts else None,
        message_count=len(story.texts),
        audience_size=size if began else None,
        audience_fixed_at=start if began else None,
        started_at=start if began else None,
        completed_at=start + timedelta(days=len(story.texts)) if story.status is Status.COMPLETED else None,
        status_since=min(now, start + timedelta(hours=1)),
        created_at=made,
    )
    session.add(campaign)
    session.flush()
    for position, text in enumerate(story.texts, start=1):
        _tell_message(session, story, campaign, position, text, now, random)


def _start(story: _Story, now: datetime, random: Random) -> datetime:
    """An hour at which a marketing team would send, but for what began today."""
    rough = now + timedelta(days=story.days)
    if abs(story.days) < 1:
        return rough.replace(second=0, microsecond=0)
    hour, minute = random.choice((9, 10, 11, 14, 16)), random.choice((0, 15, 30))
    local = wall(rough, ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return resolve(local, ZONE).instant


def _tell_message(
    session: Session,
    story: _Story,
    campaign: Campaign,
    position: int,
    text: str,
    now: datetime,
    random: Random,
) -> None:
    send_at = (campaign.start_at or now) + timedelta(days=position - 1)
    local = wall(send_at, ZONE)
    last = position == len(story.texts)
    begun = campaign.started_at is not None and (position == 1 or story.status is Status.COMPLETED)
    message = Message(
        campaign_id=campaign.id or 0,
        position=position,
        text=text,
        local_date=f"{local:%Y-%m-%d}",
        local_time=f"{local:%H:%M}",
        send_at=send_at,
        begins_at=send_at,
        state=_message_state(story.status, begun=begun),
        began_at=send_at if begun else None,
        finished_at=send_at + timedelta(hours=1) if begun and story.status is Status.COMPLETED else None,
        created_at=campaign.created_at,
    )
    session.add(message)
    session.flush()
    if begun:
        reached = story.reached if story.status is not Status.COMPLETED or last else 1.0
        _deliver(session, story, campaign, message, reached)


def _message_state(status: Status, *, begun: bool) -> MessageState:
    match status:
        case Status.DRAFT:
            return MessageState.DRAFT
        case Status.COMPLETED:
            return MessageState.DONE
        case Status.STOPPED:
            return MessageState.CANCELED
        case _:
            return MessageState.SENDING if begun else MessageState.SCHEDULED


def _deliver(session: Session, story: _Story, campaign: Campaign, message: Message, reached: float) -> None:
    members = session.execute(
        select(col(Contact.id), col(Contact.phone), col(Contact.number_zone))
        .join(Membership, col(Membership.contact_id) == col(Contact.id))
        .where(col(Membership.list_id) == campaign.list_id)
        .order_by(col(Contact.id))
    ).all()
    if message.position == 1:
        audience = [
            {
                "campaign_id": campaign.id,
                "contact_id": m.id,
                "phone": m.phone,
                "zone": m.number_zone,
                "left_out": None,
            }
            for m in members
        ]
        session.connection().execute(insert(AudienceMember), audience)
    message.plan_cursor = members[-1].id
    rest = State.CANCELED if story.status is Status.STOPPED else State.QUEUED
    rows = list(_rows(message, members, int(len(members) * reached), rest))
    session.connection().execute(insert(Delivery), rows)
    shift(session, Counter((message.id or 0, row["state"], row["code"]) for row in rows))
    session.add_all(_points(message.id or 0, rows, rest))


def _points(message_id: int, rows: list[dict[str, Any]], rest: State) -> Iterator[ProgressPoint]:
    """How the message came along, as if it had been noted on the way."""
    went = sorted(row["sent_at"] for row in rows if row["sent_at"])
    ended = sorted((row["finished_at"], row["state"]) for row in rows if row["finished_at"])
    if not went:
        return
    at, last = went[0], max(went[-1], ended[-1][0] if ended else went[-1])
    counts, gone, done = Counter({rest: len(rows)}), 0, 0
    while at < last + progress.CLOSEST:
        at += progress.CLOSEST
        while gone < len(went) and went[gone] <= at:
            gone += 1
            counts += Counter({State.SENT: 1})
            counts -= Counter({rest: 1})
        while done < len(ended) and ended[done][0] <= at:
            counts += Counter({ended[done][1]: 1})
            counts -= Counter({State.SENT: 1})
            done += 1
        yield ProgressPoint(message_id=message_id, at=at, counts={str(s): n for s, n in counts.items()})


def _rows(message: Message, members: Any, sent: int, rest: State) -> Iterator[dict[str, Any]]:
    start = message.send_at or message.created_at
    for place, member in enumerate(members):
        state = final_state(member.phone) if place < sent else rest
        if state is State.UNKNOWN and place % 2:
            state = State.DELIVERED
        went = start + timedelta(seconds=place / 40)
        touched = place < sent
        ended = went + timedelta(seconds=delay(member.phone)) if touched and state is not State.SENT else None
        yield {
            "message_id": message.id,
            "contact_id": member.id,
            "phone": member.phone,
            "state": state,
            "due_at": start,
            "expires_at": start + timedelta(days=1),
            "reason": "The campaign was stopped." if state is State.CANCELED else None,
            "code": behaviour(member.phone).code if touched and state is not State.DELIVERED else "",
            "attempts": int(touched),
            "attempt_id": None,
            "carrier_message_id": f"demo-{message.id}-{member.id}" if touched else None,
            "sending_since": went if touched else None,
            "sent_at": went if touched else None,
            "finished_at": ended,
        }
