"""Going through the pages of a long table."""

from collections.abc import Awaitable, Callable

from nicegui.events import GenericEventArguments

from ui.formats import number
from ui.tags import Tag, icon_button


class Pager(Tag):
    """Which rows are shown, the way to the pages around, and how many rows make a page."""

    def __init__(
        self,
        sizes: tuple[int, ...],
        *,
        on_page: Callable[[int], Awaitable[None]],
        on_size: Callable[[int], Awaitable[None]],
    ) -> None:
        super().__init__("nav", classes="pager", aria_label="Pages")
        self._sizes, self._on_page, self._on_size = sizes, on_page, on_size
        self._page = self._last = 1
        with self:
            with Tag("label", classes="pager-size"):
                Tag("span", "Rows per page")
                with Tag("select") as self._size:
                    self._options = {size: Tag("option", str(size)).attributes(value=size) for size in sizes}
            self._range = Tag("span", classes="pager-range")
            with Tag("span", classes="pager-steps"):
                self._back = icon_button("chevron_left", "Previous page")
                self._on = icon_button("chevron_right", "Next page")
        self._size.on("change", self._resize, js_handler="(e) => emit(e.target.value)")
        self._back.on("click", self._go_back, args=[])
        self._on.on("click", self._go_on, args=[])

    def show(self, page: int, size: int, total: int) -> None:
        """Say where in how many rows we are; nothing is shown where one page is enough."""
        self._page, self._last = page, max(1, -(-total // size))
        self.set_visibility(total > self._sizes[0])
        first = min((page - 1) * size + 1, total)
        self._range.text = f"{number(first)}–{number(min(page * size, total))} of {number(total)}"
        self._back.attributes(disabled=page <= 1 or None)
        self._on.attributes(disabled=page >= self._last or None)
        self._size.props["value"] = size

    async def _go_back(self) -> None:
        await self._go(self._page - 1)

    async def _go_on(self) -> None:
        await self._go(self._page + 1)

    async def _go(self, page: int) -> None:
        """Every press counts, also one that comes before the page of the last one is there."""
        self._page = min(max(page, 1), self._last)
        await self._on_page(self._page)

    async def _resize(self, event: GenericEventArguments) -> None:
        size = int(event.args) if str(event.args).isdigit() else 0
        if size in self._sizes:
            await self._on_size(size)
