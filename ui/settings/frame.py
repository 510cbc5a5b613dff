"""The frame of the settings pages: their header, the links between them, and who may see them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.access import Actor
from domain.problems import Problem
from storage.database import Database
from ui import notices, shell
from ui.tags import Tag
from ui.world import World


@dataclass(frozen=True, slots=True)
class Section:
    """One settings page in the links between them. Add a line here and the page's path in `pages`."""

    label: str
    path: str


SECTIONS = (
    Section("Lines", "/settings/lines"),
    Section("Carriers", "/settings/carriers"),
    Section("Workspace", "/settings/workspace"),
    Section("Team", "/settings/team"),
    Section("API", "/settings/api"),
    Section("Audit log", "/settings/audit"),
)


def may(world: World) -> bool:
    """Whether the visitor may see the settings; draws why not where they may not."""
    if world.administers:
        return True
    shell.dead_end(
        "lock",
        "For administrators",
        "Only administrators of your workspace see its settings. Ask one of them to change something here.",
    )
    return False


@contextmanager
def header(
    title: str, *, lead: str = "", back: tuple[str, str] | None = None, sections: bool = True
) -> Iterator[None]:
    """The page's header with the links to the other sections; actions are made inside."""
    with shell.page_header(title, lead=lead, back=back):
        yield
    if back is None and sections:
        _links()


def _links() -> None:
    here = ui.context.client.sub_pages_router.current_path
    with Tag("nav", classes="tabs", aria_label="Settings"):
        for section in SECTIONS:
            current = "page" if here.startswith(section.path) else None
            Tag("a", section.label, classes="tab", href=section.path, aria_current=current)


@contextmanager
def panel(title: str, *, lead: str = "") -> Iterator[None]:
    """A titled part of a page."""
    with Tag("section", classes="panel set-panel") as box:
        heading = Tag("h2", title)
        if lead:
            Tag("p", lead, classes="set-lead")
        yield
    box.attributes(aria_labelledby=heading.html_id)


def removal(label: str, delete: Callable[[], object], why_not: str) -> None:
    """The quiet button at a page's end that deletes; `why_not` says why it can't."""
    with Tag("div", classes="removal"):
        button = ui.button(label, icon="sym_o_delete", color="negative", on_click=delete).props("outline")
        button.set_enabled(not why_not)
        if why_not:
            Tag("p", why_not, classes="muted small")


Press = Callable[[], Awaitable[None]]
Delete = Callable[[Database, Actor, int, datetime], None]


def deletion(world: World, kind: str, name: str, text: str, delete: Delete, number: int, back: str) -> Press:
    """What the button of `removal` does: ask, delete, say so, and go back to that page."""

    async def press() -> None:
        if not await notices.confirm(f"Delete {kind}?", text, f"Delete {kind}", danger=True):
            return
        try:
            await world.db.run(delete, world.actor(), number, world.clock())
        except Problem as problem:
            notices.problem(problem.text)
            return
        notices.success(f"{name} was deleted.")
        ui.navigate.to(back)

    return press


def number(text: str) -> int:
    """The id in a page's address; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
