"""The contacts' rows: searched, filtered, sorted and paged by the database, as fast with a million."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, union
from sqlmodel import Session, col

from domain.searching import Terms, terms
from storage.contact_conditions import ConsentState, Outcome, consented, took_part, with_field
from storage.database import Database
from storage.tables import Contact, ContactList, Membership, Suppression

Column = Literal["name", "phone", "email", "added"]
Standing = Literal["", "reachable", "suppressed", "invalid"]
MAX_PAGE = 100
CAP = 10_000
"""As many matches are counted and sorted; who has more is asked to narrow the search down."""

SMALL_LIST = 20_000
"""Up to this size a list's members are looked up and sorted; beyond it the contacts are walked in order."""

FEW_NUMBERS = 50_000
"""Up to so many contacts whose number begins as wanted are looked at one by one for their names."""

LISTS_SHOWN = 3


FILTERS = frozenset(
    {"search", "list_id", "timezone", "standing", "consent", "campaign_id", "outcome", "field", "value"}
)
"""What of a query narrows it; the rest is how it is shown."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which contacts are wanted."""

    search: str = ""
    list_id: int | None = None
    timezone: str = ""
    standing: Standing = ""
    consent: ConsentState = ""
    campaign_id: int | None = None
    outcome: Outcome = ""  # of that campaign
    field: str = ""
    value: str = ""
    sort: Column = "name"
    descending: bool = False
    page: int = 1
    size: int = 25

    @property
    def filtered(self) -> bool:
        """Whether anything narrows it."""
        return bool(self.search.strip()) or any(getattr(self, name) for name in FILTERS - {"search"})


@dataclass(frozen=True, slots=True)
class Row:
    """One contact as the table shows it."""

    id: int
    name: str
    phone: str
    email: str
    zone: str
    lists: tuple[str, ...]  # the first few
    list_count: int
    suppressed: bool
    invalid: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page; `capped` when more than `total` match and only so many are shown."""

    rows: tuple[Row, ...]
    total: int
    page: int
    capped: bool = False


NO_FILTERS: dict[str, Any] = {name: getattr(Query(), name) for name in FILTERS - {"list_id"}}

_SORTS: dict[str, Any] = {
    "name": col(Contact.name_key),
    "phone": col(Contact.phone),
    "email": col(Contact.email_key),
    "added": col(Contact.id),
}
SORTABLE = frozenset(_SORTS)
STANDINGS: tuple[Standing, ...] = ("reachable", "suppressed", "invalid")


def page(db: Database, query: Query) -> Page:
    """The rows of a page. A page past the end gives the last one."""
    size = max(1, min(query.size, MAX_PAGE))
    with db.read() as session:
        condition = matching(session, query)
        total, capped = _count(session, query, condition)
        number = max(1, min(query.page, -(-total // size)))
        skip = (number - 1) * size
        count = min(size, total - skip)
        if capped:
            ids = _ids(session, query, matching(session, query, many=True), skip, count)
        elif skip > total // 2:  # counted from the end the way is shorter
            turned = replace(query, descending=not query.descending)
            ids = _ids(session, turned, condition, total - skip - count, count)[::-1]
        else:
            ids = _ids(session, query, condition, skip, count)
        return Page(tuple(rows(session, ids)), total, number, capped)


def after(db: Database, query: Query, contact_id: int, limit: int) -> list[Contact]:
    """Up to `limit` of the contacts that a query finds, in the order of their ids, from behind one on."""
    with db.read() as session:
        condition = matching(session, query, cap=None)
        found = select(Contact).where(condition, col(Contact.id) > contact_id)
        return list(session.scalars(found.order_by(col(Contact.id)).limit(limit)))


def rows(session: Session, ids: Sequence[int]) -> list[Row]:
    """The rows of these contacts, in the order of the ids."""
    suppressed = exists().where(col(Suppression.phone) == col(Contact.phone)).label("suppressed")
    found = session.execute(select(Contact, suppressed).where(col(Contact.id).in_(ids)))
    lists = lists_of(session, ids)
    made = {contact.id: _row(contact, lists.get(contact.id or 0, []), bool(off)) for contact, off in found}
    return [made[contact_id] for contact_id in ids if contact_id in made]


def matching(
    session: Session, query: Query, cap: int | None = CAP, *, many: bool = False
) -> ColumnElement[bool]:
    """The condition on contacts; a search looks through at most `cap` matches of each kind, if given.

    Where `many` match, they are met soon by walking in the order that is wanted, and no index is to be
    asked for all of them first.
    """
    parts: list[ColumnElement[bool]] = [true()]
    wanted = terms(query.search)
    if wanted != Terms():
        parts.append(_searched(wanted, cap, few=_few(session, wanted)))
    if query.list_id is not None:
        parts.append(_on_list(session, query.list_id, many=many))
    if query.timezone:
        parts.append(_in_zone(query.timezone, by_index=not many))
    if query.consent:
        parts.append(consented(query.consent))
    if query.campaign_id is not None:
        parts.append(took_part(session, query.campaign_id, query.outcome))
    if query.field:
        parts.append(with_field(query.field, query.value))
    off = exists().where(col(Suppression.phone) == col(Contact.phone))
    if query.standing == "suppressed":
        parts.append(col(Contact.phone).in_(select(col(Suppression.phone))))
    elif query.standing == "invalid":
        parts.append(col(Contact.invalid_reason).is_not(None))
    elif query.standing == "reachable":
        parts += [col(Contact.invalid_reason).is_(None), ~off]
    return and_(*parts)


def filter_condition(session: Session, kept: dict[str, Any]) -> ColumnElement[bool]:
    """What a saved filter means just now."""
    return matching(session, Query(**kept), cap=None, many=True)


def _in_zone(zone: str, *, by_index: bool) -> ColumnElement[bool]:
    """Whose time zone, as given or else the number's, is this one."""
    given, of_number = col(Contact.timezone), col(Contact.number_zone)
    if not by_index:
        return func.coalesce(given, of_number) == zone
    return or_(given == zone, and_(given.is_(None), of_number == zone))


def _count(session: Session, query: Query, condition: ColumnElement[bool]) -> tuple[int, bool]:
    if not query.filtered:
        return session.scalar(select(func.count()).select_from(Contact)) or 0, False
    if query.list_id is not None and query == replace(query, **NO_FILTERS, list_id=query.list_id):
        item = session.get(ContactList, query.list_id)
        if item is None or item.filter is None:
            return item.size if item else 0, False
    some = select(col(Contact.id)).where(condition).limit(CAP + 1).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    return min(total, CAP), total > CAP


def _ids(session: Session, query: Query, condition: ColumnElement[bool], skip: int, count: int) -> list[int]:
    column = _SORTS[query.sort if query.sort in SORTABLE else "name"]
    order = column.desc() if query.descending else column.asc()
    tie = col(Contact.id).desc() if query.descending else col(Contact.id).asc()
    found = select(col(Contact.id)).where(condition).order_by(order, tie)
    return [contact_id or 0 for contact_id in session.scalars(found.offset(skip).limit(count))]


def _few(session: Session, wanted: Terms) -> bool:
    """Whether so few have the number that they are looked at one by one, rather than all of that name."""
    if not (wanted.words and wanted.phones):
        return False
    some = select(col(Contact.id)).where(or_(*_phones(wanted))).limit(FEW_NUMBERS + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW_NUMBERS


def _phones(wanted: Terms) -> list[ColumnElement[bool]]:
    return [_begins(col(Contact.phone), prefix) for prefix in wanted.phones]


def _searched(wanted: Terms, cap: int | None, *, few: bool) -> ColumnElement[bool]:
    """Each way in which a contact can match, by an index of its own.

    Of several words any may begin the name and the others a later part of it: the name's index alone
    tells. Their whole phrase may begin the last name.
    """
    name, last, email = col(Contact.name_key), col(Contact.last_key), col(Contact.email_key)
    words, phrase = wanted.words, " ".join(wanted.words)
    if len(words) > 1:
        ways = [
            and_(_begins(name, word), *(_has_word(name, other) for other in words if other is not word))
            for word in words
        ]
        ways += [_begins(name, phrase), _begins(last, phrase)]
    elif words:
        ways = [_begins(column, words[0]) for column in (name, last, email)]
    else:
        ways = _phones(wanted)
    numbered = or_(*_phones(wanted)) if words and wanted.phones else true()
    if few:
        some = select(col(Contact.id)).where(numbered).limit(FEW_NUMBERS)
        return and_(col(Contact.id).in_(some), or_(*ways))
    found = [select(col(Contact.id)).where(way, numbered) for way in ways]
    if cap is not None:
        found = [select(part.limit(cap + 1).subquery().c.id) for part in found]
    return col(Contact.id).in_(union(*found))


def _has_word(column: Any, word: str) -> ColumnElement[bool]:
    spaced: ColumnElement[str] = " " + column
    return spaced.contains(f" {word}", autoescape=True)


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    """A range that the column's index knows; LIKE would fold case and skip it. What is empty never begins."""
    return and_(column >= prefix, column < prefix + "\U0010ffff", column != "")


def _on_list(session: Session, list_id: int, *, many: bool) -> ColumnElement[bool]:
    item = session.get(ContactList, list_id)
    if item is not None and item.filter is not None:
        return matching(session, Query(**item.filter), cap=None, many=many)
    if item is None or item.size <= SMALL_LIST:
        return col(Contact.id).in_(
            select(col(Membership.contact_id)).where(col(Membership.list_id) == list_id)
        )
    return exists().where(col(Membership.list_id) == list_id, col(Membership.contact_id) == col(Contact.id))


def lists_of(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the lists that these contacts were put on."""
    query = (
        select(col(Membership.contact_id), col(ContactList.name))
        .join(ContactList, col(ContactList.id) == col(Membership.list_id))
        .where(col(Membership.contact_id).in_(ids))
        .order_by(func.lower(col(ContactList.name)))
    )
    names: dict[int, list[str]] = {}
    for contact_id, name in session.execute(query):
        names.setdefault(contact_id, []).append(name)
    return names


def _row(contact: Contact, lists: list[str], off: bool) -> Row:
    return Row(
        id=contact.id or 0,
        name=f"{contact.first_name} {contact.last_name}".strip(),
        phone=contact.phone,
        email=contact.email,
        zone=contact.timezone or contact.number_zone or "",
        lists=tuple(lists[:LISTS_SHOWN]),
        list_count=len(lists),
        suppressed=off,
        invalid=contact.invalid_reason is not None,
        created_at=contact.created_at,
    )
