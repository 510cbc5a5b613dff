"""Outgoing webhooks: which events there are, how a call is signed, where it may go, how often it is tried."""

import base64
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.problems import NotFound, Problem


class Kind(StrEnum):
    """What programs elsewhere can be told of."""

    CAMPAIGN = "campaign.status_changed"
    DELIVERIES = "deliveries.finished"
    OPT_OUT = "contact.opted_out"
    REPLY = "message.received"

    @property
    def label(self) -> str:
        """The words on screen."""
        return _LABELS[self]


_LABELS = {
    Kind.CAMPAIGN: "A campaign's status changes",
    Kind.DELIVERIES: "Deliveries reach their final state",
    Kind.OPT_OUT: "A person opts out",
    Kind.REPLY: "A person replies",
}


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # every try is used up


class BadAddress(Problem):
    """This address can't be called."""


class NoKinds(Problem):
    """Choose at least one event."""


class WebhookNotFound(NotFound):
    """This webhook does not exist. It may have been removed."""


class CallNotFound(NotFound):
    """This call does not exist. It may be too old."""


PREFIX = "whsec_"
SECRET_BYTES = 24
MOST_CHARACTERS = 2_000
MOST_TRIES = 10
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=6)
SECONDS = 5.0
"""How long a call may take in all."""

MOST_BYTES = 1_000_000
"""How long an answer may be."""

DEAD_AFTER = timedelta(days=3)
"""How long no call must have got through before an address is switched off."""

DEAD_TRIES = 10
"""As many tries at least: one event that nobody wanted says little."""

STUCK_AFTER = timedelta(hours=1)
"""The same, where more than `MOST_WAITING` calls wait."""

MOST_WAITING = 10_000
MOST_KEPT = 10_000
"""Finished calls in the log of one address."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NAT64 = ipaddress.ip_network("64:ff9b::/32")


def secret_of(key: bytes) -> str:
    """The secret as both sides keep it, made of random bytes."""
    return PREFIX + base64.b64encode(key).decode()


def signed(secret: str, event_id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of a call, as Standard Webhooks names and computes them."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{event_id}.{stamp}.{body}".encode(), "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": signature}


def checked(url: str, *, local: bool) -> str:
    """The address, if it may be called; `local` lets a demo call its own machine. Raises `BadAddress`."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise BadAddress("Write the whole address, such as https://example.com/webhooks.") from None
    if not host or port == 0 or len(url) > MOST_CHARACTERS or not url.isascii() or not url.isprintable():
        raise BadAddress("Write the whole address, such as https://example.com/webhooks.")
    if parts.username is not None or parts.fragment or " " in url:
        raise BadAddress("Leave user names and #fragments out of the address.")
    if local and host in _LOOPBACK and parts.scheme in ("http", "https"):
        return url
    if parts.scheme != "https":
        raise BadAddress("Only https:// addresses are called: what is told is about people.")
    if host in _LOOPBACK or _is_private_literal(host):
        raise BadAddress("This address is inside a private network, which is never called.")
    return url


def may_call(address: str, *, local: bool) -> bool:
    """Whether a resolved IP address may be connected to: public ones, and in a demo this very machine."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if local and ip.is_loopback:
        return True
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _NAT64 or ip.is_site_local
    ):
        return False  # another address is written inside it
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def pause(tries: int, drawn: float) -> timedelta | None:
    """How long to wait after so many tries; `drawn` is from 0 to 1. None: that was the last one."""
    if tries >= MOST_TRIES:
        return None
    longest: timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * 4 ** (tries - 1))
    return longest * (0.75 + drawn / 2)


def why_off(failing_since: datetime, tries: int, now: datetime, *, too_many_wait: bool) -> str:
    """Why an address that has failed since then is to be switched off; "" while it is not."""
    failed_for = now - failing_since
    if tries >= DEAD_TRIES and failed_for >= DEAD_AFTER:
        return f"No call got through for {DEAD_AFTER.days} days."
    if too_many_wait and failed_for >= STUCK_AFTER:
        return f"No call got through for an hour, and more than {MOST_WAITING:,} were waiting."
    return ""


def wanted(kinds: Sequence[str]) -> list[str]:
    """The kinds in their usual order, each once; raises `NoKinds` where none is left."""
    found = [kind.value for kind in Kind if kind.value in kinds]
    if not found:
        raise NoKinds
    return found


def _is_private_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.endswith((".localhost", ".local", ".internal")) or host.replace(".", "").isdigit()
    return not may_call(host, local=False)
