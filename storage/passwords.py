"""Passwords as Argon2id keeps them.

Each call takes a tenth of a second and 64 MiB: never on the event loop, and few at a time.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 1

NOBODYS = "$argon2id$v=19$m=65536,t=3,p=1$YKoJsouBdH5796N1+PpAaQ$A1bTD6FXdCQYlqSNCtnPN3KssIDIIYY+Rt+mNGhhY1Q"
"""Compared where there is no account, so that the answer takes as long as where there is one."""


def hashed(password: str) -> str:
    """The password's hash with a salt of its own."""
    return _hasher().hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; None is nobody's, which takes as long."""
    try:
        return _hasher().verify(kept or NOBODYS, _bytes(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
