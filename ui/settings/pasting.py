"""The addresses that an operator pastes at the carrier, each with a button that copies it."""

from urllib.parse import urlsplit

from nicegui import ui

from domain.carrier_kinds import kind_of
from domain.carrier_settings import Hook
from domain.settings import LOOPBACK
from ui import notices
from ui.settings import frame
from ui.tags import Tag, icon_button
from ui.world import World

LABELS = {Hook.INBOUND: "Replies and STOP", Hook.STATUS: "Receipts"}


def panel(world: World, kind: str, token: str) -> None:
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
        host = urlsplit(world.carriers.webhook(kind, token, "status")).hostname
        if described.pastes and host in LOOPBACK:
            Tag(
                "p",
                "Carriers can't call this address: it names this machine only. Set SMS_PUBLIC_URL to where "
                "the internet reaches this program, and start it again.",
                classes="set-warning",
            )


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
