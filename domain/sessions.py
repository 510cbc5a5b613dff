"""How long a sign-in lasts, and where it may lead."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from domain.problems import NotAllowed

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
HALFWAY = timedelta(minutes=10)
"""How long the second step may be taken after the first."""

HOME = "/campaigns/sms"


class SignedOut(NotAllowed):
    """You are signed out. Sign in again to go on."""


def has_ended(created_at: datetime, seen_at: datetime, now: datetime, *, halfway: bool = False) -> bool:
    """Whether a session is over by its age or because nobody used it."""
    if halfway:
        return now - created_at >= HALFWAY
    return now - created_at >= ABSOLUTE or now - seen_at >= IDLE


def safe_next(wanted: str) -> str:
    """Where to go after signing in: a path of ours, or the start page for everything else."""
    plain = wanted.isprintable() and "\\" not in wanted and not any(c.isspace() for c in wanted)
    if not plain or not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > 2_000:
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted
