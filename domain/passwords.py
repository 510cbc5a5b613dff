"""What a password of the team must be; how it is kept is storage's business."""

from domain.problems import Problem

SHORTEST, LONGEST = 12, 200
FEWEST_DIFFERENT = 5


class BadPassword(Problem):
    """Choose another password."""


class PasswordTooShort(BadPassword):
    """The password needs at least 12 characters. A few words in a row are easy to remember."""


class PasswordTooLong(BadPassword):
    """The password may have at most 200 characters."""


class PasswordTooPlain(BadPassword):
    """This password is too easy to guess. Use more different characters."""


class PasswordTellsWhoYouAre(BadPassword):
    """The password may not contain your e-mail address or your name."""


def check(password: str, *personal: str) -> None:
    """Raise a kind of `BadPassword` unless it will do; `personal` is what others know about the person."""
    if len(password) < SHORTEST:
        raise PasswordTooShort
    if len(password) > LONGEST:
        raise PasswordTooLong
    folded = password.casefold()
    if len(set(folded)) < FEWEST_DIFFERENT:
        raise PasswordTooPlain
    words = {word.casefold() for text in personal for word in (text, text.partition("@")[0])}
    if any(len(word) > 3 and word in folded for word in words):
        raise PasswordTellsWhoYouAre
