"""Who is on a list: the people who were put on it, or whom its saved filter finds just now."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, null, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.problems import Conflict
from storage.contact_grid import filter_condition
from storage.tables import Contact, ContactList, Membership


class ListFillsItself(Conflict):
    """This list fills itself by its filter. Nobody is put on it or taken off it by hand."""


def of(session: Session, list_id: int) -> Select[Any]:
    """The ids of a list's members, as a column "contact_id"."""
    saved = saved_filter(session, list_id)
    if saved is None:
        return select(col(Membership.contact_id).label("contact_id")).where(
            col(Membership.list_id) == list_id
        )
    return select(col(Contact.id).label("contact_id")).where(filter_condition(session, saved))


def still_on(list_id: int, contact_id: Any) -> ColumnElement[bool]:
    """Whether somebody of a fixed audience was not removed since; whom a filter found stays found."""
    by_hand = exists().where(col(Membership.list_id) == list_id, col(Membership.contact_id) == contact_id)
    filtered = exists().where(col(ContactList.id) == list_id, col(ContactList.filter).is_not(null()))
    contact = aliased(Contact)  # who asks may have contacts of their own in the statement
    return or_(by_hand, and_(filtered, exists().where(col(contact.id) == contact_id)))


def saved_filter(session: Session, list_id: int) -> dict[str, Any] | None:
    """The list's filter; None for a list of people."""
    return session.scalar(select(col(ContactList.filter)).where(col(ContactList.id) == list_id))


def refuse_filter(session: Session, list_id: int) -> None:
    """Raise `ListFillsItself` for a list that nobody can be put on."""
    if saved_filter(session, list_id) is not None:
        raise ListFillsItself
