"""Recording an opt-in by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nicegui import ui

from storage import consents
from storage.database import Database
from tests import arrange
from tests.ui.pages import visitor, world_of
from tests.wait import until_async

EVENING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
"""In New York it is still the 23rd."""


async def test_the_day_that_is_offered_is_the_visitors_own_and_is_taken(
    sqlite_db: Database, tmp_path: Path
) -> None:
    actor = arrange.person(sqlite_db, EVENING)
    arrange.contact_list(sqlite_db, actor, EVENING, arrange.numbers(1))
    world = replace(world_of(sqlite_db, actor, tmp_path), clock=lambda: EVENING)
    async with visitor(world) as user:
        await user.open("/contacts/1")
        await user.should_see(kind=ui.button, content="Record opt-in")
        user.find(kind=ui.button, content="Record opt-in").click()

        await user.should_see("Exact text agreed to")

        def fields() -> dict[str, Any]:
            return {one.props.get("aria-label", ""): one for one in user.find(ui.input).elements}

        await until_async(lambda: "Day" in fields())
        form = fields()
        assert form["Day"].value == "2026-11-23"
        form["Source"].value = "The Brooklyn store"
        form["Exact text agreed to"].value = "Text me the news."
        buttons = user.find(kind=ui.button, content="Record opt-in")
        buttons.elements = {max(buttons.elements, key=lambda element: element.id)}
        buttons.click()
        await until_async(lambda: bool(consents.of_number(sqlite_db, arrange.numbers(1)[0])))
