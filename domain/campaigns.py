"""A campaign's life: its statuses, the actions a person can take, and the one table that joins them."""

from dataclasses import dataclass
from enum import StrEnum

from domain.problems import Conflict


class Status(StrEnum):
    """Where a campaign stands; the text is what is stored. Archived is a flag beside it."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    COMPLETED = "completed"

    @property
    def label(self) -> str:
        """The word on screen."""
        return self.value.capitalize()


ARCHIVED = "archived"
"""The status that an archived campaign shows, whatever it was before."""


class Action(StrEnum):
    """What a person can do with a campaign; the text is the name on the menu and the button."""

    VIEW = "View Campaign Details"
    EDIT = "Edit Campaign"
    EDIT_SCHEDULE = "Edit Schedule"
    SCHEDULE = "Schedule Campaign"
    PAUSE = "Pause Campaign"
    RESUME = "Resume Campaign"
    STOP = "Stop Campaign"
    RESTART = "Restart Campaign"
    CLONE = "Clone Campaign"
    ARCHIVE = "Archive Campaign"
    UNARCHIVE = "Unarchive Campaign"
    DELETE = "Delete Campaign"


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides which actions a campaign allows."""

    status: Status
    archived: bool = False
    started: bool = False  # its first message has begun
    restarting: bool = False  # stopped, and its schedule is being rebuilt
    movable: bool = True  # it has a message whose time can still be changed

    @property
    def shown(self) -> str:
        """The status on screen, as stored text: the flag archived hides what lies below."""
        return ARCHIVED if self.archived else self.status.value


_ANY = frozenset(Status)
_LIVE = frozenset({Status.SCHEDULED, Status.RUNNING, Status.PAUSED})

ALLOWED: dict[Action, frozenset[Status]] = {
    Action.VIEW: _ANY - {Status.DRAFT},  # and only once started: a restarted one is scheduled again
    Action.EDIT: frozenset({Status.DRAFT}),
    Action.EDIT_SCHEDULE: _LIVE | {Status.STOPPED},
    Action.SCHEDULE: frozenset({Status.DRAFT, Status.STOPPED}),
    Action.PAUSE: frozenset({Status.RUNNING}),
    Action.RESUME: frozenset({Status.PAUSED}),
    Action.STOP: _LIVE,
    Action.RESTART: frozenset({Status.STOPPED}),
    Action.CLONE: _ANY,
    Action.ARCHIVE: _ANY - _LIVE,
    Action.UNARCHIVE: _ANY,
    Action.DELETE: frozenset({Status.DRAFT}),
}
"""From which status each action is allowed (product.md D1)."""

BECOMES = {
    Action.SCHEDULE: Status.SCHEDULED,
    Action.PAUSE: Status.PAUSED,
    Action.RESUME: Status.RUNNING,
    Action.STOP: Status.STOPPED,
}
"""The status that follows an action which changes it."""

_WHILE_ARCHIVED = frozenset({Action.VIEW, Action.CLONE, Action.UNARCHIVE})


class ActionRefused(Conflict):
    """The campaign does not allow this now."""

    def __init__(self, action: Action, standing: Standing) -> None:
        super().__init__(f"{action.value} is not possible: {_why_not(action, standing)}")
        self.action = action


def allows(action: Action, standing: Standing) -> bool:
    """Whether `action` is possible on a campaign that stands so."""
    if standing.archived:
        return action in _WHILE_ARCHIVED and (action is not Action.VIEW or standing.started)
    if action is Action.UNARCHIVE or standing.status not in ALLOWED[action]:
        return False
    if action is Action.VIEW:
        return standing.started
    if action is Action.EDIT_SCHEDULE:
        return standing.movable and (standing.status is not Status.STOPPED or standing.restarting)
    if action is Action.SCHEDULE and standing.status is Status.STOPPED:
        return standing.restarting
    return True


def actions(standing: Standing) -> list[Action]:
    """All actions that are possible, in the order of the menu."""
    return [action for action in Action if allows(action, standing)]


def check(action: Action, standing: Standing) -> None:
    """Raise `ActionRefused`, saying why, unless `action` is possible."""
    if not allows(action, standing):
        raise ActionRefused(action, standing)


def _why_not(action: Action, standing: Standing) -> str:
    if standing.archived:
        return "the campaign is archived. Unarchive it first."
    if action is Action.UNARCHIVE:
        return "the campaign is not archived."
    if action in (Action.EDIT_SCHEDULE, Action.SCHEDULE) and standing.status is Status.STOPPED:
        return "the campaign is stopped. Restart it first."
    if action is Action.EDIT_SCHEDULE and standing.status in ALLOWED[action]:
        return "every message's time has come."
    if action is Action.VIEW and standing.status in ALLOWED[action]:
        return "the campaign has not started, so there is nothing to show yet."
    if action is Action.ARCHIVE:
        return f"the campaign is {standing.status.value}. Stop it first."
    if action is Action.EDIT:
        return f"the campaign is {standing.status.value}, so its details are locked."
    return f"the campaign is {standing.status.value}."
