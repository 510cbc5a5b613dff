"""The rules of the team: who its members are and what may not be done to the last administrator."""

from collections.abc import Collection

from domain.access import Role
from domain.contacts import BadEmail, clean_email
from domain.names import tidy
from domain.problems import Conflict, NotFound, Problem

LONGEST_NAME = 80


class EmailMissing(Problem):
    """Enter an e-mail address."""


class NotAnEmail(Problem):
    """This is not an e-mail address. Write it as name@example.com."""


class PersonNameMissing(Problem):
    """Enter a name."""


class PersonNameTooLong(Problem):
    """The name may have at most 80 characters. Shorten it."""


class MemberNotFound(NotFound):
    """This person is not in the team."""


class AlreadyInTeam(Conflict):
    """Somebody with this e-mail address is in the team already."""


class LastAdministrator(Conflict):
    """This is the last administrator. Make somebody else an administrator first."""


def email(raw: str) -> str:
    """The e-mail address as accounts are known by it; raises `EmailMissing` and `NotAnEmail`."""
    try:
        found = clean_email(raw).casefold()
    except BadEmail:
        raise NotAnEmail from None
    if not found:
        raise EmailMissing
    return found


def person_name(raw: str) -> str:
    """A member's name; raises `PersonNameMissing` and `PersonNameTooLong`."""
    name = tidy(raw)
    if not name:
        raise PersonNameMissing
    if len(name) > LONGEST_NAME:
        raise PersonNameTooLong
    return name


def keep_an_administrator(administrators: Collection[int], leaving: int) -> None:
    """Raise `LastAdministrator` if nobody would be left who administers the workspace."""
    if set(administrators) <= {leaving}:
        raise LastAdministrator


ROLE_WORDS = {
    Role.ADMIN: ("Admin", "Does everything, with settings and the team."),
    Role.MANAGER: ("Manager", "Works with campaigns, contacts and the inbox."),
    Role.VIEWER: ("Viewer", "Sees everything but the settings, and changes nothing."),
}
"""Each role's name and what it means."""
