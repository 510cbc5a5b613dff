"""The first step: campaign details."""

from ui.app import PageBuilder
from ui.world import World


def new_page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        pass

    return build


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(cid: str) -> None:
        pass

    return build
