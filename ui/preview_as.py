"""The chooser "Preview as": one real recipient after the other, whose own words the phone then shows."""

from collections.abc import Callable

from domain.merge_fields import template
from domain.problems import Problem
from storage import merge_words
from storage.merge_words import Recipient
from ui.tags import Tag, icon_button
from ui.world import World

NOBODY = "the text as it is written"


class PreviewAs(Tag):
    """Begins with nobody; `render` gives a text as the chosen person reads it."""

    def __init__(self, world: World, campaign_id: int, on_change: Callable[[], object]) -> None:
        super().__init__("div", classes="preview-as", role="group", aria_label="Preview as")
        self._world, self._campaign_id, self._on_change = world, campaign_id, on_change
        self.chosen: Recipient | None = None
        with self:
            icon_button("chevron_left", "Previous recipient").on("click", self.previous, args=[])
            with Tag("p", classes="preview-as-who", aria_live="polite"):
                Tag("span", "Preview as ", classes="muted")
                self._who = Tag("span", NOBODY, dir="auto")
            icon_button("chevron_right", "Next recipient").on("click", self.following, args=[])

    def render(self, text: str) -> str:
        """The text as the chosen recipient reads it."""
        return template(text).render(self.chosen.values) if self.chosen else text

    async def following(self) -> None:
        """Show the next person of the list; behind the last one stays the last."""
        await self._go(self.chosen.contact_id if self.chosen else 0, back=False)

    async def previous(self) -> None:
        """Show the person before; before the first one stands the text as it is written."""
        if self.chosen is not None:
            await self._go(self.chosen.contact_id, back=True)

    async def _go(self, contact_id: int, *, back: bool) -> None:
        try:
            found = await self._world.db.run(merge_words.next_to, self._campaign_id, contact_id, back=back)
        except Problem:
            return  # the page itself says that the campaign is gone
        if self.is_deleted or (found is None and not back):
            return
        self.chosen = found
        self._who.text = found.name if found else NOBODY
        self._on_change()
