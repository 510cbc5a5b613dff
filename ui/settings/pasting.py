"""The addresses that an operator pastes at the carrier, each with a button that copies it."""

from collections.abc import Mapping

from nicegui import ui

from domain.carrier_kinds import kind_of
from domain.carrier_settings import Hook
from ui import notices
from ui.settings import frame, reach_note
from ui.tags import Tag, icon_button
from ui.world import World

LABELS = {Hook.INBOUND: "Replies and STOP", Hook.STATUS: "Receipts"}


def panel(world: World, kind: str, token: str, settings: Mapping[str, str]) -> None:
    """Draw what to paste where; a carrier that needs nothing pasted says so."""
    described = kind_of(kind)
    with frame.panel("At the carrier"):
        for paste in described.pastes:
            address = world.carriers.webhook(kind, token, paste.hook.value) + paste.suffix
            _address(LABELS[paste.hook], address, paste.where)
        if not described.pastes:
            Tag("p", "There is nothing to paste anywhere.", classes="muted")
        if described.note:
            Tag("p", described.note, classes="muted small")
        reach_note.draw(world, [(kind, settings)])


def _address(label: str, address: str, where: str) -> None:
    with Tag("div", classes="paste"):
        Tag("h3", label)
        with Tag("div", classes="paste-line"):
            Tag("code", address, tabindex=0)
            button = icon_button("content_copy", f"Copy the address for {label.lower()}")
        Tag("p", where, classes="muted small")

    def copy() -> None:
        ui.clipboard.write(address)
        notices.success("Copied.")

    button.on("click", copy, args=[])
