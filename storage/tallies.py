"""The tallies: counts that move in the same transaction as the deliveries they count."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from domain.deliveries import State
from storage.prepared import Prepared
from storage.tables import Delivery, Tally

Counts = dict[State, int]
Changes = Counter[tuple[int, str, str]]
"""How much each (message, state, error code) grows."""

_SHIFT = Prepared(
    text(
        "INSERT INTO tally (message_id, state, code, count) VALUES (:message_id, :state, :code, :count) "
        "ON CONFLICT (message_id, state, code) DO UPDATE SET count = tally.count + excluded.count"
    )
)


def shift(session: Session, changes: Changes) -> None:
    """Apply `changes`; always in the same order, so that two writers can't wait for each other."""
    rows = [
        {"message_id": message_id, "state": str(state), "code": code, "count": count}
        for (message_id, state, code), count in sorted(changes.items())
        if count
    ]
    _SHIFT.each(session.connection(), rows)


def moves(moved: Iterable[tuple[int, str, str, str, str]]) -> Changes:
    """The changes when each of `moved` (message, old state, new state, old code, new code) moves."""
    changes: Changes = Counter()
    for (message_id, old, new, old_code, new_code), count in Counter(moved).items():
        changes[message_id, old, old_code] -= count
        changes[message_id, new, new_code] += count
    return changes


def of_messages(session: Session, message_ids: Iterable[int]) -> dict[int, Counter[tuple[State, str]]]:
    """Each message's counts by state and error code, zeros left out."""
    found: dict[int, Counter[tuple[State, str]]] = {message_id: Counter() for message_id in message_ids}
    query = select(Tally).where(col(Tally.message_id).in_(found), col(Tally.count) != 0)
    for tally in session.scalars(query):
        found[tally.message_id][State(tally.state), tally.code] = tally.count
    return found


def by_state(counts: Counter[tuple[State, str]]) -> Counts:
    """The same counts without the error codes."""
    states: Counter[State] = Counter()
    for (state, _code), count in counts.items():
        states[state] += count
    return dict(states)


def recount(session: Session, message_id: int) -> Counter[tuple[State, str]]:
    """The counts as the deliveries themselves say; only tests and checks need this."""
    query = (
        select(col(Delivery.state), col(Delivery.code), func.count())
        .where(col(Delivery.message_id) == message_id)
        .group_by(col(Delivery.state), col(Delivery.code))
    )
    return Counter({(State(state), code): count for state, code, count in session.execute(query)})
