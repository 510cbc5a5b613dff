"""What the person's browser knows and the server must ask for."""

from weakref import WeakKeyDictionary

from nicegui import Client, ui

from domain import zones
from domain.problems import Problem

ELSE = "UTC"
SECONDS = 10.0
"""How long to wait for the page to connect, and for its answer."""

_zones: WeakKeyDictionary[Client, str] = WeakKeyDictionary()


async def time_zone() -> str:
    """The browser's time zone, asked once a tab; UTC when it names none that we know."""
    client = ui.context.client
    if client not in _zones:
        _zones[client] = await _ask(client)
    return _zones[client]


async def _ask(client: Client) -> str:
    try:
        await client.connected(timeout=SECONDS)
        name = await client.run_javascript(
            "Intl.DateTimeFormat().resolvedOptions().timeZone", timeout=SECONDS
        )
        zones.zone(str(name))
    except (Problem, TimeoutError):
        return ELSE
    return str(name)
