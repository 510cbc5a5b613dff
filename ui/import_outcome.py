"""What is said of an import that waits to be confirmed, or is over."""

from storage import contact_grid
from storage.contact_grid import Query
from storage.imports import Job, JobState
from ui.formats import number, plural
from ui.tags import Tag
from ui.world import World


def title(job: Job) -> str:
    """Where it stands."""
    return {
        JobState.CHECKED: "Ready to import",
        JobState.DONE: "Imported",
        JobState.CANCELED: "Canceled",
        JobState.FAILED: "This file could not be imported",
    }[job.state]


def words(job: Job) -> str:
    """What was read, and what that means."""
    name = job.new_list or job.list_name
    into = f" on the list “{name}”" if name else ""
    if job.state is JobState.CHECKED:
        return (
            f"{plural(job.total, 'row')} were read. Nothing is written yet. "
            f"Each number becomes one contact{into}."
        )
    if job.can_go_on:
        rest = f"{number(job.position)} of {plural(job.total, 'row')}"
        return (
            f"{rest} had been read. What was taken in by then stays; you can go on with the rest for a week."
        )
    if job.state is JobState.CANCELED:
        return f"{plural(job.position, 'row')} had been read. What was taken in by then stays."
    return f"{plural(job.position, 'row')} were read. The people are{into or ' contacts now'}."


def counts(job: Job) -> None:
    """How many rows came to what."""
    checked = job.state is JobState.CHECKED
    lines = [
        ("New contacts", job.added),
        ("Would be updated" if checked else "Updated", job.updated),
        ("Repeated in the file", job.duplicates),
        ("With a problem", job.bad),
    ]
    if job.consents:
        lines.append(("Opt-ins kept", job.consents))
    with Tag("dl", classes="import-counts"):
        for label, count in lines:
            with Tag("div"):
                Tag("dt", label)
                Tag("dd", number(count), classes="num")


async def opted_out(world: World, list_id: int) -> None:
    """Who of the list is never texted, whatever was imported."""
    query = Query(list_id=list_id, standing="suppressed", size=1)
    found = await world.db.run(contact_grid.page, query)
    if not found.total:
        return
    who = f"More than {number(found.total)}" if found.capped else number(found.total)
    have = "has" if found.total == 1 else "have"
    with Tag("p"):
        Tag("span", f"{who} of this list {have} opted out, and an import lets nobody in again. ")
        Tag("a", "See who", href=f"/lists/{list_id}?status=suppressed")
