"""Secrets that we hand out once and keep as a hash only: 256 random bits need no salt."""

import secrets
from hashlib import sha256


def new() -> str:
    """43 characters that go into a cookie or an address as they are."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What the database knows of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
