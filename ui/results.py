"""The results page: timeline, live bars, status and actions."""

from ui.app import PageBuilder
from ui.world import World


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(cid: str) -> None:
        pass

    return build
