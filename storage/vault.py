"""The vault: carrier credentials sealed, and erased numbers hashed, with keys derived from the secret key.

Sealed settings are one text that says nothing, not even which fields there are. The key lies outside the
database, so a copy of the database alone opens nothing.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.problems import Problem

SEALED = "sealed"
"""The one key that sealed settings have."""

_SEALING = b"sms-campaigns: carrier credentials"
_HASHING = b"sms-campaigns: erased numbers"


class CredentialsUnreadable(Problem):
    """The secret key does not open the credentials of this carrier account. Enter them again."""


class Vault:
    """Seals with the newest key and opens with any, so that the secret key can be changed."""

    def __init__(self, secret: str, *old: str) -> None:
        self._newest, *_ = keys = [Fernet(_key(text)) for text in (secret, *old)]
        self._any = MultiFernet(keys)
        self._hashing = [_derived(text, _HASHING) for text in (secret, *old)]

    def fingerprints(self, text: str) -> tuple[str, ...]:
        """The keyed hash of a text, and behind it those that older keys gave it."""
        return tuple(hmac.digest(key, text.encode(), "sha256").hex() for key in self._hashing)

    def seal(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings as the database keeps them."""
        if not settings:
            return {}
        return {SEALED: self._newest.encrypt(json.dumps(dict(settings)).encode()).decode()}

    def open(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The settings as they were given; raises `CredentialsUnreadable` when no key opens them."""
        if not is_sealed(kept):
            return dict(kept)
        try:
            opened = self._any.decrypt(str(kept[SEALED]).encode())
        except InvalidToken:
            raise CredentialsUnreadable from None
        return dict(json.loads(opened))

    def is_current(self, kept: Mapping[str, Any]) -> bool:
        """Whether there is nothing to do: sealed, and with the newest key."""
        if not kept:
            return True
        try:
            self._newest.decrypt(str(kept.get(SEALED, "")).encode())
        except InvalidToken:
            return False
        return True


def is_sealed(kept: Mapping[str, Any]) -> bool:
    """Whether these settings are as `Vault.seal` gives them; settings of a first version are not."""
    return kept.keys() == {SEALED}


def _key(secret: str) -> bytes:
    return urlsafe_b64encode(_derived(secret, _SEALING))


def _derived(secret: str, purpose: bytes) -> bytes:
    """A key of its own for each purpose, so that what is signed with the secret says nothing about it."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
