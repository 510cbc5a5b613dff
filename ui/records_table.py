"""A table of records with a link each: sorted by a click, rows selected with boxes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from nicegui import ui
from nicegui.events import GenericEventArguments


@dataclass(frozen=True, slots=True)
class Column:
    """A header; the first column holds the link."""

    key: str
    label: str
    sortable: bool = True
    end: bool = False  # numbers stand at the end


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column; a dot makes it a status, `more` stands behind it in grey."""

    text: str
    more: str = ""
    dot: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A row; the note stands below its name."""

    id: int
    name: str
    href: str
    cells: dict[str, Cell] = field(default_factory=dict)
    note: str = ""


class RecordsTable(ui.element, component="components/records_table.js"):
    """Draws records; with `on_pick` they can be selected, and it calls back with who is, on this page."""

    def __init__(
        self,
        label: str,
        columns: Sequence[Column],
        *,
        on_sort: Callable[[str], Awaitable[None]],
        on_pick: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._on_sort, self._on_pick = on_sort, on_pick
        self._sortable = {column.key for column in columns if column.sortable}
        self._ids: list[int] = []
        self.props["label"] = label
        self.props["columns"] = [
            {"key": c.key, "label": c.label, "sortable": c.sortable, "end": c.end} for c in columns
        ]
        self.props["selectable"] = on_pick is not None
        self.props["picked"] = []
        self.props["loading"] = True
        self.on("sort", self._sort)
        self.on("pick", self._pick)
        self.on("pick-page", self._pick_page)

    def sorted(self, column: str, *, descending: bool) -> None:
        """Mark the header by which the rows are sorted."""
        self.props["sort"] = column
        self.props["descending"] = descending

    def fill(self, records: Iterable[Record]) -> None:
        """Show these records; who is selected and still there stays so."""
        shown = list(records)
        self._ids = [record.id for record in shown]
        self.props["rows"] = [
            {
                "id": record.id,
                "name": record.name,
                "href": record.href,
                "note": record.note,
                "cells": {
                    key: {"text": cell.text, "more": cell.more, "dot": cell.dot}
                    for key, cell in record.cells.items()
                },
            }
            for record in shown
        ]
        self.props["loading"] = False
        self.picked = self.picked

    @property
    def ids(self) -> list[int]:
        """Who is shown."""
        return list(self._ids)

    @property
    def picked(self) -> list[int]:
        """Who is shown and selected."""
        return list(self.props["picked"])

    @picked.setter
    def picked(self, ids: list[int]) -> None:
        self.props["picked"] = [found for found in self._ids if found in ids]

    async def _sort(self, event: GenericEventArguments) -> None:
        if event.args in self._sortable:
            await self._on_sort(event.args)

    def _pick(self, event: GenericEventArguments) -> None:
        wanted = event.args.get("id")
        others = [found for found in self.picked if found != wanted]
        self.picked = [*others, wanted] if event.args.get("on") else others
        if self._on_pick:
            self._on_pick()

    def _pick_page(self, event: GenericEventArguments) -> None:
        self.picked = self._ids if event.args else []
        if self._on_pick:
            self._on_pick()
