"""What people do with campaigns: each verb is one short transaction that asks the rules and the policy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from domain import access, campaigns, details
from domain.access import Actor, Permission
from domain.campaigns import Action, Status
from domain.details import ACKNOWLEDGMENT, ChoiceGone, Details, DetailsChanged, DetailsLocked, NameTaken
from domain.messages import BEGUN, UNBEGUN, UNDECIDED, Choice, MessageState
from domain.names import clean, key
from domain.problems import Conflict
from domain.zones import zone as known_zone
from storage import audit, events, found, line_access, missed
from storage.audiences import CANCEL_REASONS, CHUNK, complete_if_over, mark_moved
from storage.database import Database
from storage.deliveries import cancel
from storage.sequence import check_ready, check_shown, note_start, set_instants, standing_of, to_send
from storage.tables import Attachment, Campaign, ContactList, FormDraft, Line, Message, User

NEW_FORM = "campaign"
"""The name under which a not yet saved campaign's form is kept for each person."""


class OverdueMessages(Conflict):
    """The time of a message passed while the campaign was paused. Say for each: send now, a time, or skip."""

    def __init__(self, messages: Mapping[int, int]) -> None:
        super().__init__()
        self.messages = messages  # id → position


def create(db: Database, actor: Actor, form: Details, zone: str, now: datetime) -> int:
    """Save the details as a new draft; returns its id.

    Raises `DetailsMissing`, `NameTaken`, `ChoiceGone`, `UnknownZone` or the name's own problems.
    """
    access.check(actor, Permission.EDIT)
    details.check(form)
    known_zone(zone)
    with _unique_name(), db.write() as session:
        campaign = Campaign(
            name=clean(form.name),
            name_key=key(form.name),
            line_id=form.line_id or 0,
            list_id=form.list_id or 0,
            owner_id=form.owner_id or 0,
            created_by_id=actor.user_id,
            timezone=zone,
            acknowledged_by_id=actor.user_id,
            acknowledged_at=now,
            acknowledgment=ACKNOWLEDGMENT,
            status_since=now,
            created_at=now,
        )
        _check_choices(session, form)
        line_access.check(session, actor, campaign.line_id)
        session.add(campaign)
        session.flush()
        campaign_id = campaign.id or 0
        if draft := session.get(FormDraft, (actor.user_id, NEW_FORM)):
            session.delete(draft)
        audit.record(session, actor, now, "create", "campaign", campaign_id, after={"name": campaign.name})
    return campaign_id


def save_details(
    db: Database, actor: Actor, campaign_id: int, form: Details, now: datetime, version: int | None = None
) -> None:
    """Change a draft's details; raises `DetailsLocked` once it is more than a draft.

    `version` is the one that the form was opened at: `DetailsChanged` if it is not the newest any more.
    """
    access.check(actor, Permission.EDIT)
    details.check(form)
    with _unique_name(), db.write() as session:
        campaign = found.campaign(session, campaign_id, lock=True)
        _check_unlocked(campaign)
        if version not in (None, campaign.version):
            raise DetailsChanged
        _check_choices(session, form)
        line_access.check(session, actor, form.line_id or 0)
        before = _details_of(campaign)
        campaign.name, campaign.name_key = clean(form.name), key(form.name)
        campaign.line_id, campaign.list_id = form.line_id or 0, form.list_id or 0
        campaign.owner_id = form.owner_id or 0
        campaign.version += 1
        after = _details_of(campaign)
        if after != before:
            audit.record(session, actor, now, "edit", "campaign", campaign_id, before=before, after=after)


def name_is_free(db: Database, name: str, except_id: int | None = None) -> bool:
    """Whether no other campaign has this name, however it is written."""
    query = select(col(Campaign.id)).where(col(Campaign.name_key) == key(name))
    with db.read() as session:
        return session.scalar(query) in (None, except_id)


def set_zone(db: Database, actor: Actor, campaign_id: int, zone: str, now: datetime) -> None:
    """Change the zone in which a draft's times are meant; the wall-clock times stay."""
    access.check(actor, Permission.EDIT)
    known_zone(zone)
    with db.write() as session:
        campaign = found.campaign(session, campaign_id, lock=True)
        _check_unlocked(campaign)
        before, campaign.timezone = campaign.timezone, zone
        messages = found.messages(session, campaign_id)
        for message in messages:
            set_instants(session, campaign, message)
        note_start(campaign, messages)
        if zone != before:
            changed = {"before": {"timezone": before}, "after": {"timezone": zone}}
            audit.record(session, actor, now, "edit", "campaign", campaign_id, **changed)


def schedule(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Schedule a draft, or a stopped campaign whose schedule was rebuilt.

    Raises `ActionRefused`, or what is wrong with a message or a time.
    """
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.SCHEDULE)
        messages = found.messages(session, campaign_id)
        check_ready(session, campaign, messages, now)
        for message in to_send(messages):
            message.state = MessageState.SCHEDULED
            mark_moved(session, message.id or 0)  # what the stop did not get to cancel has a new time too
        campaign.restarting = False
        note_start(campaign, messages)
        _become(session, actor, campaign, Action.SCHEDULE, now)


def pause(db: Database, actor: Actor, campaign_id: int, now: datetime, reason: str | None = None) -> None:
    """Hold the rest of a running campaign; its schedule stays."""
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.PAUSE)
        campaign.pause_reason = reason
        _become(session, actor, campaign, Action.PAUSE, now)


def resume(
    db: Database,
    actor: Actor,
    campaign_id: int,
    now: datetime,
    overdue: Mapping[int, str] | None = None,
) -> None:
    """Go on with exactly those who have not been sent to.

    `overdue` says for each message whose time passed while paused "send_now" or "skip" (a new time is
    set by moving it first). Raises `OverdueMessages` while one is undecided.
    """
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.RESUME)
        messages = found.messages(session, campaign_id)
        late = [m for m in messages if m.state in _MAY_BE_LATE and m.begins_at and m.begins_at <= now]
        undecided = {m.id or 0: m.position for m in late if (overdue or {}).get(m.id or 0) not in [*Choice]}
        if undecided:
            raise OverdueMessages(undecided)
        for message in late:
            missed.settle(session, campaign, message, Choice((overdue or {})[message.id or 0]), now)
        note_start(campaign, messages)
        campaign.pause_reason = None
        _become(session, actor, campaign, Action.RESUME, now)
        session.flush()
        complete_if_over(session, campaign, now)


def stop(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Cancel every schedule that is left. What the carrier already has goes its way.

    From the commit on nothing more is claimed. The queued deliveries are canceled here up to some
    thousand, the rest in chunks by the sender's next ticks.
    """
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.STOP)
        for message in found.messages(session, campaign_id):
            if message.state in UNBEGUN | BEGUN | UNDECIDED:
                message.state = MessageState.CANCELED
                if message.id is not None and message.began_at is not None:
                    cancel(session, message.id, CHUNK, CANCEL_REASONS[MessageState.CANCELED], now)
        campaign.pause_reason = None
        _become(session, actor, campaign, Action.STOP, now)


def restart(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Open a stopped campaign's schedule for rebuilding: the canceled times are cleared."""
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.RESTART)
        if campaign.restarting:
            return
        campaign.restarting = True
        for message in found.messages(session, campaign_id):
            if message.state is MessageState.CANCELED:
                message.local_date = message.local_time = None
        audit.record(session, actor, now, "restart", "campaign", campaign_id)


def archive(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Hide the campaign from the default view."""
    _set_archived(db, actor, campaign_id, Action.ARCHIVE, now)


def unarchive(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Bring an archived campaign back with its old status."""
    _set_archived(db, actor, campaign_id, Action.UNARCHIVE, now)


def delete(db: Database, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Delete a draft for good."""
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, Action.DELETE)
        before = {"name": campaign.name}
        session.delete(campaign)
        audit.record(session, actor, now, "delete", "campaign", campaign_id, before=before)


def clone(db: Database, actor: Actor, campaign_id: int, now: datetime) -> int:
    """Copy a campaign into a draft with its texts, its files and no times; returns the draft's id."""
    with _unique_name(), db.write() as session:
        original = _begin(session, actor, campaign_id, Action.CLONE)
        name = _free_name(session, original.name)
        copy = Campaign(
            **_details_of(original) | {"name": name, "name_key": key(name)},
            created_by_id=actor.user_id,
            timezone=original.timezone,
            acknowledged_by_id=actor.user_id,
            acknowledged_at=now,
            acknowledgment=original.acknowledgment,
            message_count=original.message_count,
            status_since=now,
            created_at=now,
        )
        session.add(copy)
        session.flush()
        for message in found.messages(session, campaign_id):
            _copy_message(session, message, copy.id or 0, now)
        audit.record(session, actor, now, "clone", "campaign", copy.id or 0, after={"from": campaign_id})
        return copy.id or 0


_MAY_BE_LATE = (MessageState.SCHEDULED, MessageState.MISSED)


def _begin(session: Session, actor: Actor, campaign_id: int, action: Action) -> Campaign:
    """The campaign, locked, if the actor may and the campaign allows `action`."""
    access.check(actor, Permission.EDIT)
    campaign = found.campaign(session, campaign_id, lock=True)
    campaigns.check(action, standing_of(session, campaign))
    if action in access.SENDING:
        line_access.check(session, actor, campaign.line_id)
    return campaign


def _become(session: Session, actor: Actor, campaign: Campaign, action: Action, now: datetime) -> None:
    before = campaign.status
    campaign.status = campaigns.BECOMES[action]
    campaign.status_since = now
    campaign.version += 1
    events.campaign_moved(session, campaign, before, now)
    verb = action.value.split()[0].lower()
    audit.record(
        session,
        actor,
        now,
        verb,
        "campaign",
        campaign.id or 0,
        before={"status": before.value},
        after={"status": campaign.status.value},
    )


def _check_unlocked(campaign: Campaign) -> None:
    check_shown(campaign)
    if campaign.status is not Status.DRAFT:
        raise DetailsLocked


def _set_archived(db: Database, actor: Actor, campaign_id: int, action: Action, now: datetime) -> None:
    with db.write() as session:
        campaign = _begin(session, actor, campaign_id, action)
        campaign.archived = action is Action.ARCHIVE
        campaign.version += 1
        verb = action.value.split()[0].lower()
        audit.record(session, actor, now, verb, "campaign", campaign_id)


def _details_of(campaign: Campaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "line_id": campaign.line_id,
        "list_id": campaign.list_id,
        "owner_id": campaign.owner_id,
    }


def _check_choices(session: Session, form: Details) -> None:
    owner = session.get(User, form.owner_id)
    wanted = (session.get(Line, form.line_id), session.get(ContactList, form.list_id), owner)
    if None in wanted or not (owner and owner.active):
        raise ChoiceGone


def _free_name(session: Session, name: str) -> str:
    for number in range(1, 1000):
        suffix = " (copy)" if number == 1 else f" (copy {number})"
        candidate = clean(name[: 120 - len(suffix)] + suffix)
        if session.scalar(select(col(Campaign.id)).where(col(Campaign.name_key) == key(candidate))) is None:
            return candidate
    raise NameTaken


def _copy_message(session: Session, original: Message, campaign_id: int, now: datetime) -> None:
    message = Message(
        campaign_id=campaign_id,
        position=original.position,
        text=original.text,
        shorten_links=original.shorten_links,
        recipient_local=original.recipient_local,
        expire_after_minutes=original.expire_after_minutes,
        created_at=now,
    )
    session.add(message)
    session.flush()
    files = select(Attachment).where(col(Attachment.message_id) == original.id)
    for file in session.scalars(files).all():
        session.add(Attachment(**file.model_dump(exclude={"id", "message_id"}), message_id=message.id))


class _unique_name:  # noqa: N801 - used as a with-statement's verb
    """Turns the database's own refusal of a second campaign with the name into `NameTaken`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, IntegrityError) and "name_key" in str(error.orig):
            raise NameTaken from error
