"""The counter of the contacts' ids: those of deleted people stay theirs, in copies of the database too."""

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from storage.tables import Contact


def last(session: Session) -> int:
    """The counter, which knows those who are gone as well."""
    counter = _LAST[session.get_bind().dialect.name]
    return max(session.scalar(text(counter)) or 0, session.scalar(select(func.max(col(Contact.id)))) or 0)


def count_on(session: Session, last_id: int) -> None:
    """Give out only ids behind that one from now on."""
    for statement in _COUNT_ON[session.get_bind().dialect.name] if last_id else ():
        session.execute(text(statement), {"last": last_id})


_LAST = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'contact'",
    "postgresql": "SELECT last_value FROM contact_id_seq WHERE is_called",
}
_COUNT_ON = {
    "sqlite": (
        "DELETE FROM sqlite_sequence WHERE name = 'contact' AND :last > 0",
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('contact', :last)",
    ),
    "postgresql": ("SELECT setval('contact_id_seq', :last)",),
}
