"""The SMS tab's rows: searched, filtered, sorted and paged by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Text, and_, case, cast, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.campaigns import ARCHIVED, Action, Status, actions
from domain.deliveries import State
from domain.messages import ENDED, UNDECIDED, MessageState, may_move
from domain.names import key
from storage import line_holds, line_use
from storage.database import Database
from storage.line_holds import LineHold
from storage.tables import Campaign, ContactList, Line, Message, User
from storage.tallies import by_state, of_messages

Column = Literal["status", "name", "start", "created_by", "messages", "list"]
MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Query:
    """What of the grid is wanted. `statuses` empty means all but archived."""

    search: str = ""
    statuses: tuple[str, ...] = ()
    line_id: int | None = None
    start_from: datetime | None = None
    start_before: datetime | None = None
    sort: Column = "start"
    descending: bool = True
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign as the grid shows it."""

    id: int
    name: str
    status: str  # as shown: archived hides what lies below
    start_at: datetime | None
    timezone: str
    created_by: str
    message_count: int
    list_name: str
    line_id: int
    line_label: str
    line_hold: LineHold | None  # why a running campaign's line sends nothing right now
    missed: int  # messages that wait for a person's decision
    actions: tuple[Action, ...]
    tally: Mapping[State, int]  # of all its messages; empty unless it runs or is paused


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in an order: its value there, and its id among those with the same value."""

    value: Any
    id: int


_creator = aliased(User)
_SORTS: dict[str, Any] = {
    "status": case((col(Campaign.archived), ARCHIVED), else_=cast(col(Campaign.status), Text)),
    "name": col(Campaign.name_key),
    "start": col(Campaign.start_at),
    "created_by": func.lower(col(_creator.name)),
    "messages": col(Campaign.message_count),
    "list": func.lower(col(ContactList.name)),
}
SORTABLE = frozenset(_SORTS)


def page(db: Database, query: Query, now: datetime) -> Page:
    """The rows of a page. A page past the end gives the last one."""
    size = max(1, min(query.size, MAX_PAGE))
    condition = _condition(query)
    with db.read() as session:
        total = session.scalar(select(func.count()).select_from(Campaign).where(condition)) or 0
        number = max(1, min(query.page, -(-total // size)))
        ids = list(session.scalars(_ids(query, condition).offset((number - 1) * size).limit(size)))
        return Page(tuple(rows(session, ids, now)), total, number)


def after(db: Database, query: Query, place: Place | None, now: datetime) -> list[tuple[Row, Place]]:
    """The `query.size` rows behind a place of the query's order, each with its own; pages don't count.

    What is added or removed meanwhile neither repeats nor hides a row that stays.
    """
    value, condition = _SORTS[query.sort], _condition(query)
    if place is not None:
        condition = and_(condition, _behind(query, place))
    ids_ = _ids(query, condition).add_columns(value).limit(query.size)
    with db.read() as session:
        places = {row[0]: Place(row[1], row[0]) for row in session.execute(ids_)}
        return [(row, places[row.id]) for row in rows(session, list(places), now)]


def rows(session: Session, ids: list[int], now: datetime) -> list[Row]:
    """The rows of these campaigns, in the order of the ids; deleted ones are left out."""
    owner = (
        select(Campaign, col(_creator.name), col(ContactList.name), Line)
        .join(_creator, col(_creator.id) == col(Campaign.created_by_id))
        .join(ContactList, col(ContactList.id) == col(Campaign.list_id))
        .join(Line, col(Line.id) == col(Campaign.line_id))
        .where(col(Campaign.id).in_(ids))
    )
    messages = _messages(session, ids)
    tallies = _tallies(session, messages)
    found = session.execute(owner).all()
    used = line_use.used_by(session, [line for *_, line in found], now)
    made = {}
    for campaign, creator, list_name, line in found:
        movable = any(_movable(campaign, message, now) for message in messages.get(campaign.id, ()))
        standing = campaign.standing(movable=movable)
        made[campaign.id] = Row(
            id=campaign.id,
            name=campaign.name,
            status=standing.shown,
            start_at=campaign.start_at,
            timezone=campaign.timezone,
            created_by=creator,
            message_count=campaign.message_count,
            list_name=list_name,
            line_id=campaign.line_id,
            line_label=line.label,
            line_hold=line_holds.of(line, now, used.get(line.id, 0))
            if campaign.status is Status.RUNNING
            else None,
            missed=sum(message.state in UNDECIDED for message in messages.get(campaign.id, ())),
            actions=tuple(actions(standing)),
            tally=tallies.get(campaign.id, {}),
        )
    return [made[campaign_id] for campaign_id in ids if campaign_id in made]


def rows_of(db: Database, ids: list[int], now: datetime) -> list[Row]:
    """The same rows again, as they are now: what an open page shows."""
    with db.read() as session:
        return rows(session, ids, now)


def _condition(query: Query) -> Any:
    parts = [_status_condition(query.statuses)]
    for word in key(query.search[:120]).split():
        parts.append(col(Campaign.name_key).contains(word, autoescape=True))
    if query.line_id is not None:
        parts.append(col(Campaign.line_id) == query.line_id)
    if query.start_from is not None:
        parts.append(col(Campaign.start_at) >= query.start_from)
    if query.start_before is not None:
        parts.append(col(Campaign.start_at) < query.start_before)
    return and_(*parts)


def _status_condition(statuses: tuple[str, ...]) -> Any:
    if not statuses:
        return col(Campaign.archived).is_(False)
    live = [status for status in Status if status.value in statuses]
    shown = and_(col(Campaign.archived).is_(False), col(Campaign.status).in_(live))
    return or_(shown, col(Campaign.archived).is_(True) if ARCHIVED in statuses else false())


def _ids(query: Query, condition: Any) -> Any:
    column = _SORTS[query.sort if query.sort in SORTABLE else "start"]
    ordered = column.desc().nulls_last() if query.descending else column.asc().nulls_last()
    tie = col(Campaign.id).desc() if query.descending else col(Campaign.id).asc()
    found = select(col(Campaign.id)).where(condition)
    if query.sort == "created_by":
        found = found.join(_creator, col(_creator.id) == col(Campaign.created_by_id))
    if query.sort == "list":
        found = found.join(ContactList, col(ContactList.id) == col(Campaign.list_id))
    return found.order_by(ordered, tie)


def _behind(query: Query, place: Place) -> Any:
    """The condition on rows that come after a place; those without a value come last."""
    value, id_ = _SORTS[query.sort], col(Campaign.id)
    tie = id_ < place.id if query.descending else id_ > place.id
    if place.value is None:
        return and_(value.is_(None), tie)
    further = value < place.value if query.descending else value > place.value
    return or_(further, and_(value == place.value, tie), value.is_(None))


def _messages(session: Session, ids: list[int]) -> dict[int, list[Any]]:
    query: Any = (
        select(
            col(Message.id),
            col(Message.campaign_id),
            col(Message.state),
            col(Message.begins_at),
            col(Campaign.status).label("campaign_status"),
        )
        .join(Campaign, col(Campaign.id) == col(Message.campaign_id))
        .where(col(Message.campaign_id).in_(ids))
    )
    found: dict[int, list[Any]] = {}
    for message in session.execute(query):
        found.setdefault(message.campaign_id, []).append(message)
    return found


def _movable(campaign: Campaign, message: Any, now: datetime) -> bool:
    if message.state in ENDED and message.state is not MessageState.CANCELED:
        return False
    come = message.begins_at is not None and message.begins_at <= now
    return may_move(campaign.status, message.state, time_has_come=come, restarting=campaign.restarting)


def _tallies(session: Session, messages: dict[int, list[Any]]) -> dict[int, dict[State, int]]:
    """The counts of the campaigns that are under way, over all their messages."""
    under_way = (Status.RUNNING, Status.PAUSED)
    owners = {
        m.id: m.campaign_id for many in messages.values() for m in many if m.campaign_status in under_way
    }
    sums: dict[int, dict[State, int]] = {}
    for message_id, counts in of_messages(session, owners).items():
        total = sums.setdefault(owners[message_id], {})
        for state, count in by_state(counts).items():
            total[state] = total.get(state, 0) + count
    return sums
