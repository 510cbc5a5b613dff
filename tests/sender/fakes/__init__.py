"""Strict doubles of the carriers' front doors: they take what is documented and nothing else.

Each signs what it sends with the carrier's own library where there is one.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from domain.deliveries import State
from sender.carriers.protocol import Webhook

AT = datetime(2026, 11, 23, 12, 1, tzinfo=UTC)
"""When everything happens."""

ATTEMPT = "17-0f5c1c5e7a6b4a8f"

BAD_NUMBER = "+15550100404"
"""The one number that every fake refuses as its carrier refuses a number that is none."""


@dataclass(frozen=True)
class Call:
    """A request as a fake sees it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @classmethod
    def read(cls, raw: bytes) -> "Call":
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        path, _, query = target.partition("?")
        return cls(method, path, query, {k.lower(): v for k, v in headers.items()}, body)

    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)

    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True, strict_parsing=True))


@dataclass(frozen=True)
class Taken:
    """A message that a fake accepted, as it understood it."""

    sender: str
    recipient: str
    text: str
    media: tuple[str, ...]
    callback: str
    reference: str
    message_id: str
    made_at: datetime = AT


class Refused(Exception):
    """The answer to a request that is not as documented."""

    def __init__(self, status: int, body: Mapping[str, object] | str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body.encode() if isinstance(body, str) else json.dumps(body).encode()


class Fake(ABC):
    """One carrier's front door and, on request, what it would call us with."""

    kind: ClassVar[str]
    settings: ClassVar[Mapping[str, str]]
    refusal: ClassVar[tuple[int, str]]
    """Status and code with which BAD_NUMBER is refused."""

    gives_ids: ClassVar[bool] = True
    takes_media: ClassVar[int] = 10

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.hooks = f"https://app.example/webhooks/{self.kind}/token"

    @property
    def example(self) -> Taken:
        """A message whose receipt can be told without its having been sent."""
        return Taken(
            "+15550100000", "+15550104321", "Hello", (), f"{self.hooks}/status?a={ATTEMPT}", ATTEMPT, "m1"
        )

    def answer(self, call: Call) -> tuple[int, bytes]:
        """The answer to a request: to send, or to list."""
        try:
            return self.serve(call)
        except Refused as refused:
            return refused.status, refused.body

    @abstractmethod
    def serve(self, call: Call) -> tuple[int, bytes]:
        """Take the message; raises Refused."""

    @abstractmethod
    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        """The call that tells what became of a message; another `event` is another word."""

    @abstractmethod
    def text(self, content: str, event: int = 1) -> Webhook:
        """The call that brings `content` from +15550104321 to +15550100000."""

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        """The same call from somebody else; nothing for carriers that prove nothing."""
        yield replace(webhook, headers={})
        yield replace(webhook, body=webhook.body.replace(b"15550104321", b"15550109999"))

    def take(self, taken: Taken) -> None:
        self.taken.append(taken)

    def next_id(self) -> str:
        return f"m{len(self.taken) + 1}"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def only(found: Iterable[str], known: str, refused: Refused) -> None:
    """Raise unless every name is a documented one."""
    if set(found) - set(known.split()):
        raise refused


def is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\+[1-9][0-9]{6,14}", value) is not None


def is_sender(value: object) -> bool:
    return is_number(value) or (
        isinstance(value, str) and re.fullmatch(r"[0-9]{3,8}|[A-Za-z0-9 &+_-]{1,11}", value) is not None
    )


def is_address(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://[a-z0-9.:-]+/[!-~]*", value) is not None
