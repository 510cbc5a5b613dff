"""The warning of the settings about carriers that can't come in: SMS_PUBLIC_URL names this machine only."""

from collections.abc import Iterable, Mapping

from domain import reach
from storage.reach import carrier_url
from ui.tags import Tag
from ui.world import World


def draw(world: World, accounts: Iterable[tuple[str, Mapping[str, str]]]) -> None:
    """Draw it where one of these accounts (kind and settings) needs it."""
    for kind, settings in accounts:
        url = carrier_url(kind, settings.get("base_url", ""))
        broken = reach.unreachable(world.public_url, kind, url, pictures=True, links=True)
        if broken:
            Tag("p", reach.warning(broken), classes="set-warning")
            return
