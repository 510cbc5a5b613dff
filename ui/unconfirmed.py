"""The two choices about unconfirmed deliveries: leave them, as happens by itself, or send again."""

from domain.problems import Problem
from storage import unconfirmed
from storage.results import MessageResult
from ui import notices
from ui.formats import plural
from ui.world import World

SEND_AGAIN = "Send again to unconfirmed"
TWICE = (
    "Some of them may have this message already, and they will get it twice. Nobody can know who: the "
    "connection to the carrier broke while it was being sent. If a late receipt says that the first try "
    "arrived, it still counts."
)


async def ask(world: World, campaign_id: int, message: MessageResult, count: int) -> None:
    """Ask, and send again to all that are unconfirmed then."""
    title = f"Send message {message.position} again to {plural(count, 'person', 'people')}?"
    if not await notices.confirm(title, TWICE, SEND_AGAIN, danger=True, cancel="Leave"):
        return
    try:
        queued = await world.db.run(
            unconfirmed.send_again, world.actor(), campaign_id, message.id, world.clock()
        )
    except Problem as problem:
        notices.problem(problem.text)
    else:
        notices.success(f"{plural(queued, 'delivery is', 'deliveries are')} queued to be sent again.")
    await world.feed.look()
