"""Who may do what: one policy that every storage verb asks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from domain.campaigns import Action
from domain.problems import NotAllowed


class Role(StrEnum):
    """A person's role in the workspace."""

    ADMIN = "admin"
    MANAGER = "manager"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What a verb needs."""

    VIEW = "view"
    EDIT = "edit campaigns"  # write, schedule, stop: everything about campaigns
    ADMINISTER = "administer the workspace"


_GRANTED = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.MANAGER: frozenset({Permission.VIEW, Permission.EDIT}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or key) that asks, as the audit remembers it."""

    user_id: int
    name: str
    role: Role
    address: str = ""
    session_id: int | None = field(default=None, compare=False)  # of a person who signed in; it must live
    access: int = field(default=0, compare=False)  # another one means that they may use other lines now


NOBODY = Actor(0, "SMS Campaigns", Role.ADMIN)
"""Who acts when the program itself does, without anybody having asked."""


class RoleForbids(NotAllowed):
    """Your role does not allow this. Ask an administrator of your workspace."""


SENDING = frozenset({Action.SCHEDULE, Action.RESUME, Action.RESTART})
"""What of a campaign's actions leads to texts that go out through its line."""


class LineForbidden(NotAllowed):
    """You may not send from this line. Choose another one, or ask an administrator of your workspace."""


def may_use_line(actor: Actor, *, restricted: bool, chosen: bool) -> bool:
    """Whether the actor may send from a line; `chosen` is whether they are on its list of people."""
    return not restricted or chosen or allows(actor, Permission.ADMINISTER)


def allows(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role grants `permission`."""
    return permission in _GRANTED[actor.role]


def may_act(actor: Actor, action: Action, *, may_send: bool) -> bool:
    """Whether the actor may take a campaign's action; `may_send` is whether they may use its line."""
    if action is Action.VIEW:
        return allows(actor, Permission.VIEW)
    return allows(actor, Permission.EDIT) and (may_send or action not in SENDING)


def permitted(actor: Actor, actions: Iterable[Action], *, may_send: bool) -> tuple[Action, ...]:
    """Those of a campaign's actions that the actor may take."""
    return tuple(action for action in actions if may_act(actor, action, may_send=may_send))


def check(actor: Actor, permission: Permission) -> None:
    """Raise `RoleForbids` unless the actor's role grants `permission`."""
    if not allows(actor, permission):
        raise RoleForbids
