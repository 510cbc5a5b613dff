"""The SMS tab: the grid of campaigns."""

from ui.app import PageBuilder
from ui.world import World


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        pass

    return build
