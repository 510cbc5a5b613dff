"""The statements of a claim: the line that may be sent from, and whom the next texts go to."""

from itertools import product
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlmodel import col

from domain.audience import LeftOut, Waits
from domain.campaigns import Status
from domain.deliveries import State
from domain.messages import MessageState
from storage import claim_rules, holds, line_holds
from storage.choices import CONSENT_REQUIRED
from storage.columns import UtcDateTime
from storage.prepared import Prepared
from storage.tables import (
    Campaign,
    Consent,
    Contact,
    ContactList,
    Delivery,
    Line,
    Membership,
    Message,
    Place,
    Suppression,
)

_delivery = Delivery.__table__  # type: ignore[attr-defined]
_now = bindparam("now", type_=UtcDateTime())
OPEN_LINE = Prepared(
    select(
        col(Line.id),
        col(Line.minute_cap),
        col(Line.daily_cap),
        col(Line.day_zone),
        CONSENT_REQUIRED,
        col(Message.version),
        col(Line.circuit_until),
        claim_rules.RULES,
        col(Campaign.list_id),
        col(ContactList.filter).is_not(null()),
    )
    .join(Campaign, col(Campaign.line_id) == col(Line.id))
    .join(ContactList, col(ContactList.id) == col(Campaign.list_id))
    .join(Message, col(Message.campaign_id) == col(Campaign.id))
    .where(
        col(Message.id) == bindparam("message"),
        col(Message.state) == MessageState.SENDING,
        col(Campaign.status) == Status.RUNNING,
        line_holds.is_open(_now),
        holds.none_placed(),
    )
    .with_for_update(read=True, of=Campaign)
)
_suppressed = exists().where(col(Suppression.phone) == _delivery.c.phone)
_place = Place.__table__  # type: ignore[attr-defined]
_waits_until_now = (
    _delivery.c.message_id == bindparam("message"),
    _delivery.c.state == State.QUEUED,
    _delivery.c.due_at <= _now,
)
_closed = or_(_place.c.opens_at.is_(None), _place.c.opens_at > _now)
_opening = case(  # whoever never gets an hour comes up again when the place is looked up again, or expires
    (
        func.coalesce(_place.c.opens_at, _place.c.closes_at) < _delivery.c.expires_at,
        func.coalesce(_place.c.opens_at, _place.c.closes_at),
    ),
    else_=_delivery.c.expires_at,
)
_got_enough = claim_rules.got_enough(_delivery.c.contact_id)
_on_list = {
    False: exists().where(
        col(Membership.list_id) == bindparam("list"), col(Membership.contact_id) == _delivery.c.contact_id
    ),
    True: exists().where(col(Contact.id) == _delivery.c.contact_id),  # whom a filter found stays found
}
"""Whether a person was not taken off the list since, by whether the list fills itself."""

_consented = exists().where(col(Consent.phone) == _delivery.c.phone)


def _claiming(*, consent: bool, expire: bool, cap: bool, fills_itself: bool) -> Any:
    """The claim; it passes over whoever opted out or was taken off the list since; with `consent` whoever has
    no recorded opt-in, with `cap` whoever has had enough texts; with `expire` nobody waits for their hours.
    """
    skipped = [(_suppressed, LeftOut.OPTED_OUT), (~_on_list[fills_itself], LeftOut.REMOVED)]
    skipped += [(~_consented, LeftOut.NO_CONSENT)] if consent else []
    due = _due(
        *((unfit, why.value) for unfit, why in skipped),
        (_delivery.c.expires_at <= _now, State.EXPIRED.value),
        (_closed, Waits.QUIET_HOURS.value if expire else State.QUEUED.value),
        *([(_got_enough, LeftOut.TOO_OFTEN.value)] if cap else []),
    )
    fit, expired = due.c.verdict == State.SENDING.value, due.c.verdict == State.EXPIRED.value
    held, late = due.c.verdict == State.QUEUED.value, due.c.verdict == Waits.QUIET_HOURS.value
    return (
        update(_delivery)
        .where(_delivery.c.id == due.c.id, _delivery.c.state == State.QUEUED)
        .values(
            state=case(
                (or_(fit, expired, held), due.c.verdict),
                *([(late, State.EXPIRED.value)] if expire else []),
                else_=State.SKIPPED.value,
            ),
            reason=case((or_(fit, expired), None), (held, Waits.QUIET_HOURS.value), else_=due.c.verdict),
            due_at=case((held, due.c.opening), else_=_delivery.c.due_at),
            attempts=_delivery.c.attempts + case((fit, 1), else_=0),
            attempt_id=case(
                (fit, cast(_delivery.c.id, String) + literal("-") + bindparam("nonce", type_=String())),
                else_=_delivery.c.attempt_id,
            ),
            sending_since=case((fit, _now), else_=_delivery.c.sending_since),
            finished_at=case((or_(fit, held), _delivery.c.finished_at), else_=_now),
            text=None,
        )
        .returning(
            _delivery.c.id,
            _delivery.c.contact_id,
            _delivery.c.phone,
            _delivery.c.attempt_id,
            _delivery.c.attempts,
            _delivery.c.expires_at,
            _delivery.c.state,
            _delivery.c.code,
        )
    )


def _due(*unfit: tuple[ColumnElement[bool], str]) -> CTE:
    """The next due deliveries, and what is to become of each: sending, or why not.

    Whoever is where the hours have run out is passed over until they are looked up again.
    """
    return (
        select(
            _delivery.c.id,
            case(*unfit, else_=State.SENDING.value).label("verdict"),
            _opening.label("opening"),
        )
        .join(_place, _place.c.id == _delivery.c.place_id)
        .where(*_waits_until_now, _place.c.closes_at > _now)
        .order_by(_delivery.c.due_at, _delivery.c.id)
        .limit(bindparam("k"))
        .with_for_update(of=_delivery, skip_locked=True)
        .cte("due")  # PostgreSQL may run a plain subquery more than once, and then take more than k
    )


def _holding() -> Any:
    """Let everybody due whose hours are closed wait for them: they would come up in every claim."""
    closed = (
        select(_delivery.c.id, _opening.label("opening"))
        .join(_place, _place.c.id == _delivery.c.place_id)
        .where(*_waits_until_now, _place.c.closes_at > _now, _closed)
        .limit(bindparam("k"))
        .with_for_update(of=_delivery, skip_locked=True)
        .cte("closed")
    )
    return (
        update(_delivery)
        .where(_delivery.c.id == closed.c.id, _delivery.c.state == State.QUEUED)
        .values(due_at=closed.c.opening, reason=Waits.QUIET_HOURS.value)
        .returning(_delivery.c.id)
    )


CLAIM = {
    (consent, expire, cap, fills_itself): Prepared(
        _claiming(consent=consent, expire=expire, cap=cap, fills_itself=fills_itself)
    )
    for consent, expire, cap, fills_itself in product((False, True), repeat=4)
}
HOLD = Prepared(_holding())
