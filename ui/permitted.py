"""A page that is only for doing something tells who may not do it, instead of offering what is refused."""

from ui import shell
from ui.world import World


def may_work(world: World) -> bool:
    """Whether who is looking may work here; draws why not where they may not."""
    if world.edits:
        return True
    text = "Viewers see everything here and change nothing. An administrator can give you another role."
    shell.dead_end("lock", "For managers and administrators", text)
    return False
