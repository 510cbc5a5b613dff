"""When queued deliveries expire, for a message that had begun when somebody chose another time for that."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from domain.deliveries import State
from storage.tables import Delivery


def move(session: Session, message_id: int, by: timedelta) -> None:
    """Let those who still wait expire so much later, or earlier.

    They share few instants, one a time zone. Taken in this order no instant is moved onto the next.
    """
    waiting = (col(Delivery.message_id) == message_id, col(Delivery.state) == State.QUEUED)
    instants = session.scalars(select(col(Delivery.expires_at)).where(*waiting).distinct()).all()
    for instant in sorted(instants, reverse=by > timedelta(0)):
        session.execute(
            update(Delivery)
            .where(*waiting, col(Delivery.expires_at) == instant)
            .values(expires_at=instant + by)
            .execution_options(synchronize_session=False)
        )
