"""Every table. The delivery table is the ledger: one row per message and person, the only truth."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from domain.access import Role
from domain.campaigns import Standing, Status
from domain.deliveries import State
from domain.line_kinds import LineKind
from domain.messages import DEFAULT_EXPIRY_MINUTES, STANDARD, UNBEGUN, MessageState
from storage.columns import BigId, Key, UtcDateTime, Word

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _instant(*, null: bool = False) -> Any:
    return Field(default=None if null else ..., sa_type=UtcDateTime, nullable=null)


def _reference(target: str, *, null: bool = False, index: bool = False, delete: str | None = None) -> Any:
    """A foreign key; the column is made anew for each table that uses it."""
    return Field(
        default=None if null else ...,
        sa_column_args=[ForeignKey(target, ondelete=delete)],
        nullable=null,
        index=index,
    )


def _where_filled(name: str, column: str) -> Index:
    """An index without the rows that have nothing there."""
    filled = text(f"{column} <> ''")
    return Index(name, column, sqlite_where=filled, postgresql_where=filled)


class User(SQLModel, table=True):
    """Somebody of the team."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    role: str = Role.MANAGER
    active: bool = True
    machine: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # acts by an API key
    access: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # counts the changes of which lines they may use: an open page that knows another number is drawn anew
    created_at: datetime = _instant()


class Login(SQLModel, table=True):
    """How a member of the team proves who they are; without a row nobody signs in as them."""

    user_id: int = Field(sa_column=Column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True))
    password_hash: str  # Argon2id
    changed_at: datetime = _instant()
    totp: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))  # sealed
    totp_on: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # once confirmed
    totp_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    # the last time step whose code was used: no code works twice


class RecoveryCode(SQLModel, table=True):
    """A code that takes the place of the second step once."""

    __tablename__ = "recovery_code"
    user_id: int = Field(sa_column=Column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True))
    code_hash: str = Field(primary_key=True)  # SHA-256 of 80 random bits


class BrowserSession(SQLModel, table=True):
    """A browser in which somebody is signed in; gone once they are not."""

    __tablename__ = "browser_session"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = _reference("user.id", index=True, delete="CASCADE")
    token_hash: str = Field(unique=True)  # SHA-256 of the cookie, which has 256 random bits
    halfway: bool = False  # the password was right, the second step is missing
    address: str = ""
    browser: str = ""  # in words
    created_at: datetime = _instant()
    seen_at: datetime = _instant()


class OneTimeLink(SQLModel, table=True):
    """A link that works once; gone once it was used."""

    __tablename__ = "one_time_link"
    id: int | None = Field(default=None, primary_key=True)
    purpose: str
    token_hash: str = Field(unique=True)  # SHA-256 of 256 random bits
    email: str = ""  # of who is invited
    role: str = ""
    user_id: int | None = _reference("user.id", null=True, index=True, delete="CASCADE")  # whose password
    made_by: str = ""
    created_at: datetime = _instant()
    expires_at: datetime = _instant()


class SignInAttempts(SQLModel, table=True):
    """How often a sign-in was tried lately, by account and by address."""

    __tablename__ = "sign_in_attempts"
    key: str = Field(primary_key=True)  # a hash: what was typed is nobody's business
    count: int
    since: datetime = Field(sa_type=UtcDateTime, index=True)


class ApiKey(SQLModel, table=True):
    """A program's way in; the secret itself is kept nowhere."""

    __tablename__ = "api_key"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: str
    user_id: int = _reference("user.id")  # as whom it owns and creates
    key_hash: str  # SHA-256 of the secret, which has 256 random bits
    scopes: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))  # None: all
    created_at: datetime = _instant()
    last_used_at: datetime | None = _instant(null=True)
    expires_at: datetime | None = _instant(null=True)
    revoked_at: datetime | None = _instant(null=True)


class Idempotency(SQLModel, table=True):
    """A request that a program named with an Idempotency-Key, and the answer it got."""

    key_id: int = Field(sa_column=Column(ForeignKey("api_key.id", ondelete="CASCADE"), primary_key=True))
    key: str = Field(primary_key=True)
    request: str  # method and path
    body_hash: str
    status: int | None = None  # None while it is being carried out
    body: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class CarrierAccount(SQLModel, table=True):
    """Credentials and address at a carrier."""

    __tablename__ = "carrier_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    kind: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    token: str = Field(unique=True)  # 128 random bits in the webhooks' path
    created_at: datetime = _instant()


class Line(SQLModel, table=True):
    """A number or sender ID that we send from."""

    id: int | None = Field(default=None, primary_key=True)
    label: str
    number: str
    account_id: int = _reference("carrier_account.id")
    kind: LineKind = Field(
        default=LineKind.LONG_CODE,
        sa_column=Column(Word(LineKind), nullable=False, server_default=LineKind.LONG_CODE.value),
    )
    rate: float | None = None  # segments a second; None: no limit
    minute_cap: int | None = None  # segments in any sixty seconds; None: no cap
    daily_cap: int | None = None  # segments a day; None: no cap
    day_zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})  # of the daily cap
    price_micros: int = 0  # millionths of a dollar a segment
    paused_until: datetime | None = _instant(null=True)  # the carrier said "too fast"
    slowed_rate: float | None = None  # what it was slowed to then; it recovers with time
    slowed_full: float | None = None
    slowed_at: datetime | None = _instant(null=True)
    slowed_times: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # in a row
    circuit_until: datetime | None = _instant(null=True)  # the carrier is in trouble: not called before
    circuit_trips: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # in a row
    blocked_reason: str | None = None  # credentials or registration: a person must act
    blocked_code: str = Field(default="", sa_column_kwargs={"server_default": ""})  # the carrier's
    blocked_by: str | None = None  # the person who holds the line; None: the carrier's answer did
    blocked_at: datetime | None = _instant(null=True)
    restricted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # see LineAccess
    created_at: datetime = _instant()


class LineAccess(SQLModel, table=True):
    """Somebody who may send from a restricted line."""

    __tablename__ = "line_access"
    line_id: int = Field(sa_column=Column(ForeignKey("line.id", ondelete="CASCADE"), primary_key=True))
    user_id: int = Field(sa_column=Column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True))


class LineMinute(SQLModel, table=True):
    """Segments that a line claimed in the last sixty seconds, for its cap per minute."""

    __tablename__ = "line_minute"
    line_id: int = Field(sa_column=Column(ForeignKey("line.id", ondelete="CASCADE"), primary_key=True))
    spent: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class LineDay(SQLModel, table=True):
    """Segments that a line sent on one day of its zone, for its cap."""

    __tablename__ = "line_day"
    line_id: int = Field(primary_key=True, foreign_key="line.id")
    day: str = Field(primary_key=True)  # 2026-11-30
    segments: int = 0


NOWHERE = 1
"""The place of people of whom nothing is known; every database has it."""


class Place(SQLModel, table=True):
    """A place where people may be, and the span of hours in which they may be sent to, or next may be."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, sa_type=Text)
    opens_at: datetime | None = _instant(null=True)  # None: at no time before `closes_at`
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime, nullable=True, index=True)
    # Behind `closes_at` the span is over and must be looked up anew; None: it was never looked up.


class Contact(SQLModel, table=True):
    """A person with a mobile number."""

    __table_args__ = (
        Index("ix_contact_name_key", "name_key", "id"),
        _where_filled("ix_contact_last_key", "last_key"),
        _where_filled("ix_contact_email_key", "email_key"),
        Index(
            "ix_contact_timezone",
            "timezone",
            sqlite_where=text("timezone IS NOT NULL"),
            postgresql_where=text("timezone IS NOT NULL"),
        ),
        Index("ix_contact_number_zone", "number_zone"),
        Index(
            "ix_contact_invalid",
            "id",
            sqlite_where=text("invalid_reason IS NOT NULL"),
            postgresql_where=text("invalid_reason IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)  # never given out again: the ledger names people
    phone: str = Field(unique=True)  # E.164
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    timezone: str | None = None  # as given
    number_zone: str | None = None  # from the number, where it has exactly one
    place_id: int | None = None  # where they may be; None until somebody asks
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    invalid_reason: str | None = None
    created_at: datetime = _instant()
    # what it is found and sorted by: `domain.searching.fold` of the above
    name_key: str = Field(default="", sa_column=Column(Key, nullable=False, server_default=""))
    last_key: str = Field(default="", sa_column=Column(Key, nullable=False, server_default=""))
    email_key: str = Field(default="", sa_column=Column(Key, nullable=False, server_default=""))


class ContactList(SQLModel, table=True):
    """Who a campaign targets."""

    __tablename__ = "contact_list"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    size: int = 0  # members, kept by the verbs that add and remove them; with a filter, as last counted
    filter: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    created_at: datetime = _instant()


class Membership(SQLModel, table=True):
    """A contact on a list."""

    list_id: int = Field(primary_key=True, foreign_key="contact_list.id")
    contact_id: int = Field(primary_key=True, foreign_key="contact.id", index=True)


class Suppression(SQLModel, table=True):
    """A number never to text."""

    phone: str = Field(primary_key=True)
    reason: str
    source: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ErasedSuppression(SQLModel, table=True):
    """The same for somebody whose data was erased: a keyed hash is left of the number."""

    __tablename__ = "erased_suppression"
    fingerprint: str = Field(primary_key=True)
    source: str
    created_at: datetime = _instant()


class Consent(SQLModel, table=True):
    """A person's opt-in as it can be shown to who asks for it; it belongs to the number."""

    __table_args__ = (UniqueConstraint("phone", "given_at", "source"),)
    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    phone: str  # E.164
    given_at: datetime = _instant()
    source: str  # where: a form's address, a keyword, a shop
    wording: str = Field(default="", sa_type=Text)  # the exact text that the person agreed to
    address: str = ""  # the IP address they did it from
    entered_by: str  # who of the team, or which program, recorded it
    entered_by_id: int
    via: str  # form, api or import
    created_at: datetime = _instant()


class ImportJob(SQLModel, table=True):
    """A file of contacts on its way in; the file itself lies in the data directory, or in parts beside."""

    __tablename__ = "import_job"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = _reference("user.id")
    filename: str  # as uploaded, for display only
    stored_name: str
    state: str = Field(index=True)
    form: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    layout: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    list_id: int | None = None  # an id only: the list may be deleted later
    new_list: str = Field(default="", sa_column_kwargs={"server_default": ""})  # a list yet to be made
    total: int = 0  # rows, known once it was checked
    position: int = 0  # rows read and committed
    added: int = 0
    updated: int = 0
    duplicates: int = 0
    bad: int = 0
    consents: int = 0
    problem: str = ""
    lease: str = ""  # who works on it
    lease_until: datetime | None = _instant(null=True)
    created_at: datetime = _instant()
    finished_at: datetime | None = _instant(null=True)


class ImportPart(SQLModel, table=True):
    """A part of an uploaded file, where several replicas of the web must reach it."""

    __tablename__ = "import_part"
    stored_name: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = _instant()


class ImportProblem(SQLModel, table=True):
    """A row of a file that could not be read."""

    __tablename__ = "import_problem"
    job_id: int = Field(sa_column=Column(ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True))
    row: int = Field(primary_key=True)  # as a spreadsheet counts them: the header is 1
    reason: str


class BulkJob(SQLModel, table=True):
    """One action for many contacts, on its way."""

    __tablename__ = "bulk_job"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = _reference("user.id", index=True)
    action: str
    task: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    # empty as soon as it is over: it may hold a person's name
    selection: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: str = Field(index=True)
    last_id: int  # of the contacts that there were
    cursor: int = 0  # the last contact whose turn it was
    total: int | None = None
    seen: int = 0
    changed: int = 0
    dismissed: bool = False
    created_at: datetime = _instant()
    finished_at: datetime | None = _instant(null=True)


class BulkChange(SQLModel, table=True):
    """Who was changed by such an action, and what was there before."""

    __tablename__ = "bulk_change"
    job_id: int = Field(sa_column=Column(ForeignKey("bulk_job.id", ondelete="CASCADE"), primary_key=True))
    contact_id: int = Field(primary_key=True)  # an id only: the contact may be deleted later
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Campaign(SQLModel, table=True):
    """A named plan: line, contact list, owner, messages."""

    __table_args__ = (
        Index("ix_campaign_shown", "archived", "status"),
        Index("ix_campaign_archived_start_at", "archived", "start_at", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(unique=True)
    channel: str = "sms"
    message_type: str = STANDARD
    line_id: int = _reference("line.id", index=True)
    list_id: int = _reference("contact_list.id", index=True)
    owner_id: int = _reference("user.id")
    created_by_id: int = _reference("user.id")
    timezone: str = "UTC"
    status: Status = Field(default=Status.DRAFT, sa_column=Column(Word(Status), nullable=False))
    archived: bool = False
    restarting: bool = False  # stopped, its schedule being rebuilt
    pause_reason: str | None = None
    acknowledged_by_id: int = _reference("user.id")
    acknowledged_at: datetime = _instant()
    acknowledgment: str  # the words that were ticked
    start_at: datetime | None = _instant(null=True)  # the first message's time, kept for sorting
    message_count: int = 0  # kept for sorting
    audience_size: int | None = None  # people, once fixed
    left_out: int = 0  # members left out when the audience was fixed
    audience_cursor: int = 0  # the last contact considered while fixing
    audience_fixed_at: datetime | None = _instant(null=True)
    started_at: datetime | None = _instant(null=True)
    status_since: datetime = _instant()
    completed_at: datetime | None = _instant(null=True)
    version: int = 1
    created_at: datetime = _instant()

    def standing(self, *, movable: bool = True) -> Standing:
        """What the transition table needs to know."""
        return Standing(
            status=Status(self.status),
            archived=self.archived,
            started=self.started_at is not None,
            restarting=self.restarting,
            movable=movable,
        )


class Message(SQLModel, table=True):
    """One text of a campaign's sequence, with its send time."""

    __table_args__ = (Index("ix_message_state_begins_at", "state", "begins_at"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = _reference("campaign.id", index=True, delete="CASCADE")
    position: int
    text: str = Field(default="", sa_type=Text)
    local_date: str | None = None  # as entered, in the campaign's zone: 2026-11-30
    local_time: str | None = None  # 09:30
    recipient_local: bool = False
    shorten_links: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    expire_after_minutes: int = DEFAULT_EXPIRY_MINUTES
    send_at: datetime | None = _instant(null=True)
    begins_at: datetime | None = _instant(null=True)  # earlier than send_at for recipients' local time
    state: MessageState = Field(
        default=MessageState.DRAFT, sa_column=Column(Word(MessageState), nullable=False)
    )
    plan_cursor: int = 0  # the last contact planned
    began_at: datetime | None = _instant(null=True)
    finished_at: datetime | None = _instant(null=True)
    version: int = 1
    created_at: datetime = _instant()

    def time_has_come(self, now: datetime) -> bool:
        """Whether it has begun or is about to: from here on it can't be moved."""
        return self.state not in UNBEGUN or (self.begins_at is not None and self.begins_at <= now)


class Attachment(SQLModel, table=True):
    """A file of a message; the bytes lie in the data directory under a random name."""

    id: int | None = Field(default=None, primary_key=True)
    message_id: int | None = _reference("message.id", null=True, index=True, delete="CASCADE")
    position: int = 0
    filename: str  # as uploaded, for display only
    stored_name: str = Field(index=True)  # clones share the bytes
    content_type: str
    bytes: int
    width: int
    height: int
    created_at: datetime = _instant()


class TextTemplate(SQLModel, table=True):
    """A text kept for messages to come."""

    __tablename__ = "text_template"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(unique=True)
    found_by: str = Field(sa_type=Text)  # name and text, folded for searching
    text: str = Field(sa_type=Text)
    saved_by: str
    saved_at: datetime = _instant()


class AudienceMember(SQLModel, table=True):
    """A list member as the audience was fixed; with a reason when left out."""

    __tablename__ = "audience_member"
    campaign_id: int = Field(
        sa_column=Column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    )
    contact_id: int = Field(primary_key=True)
    phone: str
    zone: str | None = None
    place_id: int = Field(default=NOWHERE, sa_column_kwargs={"server_default": text("1")})
    left_out: str | None = None


class Delivery(SQLModel, table=True):
    """One message to one person."""

    __table_args__ = (
        UniqueConstraint("message_id", "contact_id"),
        Index(
            "ix_delivery_queued",
            "message_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_delivery_sending",
            "sending_since",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_delivery_unknown",
            "sending_since",
            sqlite_where=text("state = 'unknown'"),
            postgresql_where=text("state = 'unknown'"),
        ),
        Index("ix_delivery_message_id_state_id", "message_id", "state", "id"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    message_id: int = _reference("message.id", delete="CASCADE")
    contact_id: int
    phone: str
    place_id: int = Field(default=NOWHERE, sa_column_kwargs={"server_default": text("1")})
    state: State = Field(default=State.QUEUED, sa_column=Column(Word(State), nullable=False))
    due_at: datetime = _instant()
    expires_at: datetime = _instant()
    reason: str | None = None  # why it was skipped, canceled or left in doubt
    code: str = ""  # the carrier's error code
    attempts: int = 0
    attempt_id: str | None = None  # of the running or last attempt; rides in the callback
    carrier_message_id: str | None = None
    text: str | None = Field(default=None, sa_type=Text)  # as it was sent; None: the message's own text
    sending_since: datetime | None = _instant(null=True)
    sent_at: datetime | None = _instant(null=True)
    finished_at: datetime | None = _instant(null=True)


class MessageLink(SQLModel, table=True):
    """A link of a message as it was written, with its clicks; kept with the short links themselves."""

    __tablename__ = "message_link"
    __table_args__ = (UniqueConstraint("message_id", "url"),)
    id: int | None = Field(default=None, primary_key=True)
    message_id: int = _reference("message.id", delete="CASCADE")
    url: str = Field(sa_type=Text)
    people: int = 0  # who clicked at least once
    clicks: int = 0


class ShortLink(SQLModel, table=True):
    """A link in the text of one delivery: whoever follows it is counted, and led on."""

    __tablename__ = "short_link"
    code: str = Field(primary_key=True)  # some 60 random bits
    link_id: int = _reference("message_link.id", delete="CASCADE")
    delivery_id: int = Field(
        sa_column=Column(BigId, ForeignKey("delivery.id", ondelete="CASCADE"), index=True, nullable=False)
    )
    target: str | None = Field(default=None, sa_type=Text)  # with the person's own words; None: as written
    clicks: int = 0
    first_click_at: datetime | None = _instant(null=True)


class DoubtfulAttempt(SQLModel, table=True):
    """An attempt whose result could not be known: what its carrier was asked, and whether it was replaced."""

    __tablename__ = "doubtful_attempt"
    attempt_id: str = Field(primary_key=True)
    delivery_id: int = Field(
        sa_column=Column(BigId, ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    )
    looks: int = 0
    look_at: datetime | None = _instant(null=True)  # when the carrier is asked next
    missing_since: datetime | None = _instant(null=True)  # the first of the looks in a row that missed it
    replaced_at: datetime | None = _instant(null=True)  # when the delivery was queued for another attempt


class Tally(SQLModel, table=True):
    """How many of a message's deliveries are in a state, by error code; kept with the deliveries."""

    message_id: int = Field(sa_column=Column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True))
    state: State = Field(sa_column=Column(Word(State), primary_key=True))
    code: str = Field(default="", primary_key=True)
    count: int = Field(sa_type=BigInteger)


class ProgressPoint(SQLModel, table=True):
    """A message's tally at an instant, by state, for the charts."""

    __tablename__ = "progress_point"
    message_id: int = Field(sa_column=Column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    counts: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))


class ReceiptInbox(SQLModel, table=True):
    """A carrier's later word on a delivery, kept as it came before anything is done with it."""

    __tablename__ = "receipt_inbox"
    __table_args__ = (
        UniqueConstraint("account_id", "dedupe_key"),
        Index(
            "ix_receipt_inbox_open",
            "received_at",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    account_id: int = _reference("carrier_account.id")
    dedupe_key: str
    attempt_id: str | None = None
    carrier_message_id: str | None = None
    state: State = Field(sa_column=Column(Word(State), nullable=False))
    code: str = ""
    body: str = Field(default="", sa_type=Text)
    received_at: datetime = _instant()
    applied_at: datetime | None = _instant(null=True)


class Inbound(SQLModel, table=True):
    """A text that a person sent to one of our lines."""

    __table_args__ = (UniqueConstraint("account_id", "dedupe_key"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = _reference("carrier_account.id")
    dedupe_key: str
    from_phone: str = Field(index=True)
    to_number: str
    text: str = Field(sa_type=Text)
    kind: str
    conversation_id: int | None = Field(default=None, index=True)
    message_id: int | None = Field(default=None, index=True)  # of ours, that it most likely answers
    received_at: datetime = _instant()


class Conversation(SQLModel, table=True):
    """What a person and one of our lines have said to each other."""

    __table_args__ = (UniqueConstraint("phone", "line_id"),)
    id: int | None = Field(default=None, primary_key=True)
    line_id: int = _reference("line.id", index=True)
    phone: str
    message_id: int | None = None  # of ours, that the person answered last
    unread: int = 0
    last_text: str = Field(default="", sa_type=Text)
    last_kind: str  # of the person's words as `Inbound.kind`, or "answer"
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)
    created_at: datetime = _instant()


class Answer(SQLModel, table=True):
    """A text of ours in a conversation: somebody of the team wrote it, or a keyword asked for it."""

    __table_args__ = (
        Index(
            "ix_answer_open",
            "due_at",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )
    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    conversation_id: int = _reference("conversation.id", index=True)
    phone: str
    text: str = Field(sa_type=Text)
    kind: str  # stop, start or help for what answers a keyword, test for a trial of a message, else reply
    attachment_ids: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    author: str = ""  # who of the team wrote it
    author_id: int | None = None
    state: State = Field(default=State.QUEUED, sa_column=Column(Word(State), nullable=False))
    due_at: datetime = _instant()
    expires_at: datetime = _instant()
    reason: str | None = None
    code: str = ""
    attempts: int = 0
    attempt_id: str | None = None
    carrier_message_id: str | None = None
    sending_since: datetime | None = _instant(null=True)
    sent_at: datetime | None = _instant(null=True)
    finished_at: datetime | None = _instant(null=True)
    created_at: datetime = _instant()


class Revocation(SQLModel, table=True):
    """A wish in plain words not to be texted again, until a person has looked at it."""

    __table_args__ = (Index("ix_revocation_state_due_on", "state", "due_on"),)
    id: int | None = Field(default=None, primary_key=True)
    inbound_id: int = _reference("inbound.id")
    phone: str = Field(index=True)
    text: str = Field(sa_type=Text)  # verbatim
    state: str = "open"  # then accepted or undone
    due_on: date
    received_at: datetime = _instant()
    decided_at: datetime | None = _instant(null=True)
    decided_by: str = ""
    decided_by_id: int | None = None


class FormDraft(SQLModel, table=True):
    """What somebody typed into a form that isn't saved yet."""

    __tablename__ = "form_draft"
    user_id: int = Field(primary_key=True, foreign_key="user.id")
    form: str = Field(primary_key=True)
    body: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    updated_at: datetime = _instant()


class AuditEntry(SQLModel, table=True):
    """Who changed what, and when."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_kind_object_id", "kind", "object_id"),
        Index("ix_audit_entry_user_id", "user_id", "id"),
        Index("ix_audit_entry_at", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant()
    user_id: int
    user_name: str
    address: str = ""
    action: str
    kind: str
    object_id: int
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


class Setting(SQLModel, table=True):
    """A choice of the workspace."""

    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class SenderProcess(SQLModel, table=True):
    """A process that sends: when it was last alive, and what it counted since it started."""

    __tablename__ = "sender_process"
    id: str = Field(primary_key=True)
    started_at: datetime = _instant()
    seen_at: datetime = _instant()
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class OutgoingWebhook(SQLModel, table=True):
    """An address of somebody else's that is told of events."""

    __tablename__ = "outgoing_webhook"
    id: int | None = Field(default=None, primary_key=True)
    url: str
    secret: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # sealed
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    active: bool = True
    created_at: datetime = _instant()
    failing_since: datetime | None = _instant(null=True)  # no call has got through since
    failed_tries: int = 0  # since then
    off_at: datetime | None = _instant(null=True)  # switched off by itself
    off_why: str = ""


class WebhookCall(SQLModel, table=True):
    """One event on its way to one address: written with the event itself, kept as the log of its delivery."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        Index("ix_webhook_call_webhook_id_id", "webhook_id", "id"),
        Index(
            "ix_webhook_call_waiting",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    webhook_id: int = _reference("outgoing_webhook.id", delete="CASCADE")
    event_id: str  # the same at every address and at every try
    kind: str
    body: str = Field(sa_type=Text)
    state: str = "waiting"  # then delivered or failed
    attempts: int = 0
    due_at: datetime = _instant()
    status: int | None = None  # of the last answer
    detail: str = ""  # why there was none
    created_at: datetime = _instant()
    finished_at: datetime | None = _instant(null=True)
