"""How a workspace is called and which colour it wears."""

from dataclasses import dataclass
from enum import StrEnum

from domain.problems import Problem
from domain.texts import storable

MOST_CHARACTERS = 40


class NameTooLong(Problem):
    """A workspace's name can have 40 characters at most."""


class Accent(StrEnum):
    """The colour of buttons and links: each is legible on every page, light and dark."""

    INDIGO = "indigo"
    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    PLUM = "plum"
    CRIMSON = "crimson"


@dataclass(frozen=True, slots=True)
class Branding:
    """The name in the navigation, "" for the product's own, and the colour."""

    name: str = ""
    accent: Accent = Accent.INDIGO


def tidy(branding: Branding) -> Branding:
    """The same as it is kept; raises `NameTooLong`."""
    name = " ".join(storable(branding.name).split())
    if len(name) > MOST_CHARACTERS:
        raise NameTooLong
    return Branding(name, branding.accent)
