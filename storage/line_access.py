"""Who may send from a line: everyone, or chosen people; administrators always."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlmodel import Session, col

from domain.access import Actor, LineForbidden, Permission, Role, allows, may_use_line
from storage.database import Database
from storage.tables import Line, LineAccess, User


def check(session: Session, actor: Actor, line_id: int) -> None:
    """Raise `LineForbidden` unless the actor may send from the line."""
    restricted = session.scalar(select(col(Line.restricted)).where(col(Line.id) == line_id))
    chosen = session.get(LineAccess, (line_id, actor.user_id)) is not None
    if not may_use_line(actor, restricted=bool(restricted), chosen=chosen):
        raise LineForbidden


def of(db: Database, actor: Actor) -> frozenset[int]:
    """The lines that the actor may send from: none for who may only look."""
    if not allows(actor, Permission.EDIT):
        return frozenset()
    with db.read() as session:
        return frozenset(session.scalars(select(col(Line.id)).where(usable(actor))))


def usable(actor: Actor) -> ColumnElement[bool]:
    """The condition on lines that `check` lets pass."""
    chosen = select(col(LineAccess.line_id)).where(col(LineAccess.user_id) == actor.user_id)
    everyone = ~col(Line.restricted)
    if allows(actor, Permission.ADMINISTER):
        everyone = or_(everyone, col(Line.restricted))
    return or_(everyone, col(Line.id).in_(chosen))


def choose(session: Session, line_id: int, people: Collection[int]) -> None:
    """Let exactly these people use the line."""
    session.execute(delete(LineAccess).where(col(LineAccess.line_id) == line_id))
    session.add_all(LineAccess(line_id=line_id, user_id=user_id) for user_id in sorted(people))


def tell(session: Session, before: Collection[int] | None, after: Collection[int] | None) -> None:
    """Who may use a line now and might not before, or the other way round, has their open pages drawn anew.

    Both are those who may use it beside administrators; None is everyone.
    """
    if before == after:
        return
    counted = update(User).values(access=col(User.access) + 1).where(col(User.role) != Role.ADMIN.value)
    if before is not None and after is not None:
        counted = counted.where(col(User.id).in_(set(before) ^ set(after)))
    else:
        counted = counted.where(col(User.id).not_in(set(before or after or ())))
    session.execute(counted, execution_options={"synchronize_session": False})


def chosen(session: Session, line_id: int) -> frozenset[int]:
    """Who may use the line while it is restricted."""
    return frozenset(
        session.scalars(select(col(LineAccess.user_id)).where(col(LineAccess.line_id) == line_id))
    )
