"""What is said of an action on many contacts: while it goes on, and what came of it."""

from domain.bulk import Action, JobState
from storage.bulk import Job
from ui.formats import number, plural

LABELS = {
    Action.ADD: "Add to list",
    Action.REMOVE: "Remove from list",
    Action.ZONE: "Set time zone",
    Action.FIELD: "Set field",
    Action.OPT_OUT: "Opt out",
    Action.DELETE: "Delete contacts",
}
UNCHANGED = {
    Action.ADD: "on it already",
    Action.REMOVE: "not on it",
    Action.ZONE: "set so already",
    Action.FIELD: "set so already, or full",
    Action.OPT_OUT: "opted out already",
    Action.DELETE: "gone already",
}


def going(job: Job) -> str:
    """What is being done."""
    if job.state is JobState.UNDOING:
        return f"Undoing: {LABELS[job.task.action].lower()}"
    return {
        Action.ADD: f"Adding contacts to “{job.list_name}”",
        Action.REMOVE: f"Removing contacts from “{job.list_name}”",
        Action.ZONE: "Setting time zones",
        Action.FIELD: f"Setting “{job.task.name}”",
        Action.OPT_OUT: "Opting contacts out",
        Action.DELETE: "Deleting contacts",
    }[job.task.action]


def progress(job: Job) -> str:
    """How far it is."""
    return f"{number(job.seen)} of {number(job.total)}" if job.total else f"{number(job.seen)} so far"


def outcome(job: Job) -> str:
    """What came of it, and what needed no change."""
    if job.state is JobState.UNDONE:
        return f"Undone for {plural(job.changed, 'contact')}." + _since(job)
    stopped = "Stopped. " if job.state is JobState.STOPPED else ""
    rest = job.seen - job.changed
    others = f" {number(rest)} {'was' if rest == 1 else 'were'} {UNCHANGED[job.task.action]}." if rest else ""
    return f"{stopped}{_done(job)}{others}"


def _done(job: Job) -> str:
    who = plural(job.changed, "contact")
    were = "was" if job.changed == 1 else "were"
    zone = job.task.value.replace("_", " ") or "that of their number"
    field = f"set to “{job.task.value}”" if job.task.value else "removed"
    return {
        Action.ADD: f"{who} {were} added to “{job.list_name}”.",
        Action.REMOVE: f"{who} {were} removed from “{job.list_name}”.",
        Action.ZONE: f"The time zone of {who} is now {zone}.",
        Action.FIELD: f"“{job.task.name}” was {field} for {who}.",
        Action.OPT_OUT: f"{who} {were} opted out.",
        Action.DELETE: f"{who} {were} deleted.",
    }[job.task.action]


def _since(job: Job) -> str:
    rest = (job.total or 0) - job.changed
    return f" {plural(rest, 'contact')} had been changed since, and stayed so." if rest else ""
