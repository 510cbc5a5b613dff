"""What each bulk action changes for some contacts, and how it is taken back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlmodel import Session, col

from domain.bulk import Action
from domain.contacts import MOST_FIELDS
from domain.opt_outs import Source
from storage import whereabouts
from storage.contacts import suppress_numbers
from storage.tables import BulkChange, BulkJob, Contact, ContactList, Inbound, Membership, Suppression

Before = dict[str, Any]
Changes = list[tuple[int, Before]]
"""Who was changed, and what was there before."""


def apply(session: Session, job: BulkJob, ids: Sequence[int], now: datetime) -> Changes:
    """Do it for these contacts; who needs no change is not among the changes."""
    return _DO[Action(job.action)](session, job, ids, now)


def take_back(session: Session, job: BulkJob, ids: Sequence[int], now: datetime) -> int:
    """Undo it for these contacts, unless somebody changed the same thing since; returns for how many."""
    rows = select(col(BulkChange.contact_id), col(BulkChange.before)).where(
        col(BulkChange.job_id) == job.id, col(BulkChange.contact_id).in_(ids)
    )
    before = dict(session.execute(rows).all())
    count = _UNDO[Action(job.action)](session, job, before, now)
    gone = delete(BulkChange).where(col(BulkChange.job_id) == job.id, col(BulkChange.contact_id).in_(ids))
    session.execute(gone.execution_options(synchronize_session=False))
    return count


def _add(session: Session, job: BulkJob, ids: Sequence[int], _now: datetime) -> Changes:
    return [(contact_id, {}) for contact_id in _join(session, job.task["list_id"], ids)]


def _remove(session: Session, job: BulkJob, ids: Sequence[int], _now: datetime) -> Changes:
    return [(contact_id, {}) for contact_id in _leave(session, job.task["list_id"], ids)]


def _set_zone(session: Session, job: BulkJob, ids: Sequence[int], now: datetime) -> Changes:
    zone, going_on = job.task["value"] or None, whereabouts.going_on(session)
    query = select(col(Contact.id), col(Contact.timezone)).where(
        col(Contact.id).in_(ids), col(Contact.timezone).is_distinct_from(zone)
    )
    found = [(contact_id or 0, {"zone": was}) for contact_id, was in session.execute(query)]
    _update(session, [{"id": who, "timezone": zone, "place_id": None} for who, _ in found])
    whereabouts.follow(session, going_on, [who for who, _ in found], now)
    return found


def _set_field(session: Session, job: BulkJob, ids: Sequence[int], _now: datetime) -> Changes:
    name, value = job.task["name"], job.task["value"]
    query = select(col(Contact.id), col(Contact.fields)).where(col(Contact.id).in_(ids))
    changes, rows = [], []
    for contact_id, fields in session.execute(query):
        wanted = _with_field(fields, name, value)
        if wanted == fields or len(wanted) > max(MOST_FIELDS, len(fields)):
            continue
        changes.append((contact_id, {"value": fields[name]} if name in fields else {}))
        rows.append({"id": contact_id, "fields": wanted})
    _update(session, rows)
    return changes


def _opt_out(session: Session, job: BulkJob, ids: Sequence[int], now: datetime) -> Changes:
    known = select(col(Suppression.phone))
    query = select(col(Contact.id), col(Contact.phone)).where(
        col(Contact.id).in_(ids), col(Contact.phone).not_in(known)
    )
    found = session.execute(query).all()
    suppress_numbers(session, {phone: job.task["value"] for _, phone in found}, Source.TEAM.value, now)
    return [(contact_id or 0, {}) for contact_id, _ in found]


def _delete(session: Session, _job: BulkJob, ids: Sequence[int], _now: datetime) -> Changes:
    """What was sent to them stays in the results."""
    known = session.scalars(select(col(Contact.id)).where(col(Contact.id).in_(ids))).all()
    sizes = session.execute(
        select(col(Membership.list_id), func.count())
        .where(col(Membership.contact_id).in_(ids))
        .group_by(col(Membership.list_id))
        .order_by(col(Membership.list_id))
    ).all()
    _run(session, delete(Membership).where(col(Membership.contact_id).in_(ids)))
    for list_id, count in sizes:
        _resize(session, list_id, -count)
    _run(session, delete(Contact).where(col(Contact.id).in_(ids)))
    return [(contact_id or 0, {}) for contact_id in known]


def _undo_add(session: Session, job: BulkJob, before: dict[int, Before], _now: datetime) -> int:
    return len(_leave(session, job.task["list_id"], list(before)))


def _undo_remove(session: Session, job: BulkJob, before: dict[int, Before], _now: datetime) -> int:
    return len(_join(session, job.task["list_id"], list(before)))


def _undo_zone(session: Session, job: BulkJob, before: dict[int, Before], now: datetime) -> int:
    zone, going_on = job.task["value"] or None, whereabouts.going_on(session)
    query = select(col(Contact.id)).where(
        col(Contact.id).in_(before), col(Contact.timezone).is_not_distinct_from(zone)
    )
    rows = [
        {"id": who, "timezone": before[who or 0]["zone"], "place_id": None} for who in session.scalars(query)
    ]
    _update(session, rows)
    whereabouts.follow(session, going_on, [row["id"] or 0 for row in rows], now)
    return len(rows)


def _undo_field(session: Session, job: BulkJob, before: dict[int, Before], _now: datetime) -> int:
    name, value = job.task["name"], job.task["value"]
    query = select(col(Contact.id), col(Contact.fields)).where(col(Contact.id).in_(before))
    rows = [
        {"id": who, "fields": _with_field(fields, name, before[who].get("value", ""))}
        for who, fields in session.execute(query)
        if fields.get(name, "") == value
    ]
    _update(session, rows)
    return len(rows)


def _undo_opt_out(session: Session, job: BulkJob, before: dict[int, Before], _now: datetime) -> int:
    """Whoever wrote since stays opted out: they may have asked for it, and an opt-out is noted only once."""
    wrote = exists().where(
        col(Inbound.from_phone) == col(Contact.phone), col(Inbound.received_at) >= job.created_at
    )
    query = (
        select(col(Contact.phone))
        .join(Suppression, col(Suppression.phone) == col(Contact.phone))
        .where(
            col(Contact.id).in_(before),
            col(Suppression.source) == Source.TEAM.value,
            col(Suppression.reason) == job.task["value"],
            col(Suppression.created_at) >= job.created_at,
            ~wrote,
        )
    )
    phones = session.scalars(query).all()
    _run(session, delete(Suppression).where(col(Suppression.phone).in_(phones)))
    return len(phones)


def _with_field(fields: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The fields with this one set; an empty value takes it away."""
    others = {key: kept for key, kept in fields.items() if key != name}
    return others if value == "" else {**fields, name: value}


def _join(session: Session, list_id: int, ids: Sequence[int]) -> list[int]:
    """Put on the list those who are not on it, and tell who they are; nobody when the list is gone."""
    if session.get(ContactList, list_id, with_for_update=True) is None:
        return []
    on_it = select(col(Membership.contact_id)).where(
        col(Membership.list_id) == list_id, col(Membership.contact_id).in_(ids)
    )
    query = select(col(Contact.id)).where(col(Contact.id).in_(ids), col(Contact.id).not_in(on_it))
    fresh = [contact_id or 0 for contact_id in session.scalars(query)]
    if fresh:
        session.execute(insert(Membership), [{"list_id": list_id, "contact_id": who} for who in fresh])
        _resize(session, list_id, len(fresh))
    return fresh


def _leave(session: Session, list_id: int, ids: Sequence[int]) -> list[int]:
    """Take off the list those who are on it, and tell who they are."""
    session.get(ContactList, list_id, with_for_update=True)
    mine = (col(Membership.list_id) == list_id) & col(Membership.contact_id).in_(ids)
    gone = list(session.scalars(select(col(Membership.contact_id)).where(mine)))
    _run(session, delete(Membership).where(mine))
    _resize(session, list_id, -len(gone))
    return gone


def _resize(session: Session, list_id: int, by: int) -> None:
    _run(
        session,
        update(ContactList).where(col(ContactList.id) == list_id).values(size=col(ContactList.size) + by),
    )


def _update(session: Session, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(update(Contact), rows)


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


_DO: dict[Action, Callable[[Session, BulkJob, Sequence[int], datetime], Changes]] = {
    Action.ADD: _add,
    Action.REMOVE: _remove,
    Action.ZONE: _set_zone,
    Action.FIELD: _set_field,
    Action.OPT_OUT: _opt_out,
    Action.DELETE: _delete,
}
_UNDO: dict[Action, Callable[[Session, BulkJob, dict[int, Before], datetime], int]] = {
    Action.ADD: _undo_add,
    Action.REMOVE: _undo_remove,
    Action.ZONE: _undo_zone,
    Action.FIELD: _undo_field,
    Action.OPT_OUT: _undo_opt_out,
}
