"""Links that open one door once: to set the program up, to join the team, to choose a new password."""

from datetime import timedelta
from enum import StrEnum

from domain.problems import NotAllowed


class Purpose(StrEnum):
    """What a one-time link is for."""

    SETUP = "setup"
    INVITE = "invite"
    RESET = "reset"


LASTS = {
    Purpose.SETUP: timedelta(hours=24),
    Purpose.INVITE: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
}


class LinkWorthless(NotAllowed):
    """This link was used already, is too old, or was taken back. Ask for a new one."""
