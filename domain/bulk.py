"""What can be done with many contacts at once, and what of it can be taken back."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.contacts import LONGEST_VALUE, BadField, clean_text
from domain.problems import Conflict, Problem
from domain.texts import storable
from domain.zones import zone

UNDO_FOR = timedelta(hours=24)
"""For so long what was changed is remembered."""


class Action(StrEnum):
    """What is done with each of them."""

    ADD = "add to list"
    REMOVE = "remove from list"
    ZONE = "set time zone"
    FIELD = "set field"
    OPT_OUT = "opt out"
    DELETE = "delete"


UNDOABLE = frozenset(Action) - {Action.DELETE}
"""Who is deleted is gone, as is said before."""


class JobState(StrEnum):
    """Where the work stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"


GOING = frozenset({JobState.RUNNING, JobState.UNDOING})
OVER = frozenset({JobState.DONE, JobState.STOPPED})


class NothingSelected(Problem):
    """Select at least one contact."""


class CannotBeUndone(Conflict):
    """This can't be undone any more."""


class ReasonMissing(Problem):
    """Say why, such as “Asked on the phone”. It is kept with the opt-out."""


@dataclass(frozen=True, slots=True)
class Task:
    """An action with what it needs: a list, or a name and a value, or a reason."""

    action: Action
    list_id: int = 0
    name: str = ""
    value: str = ""


def checked(task: Task) -> Task:
    """The task with its texts tidied; raises `BadField`, `UnknownZone` or `ReasonMissing`."""
    name, value = clean_text(task.name), storable(task.value).strip()[:LONGEST_VALUE]
    if task.action is Action.ZONE and value:
        zone(value)
    if task.action is Action.FIELD and not name:
        raise BadField("Say which field to set.")
    if task.action is Action.OPT_OUT and not value:
        raise ReasonMissing
    return Task(task.action, task.list_id, name, value)
