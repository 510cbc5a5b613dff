"""What the sender and a carrier's adapter say to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

import httpx

from domain.deliveries import State
from domain.keywords import Kind as Keyword
from domain.outcomes import Outcome
from domain.problems import Problem


class Outgoing(NamedTuple):
    """One attempt to send one message to one person."""

    attempt_id: str
    sender: str  # the line's number, or the name it sends as
    recipient: str  # E.164
    text: str
    media: tuple[str, ...]  # absolute URLs that the carrier fetches
    callback_url: str  # where receipts go; carries the attempt id as the query's `a`
    valid_for: int | None = None  # seconds after which the carrier should give up
    expires_at: datetime | None = None  # the same as an instant, for carriers that want that


@dataclass(frozen=True, slots=True)
class Receipt:
    """The carrier's later word about a message."""

    attempt_id: str | None  # from the callback's query; None when the carrier did not keep it
    carrier_message_id: str | None
    state: State  # sent, delivered, undelivered or failed
    code: str  # why not, "" when there is nothing to say
    dedupe_key: str  # the same when the carrier repeats itself, different for different words


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that a person sent to one of our lines."""

    sender: str  # E.164, the person
    recipient: str  # our line
    text: str
    dedupe_key: str  # the same when the carrier repeats itself
    told: Keyword | None = None  # what the carrier took it for, by keywords of its own, and has answered


NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that came to a webhook, whichever path it came by."""

    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    url: str = ""  # as the carrier knows it, with its query, for carriers that sign it
    at: datetime = NEVER  # when it came, for carriers that sign the time
    method: str = "POST"


class Certainty(StrEnum):
    """How surely a carrier finds an attempt again."""

    EXACT = "exact"  # by our own attempt id
    WEAK = "weak"  # by numbers, text and time, so two alike can't be told apart


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An attempt whose result can't be known, as the carrier is asked about it."""

    attempt_id: str
    sender: str
    recipient: str
    text: str
    since: datetime  # a minute before it was claimed
    until: datetime  # ten minutes after it was claimed


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message at the carrier that may be the attempt."""

    carrier_message_id: str
    state: State
    code: str = ""


class BadSignature(Problem):
    """This request was not signed by the carrier."""


class BadWebhook(Problem):
    """This request is not what the carrier is documented to send."""


class Finder(Protocol):
    """Asks a carrier account about attempts in doubt."""

    @property
    def certainty(self) -> Certainty:
        """How surely an attempt is found."""

    def request(self, doubt: InDoubt) -> httpx.Request:
        """The request that asks for the messages that may be the attempt."""

    def sightings(
        self, doubt: InDoubt, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Sighting] | None:
        """The messages in an answer that may be the attempt; None when the answer says nothing."""


class Carrier(Protocol):
    """One carrier account. Does no input or output itself, so each method is testable with plain values."""

    @property
    def kind(self) -> str:
        """The carrier's name in settings and webhook paths."""

    def request(self, message: Outgoing) -> httpx.Request:
        """The HTTP request that sends `message`; ready to be written."""

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """What an answer to `request` proves. Any status and body have an outcome; never raises."""

    def receipts(self, webhook: Webhook) -> Sequence[Receipt]:
        """The receipts in a call of the status webhook. Raises BadSignature or BadWebhook."""

    def inbound(self, webhook: Webhook) -> Inbound | None:
        """The text in a call of the inbound webhook, or None for a call that holds none.

        Raises BadSignature or BadWebhook.
        """

    @property
    def thanks(self) -> str:
        """The XML that a text is answered with; "" where any answer will do."""

    @property
    def repeatable(self) -> bool:
        """Whether the carrier knows an attempt by its id for a day, so that sending it again is safe."""

    @property
    def finder(self) -> Finder | None:
        """How an attempt in doubt is found at the carrier; None when the carrier can't be asked."""
