"""What happens when somebody picks a campaign action, from the row menu or the right rail alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from domain.campaigns import Action
from domain.problems import Problem
from storage import campaigns
from storage.campaigns import OverdueMessages
from ui import notices
from ui.tags import Tag
from ui.world import World

SYMBOLS = {
    Action.VIEW: "monitoring",
    Action.EDIT: "edit",
    Action.EDIT_SCHEDULE: "edit_calendar",
    Action.SCHEDULE: "schedule_send",
    Action.PAUSE: "pause_circle",
    Action.RESUME: "play_circle",
    Action.STOP: "stop_circle",
    Action.RESTART: "restart_alt",
    Action.CLONE: "content_copy",
    Action.ARCHIVE: "archive",
    Action.UNARCHIVE: "unarchive",
    Action.DELETE: "delete",
}
DANGEROUS = frozenset({Action.STOP, Action.DELETE})


@dataclass(frozen=True, slots=True)
class Subject:
    """The campaign that an action is about."""

    id: int
    name: str

    @property
    def path(self) -> str:
        """Its results page."""
        return f"/campaigns/sms/{self.id}"


async def perform(world: World, action: Action, subject: Subject, done: Callable[[], object] = bool) -> None:
    """Do what the person picked, after asking where it hurts; `done` is called after a change.

    A refusal is shown as a notice, so callers need not ask first whether the action is still possible.
    """
    try:
        await _ACTS[action](world, subject)
    except Problem as problem:
        notices.problem(problem.text)
    result = done()
    if isinstance(result, Awaitable):
        await result


async def _view(world: World, subject: Subject) -> None:
    ui.navigate.to(subject.path)


async def _edit(world: World, subject: Subject) -> None:
    ui.navigate.to(f"{subject.path}/details")


async def _edit_schedule(world: World, subject: Subject) -> None:
    ui.navigate.to(f"{subject.path}/messages")


async def _pause(world: World, subject: Subject) -> None:
    await world.db.run(campaigns.pause, world.actor(), subject.id, world.clock())
    notices.undo(f"“{subject.name}” is paused.", lambda: _resume(world, subject))


async def _resume(world: World, subject: Subject) -> None:
    try:
        await world.db.run(campaigns.resume, world.actor(), subject.id, world.clock())
    except OverdueMessages as overdue:
        choices = await _ask_overdue(overdue, subject)
        if choices is None:
            return
        await world.db.run(campaigns.resume, world.actor(), subject.id, world.clock(), choices)
    notices.success(f"“{subject.name}” goes on.")


async def _stop(world: World, subject: Subject) -> None:
    text = (
        "Unsent messages will have their schedules canceled and will not be delivered. "
        "What the carrier already has can't be called back. You can restart the campaign later."
    )
    if await notices.confirm(f"Stop “{subject.name}”?", text, Action.STOP.value, danger=True):
        await world.db.run(campaigns.stop, world.actor(), subject.id, world.clock())
        notices.success(f"“{subject.name}” is stopped.")


async def _restart(world: World, subject: Subject) -> None:
    await world.db.run(campaigns.restart, world.actor(), subject.id, world.clock())
    ui.navigate.to(f"{subject.path}/details")


async def _clone(world: World, subject: Subject) -> None:
    copy = await world.db.run(campaigns.clone, world.actor(), subject.id, world.clock())
    notices.success(f"“{subject.name}” was copied into a draft.")
    ui.navigate.to(f"/campaigns/sms/{copy}/details")


async def _archive(world: World, subject: Subject) -> None:
    await world.db.run(campaigns.archive, world.actor(), subject.id, world.clock())
    notices.undo(f"“{subject.name}” is archived.", lambda: _unarchive(world, subject))


async def _unarchive(world: World, subject: Subject) -> None:
    await world.db.run(campaigns.unarchive, world.actor(), subject.id, world.clock())
    notices.success(f"“{subject.name}” is back.")


async def _delete(world: World, subject: Subject) -> None:
    text = "The draft and its messages are deleted for good."
    if await notices.confirm(f"Delete “{subject.name}”?", text, Action.DELETE.value, danger=True):
        await world.db.run(campaigns.delete, world.actor(), subject.id, world.clock())
        notices.success(f"“{subject.name}” was deleted.")
        if ui.context.client.sub_pages_router.current_path.startswith(subject.path):
            ui.navigate.to("/campaigns/sms")


async def _schedule(world: World, subject: Subject) -> None:
    ui.navigate.to(f"{subject.path}/messages")


async def _ask_overdue(overdue: OverdueMessages, subject: Subject) -> dict[int, str] | None:
    """Per message whose time passed: send now, pick a time, or skip; None when dismissed."""
    chosen: dict[int, str] = {}
    with ui.dialog() as dialog, ui.card().classes("confirm"):
        heading = Tag("h2", "Some send times have passed")
        Tag("p", "While the campaign was paused, these messages' times came. What should happen?")
        for message_id, position in overdue.messages.items():
            options = {"send_now": "Send now", "skip": "Skip it"}
            Tag("div", f"Message {position}", classes="confirm-choice")
            ui.radio(
                options, value="send_now", on_change=lambda e, m=message_id: chosen.__setitem__(m, e.value)
            ).props(f'inline aria-label="Message {position}"')
            chosen[message_id] = "send_now"
        with Tag("div", classes="confirm-actions"):
            ui.button("Cancel", on_click=lambda: dialog.submit(None)).props("outline")
            ui.button("Pick new times", on_click=lambda: dialog.submit("times")).props("outline")
            ui.button(Action.RESUME.value, on_click=lambda: dialog.submit("resume"))
    dialog.props["aria-labelledby"] = heading.html_id
    answer = await dialog
    notices.remove(dialog)
    if answer == "times":
        ui.navigate.to(f"{subject.path}/messages")
    return chosen if answer == "resume" else None


_ACTS: dict[Action, Callable[[World, Subject], Awaitable[None]]] = {
    Action.VIEW: _view,
    Action.EDIT: _edit,
    Action.EDIT_SCHEDULE: _edit_schedule,
    Action.SCHEDULE: _schedule,
    Action.PAUSE: _pause,
    Action.RESUME: _resume,
    Action.STOP: _stop,
    Action.RESTART: _restart,
    Action.CLONE: _clone,
    Action.ARCHIVE: _archive,
    Action.UNARCHIVE: _unarchive,
    Action.DELETE: _delete,
}
