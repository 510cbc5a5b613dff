"""The pages of a long table, turned faster than they come."""

from nicegui import ElementFilter
from nicegui.testing import UserInteraction

from tests.ui.pages import shown
from tests.wait import until_async
from ui.pager import Pager
from ui.tags import Tag


async def test_every_press_counts_also_before_the_page_is_there() -> None:
    asked: list[int] = []

    async def turn(page: int) -> None:
        asked.append(page)  # and nothing is shown yet, as when the database is slow

    def root() -> None:
        Pager((25,), on_page=turn, on_size=turn).show(1, 25, 100)

    async with shown(root) as user:
        await user.open("/")
        await user.should_see("1–25 of 100")
        with user:
            buttons = {tag.props.get("aria-label"): tag for tag in ElementFilter(kind=Tag)}
        for name in (*["Next page"] * 5, "Previous page"):
            UserInteraction(user, {buttons[name]}, None).click()
        await until_async(lambda: len(asked) == 6)
    assert asked == [2, 3, 4, 4, 4, 3]
