"""A select writes its options when they change, and only then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui.testing.user import User

from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from ui.select import Select

FRUIT = {"a": "Apple", "b": "Banana"}


@pytest.fixture
async def user(sqlite_db: Database, tmp_path: Path) -> AsyncIterator[User]:
    async with visitor(world_of(sqlite_db, arrange.person(sqlite_db, NOW), tmp_path)) as user:
        await user.open("/lists")
        yield user


async def test_whatever_else_changes_leaves_the_options_alone(user: User) -> None:
    with user:
        select = Select(dict(FRUIT), value="a", with_input=True)
        options = select.props["options"]
        assert options == [{"value": 0, "label": "Apple"}, {"value": 1, "label": "Banana"}]
        assert select.props("dense").props["options"] is options
        select.value = "b"
        assert select.props["options"] is options
        assert select.props["model-value"] == {"value": 1, "label": "Banana"}


async def test_new_options_are_written_and_a_choice_that_is_gone_is_dropped(user: User) -> None:
    with user:
        select = Select(dict(FRUIT), value="b")
        select.set_options({"c": "Cherry", "b": "Banana"})
        assert select.props["options"] == [{"value": 0, "label": "Cherry"}, {"value": 1, "label": "Banana"}]
        assert (select.value, select.props["model-value"]) == ("b", {"value": 1, "label": "Banana"})
        select.set_options({"c": "Cherry"})
        assert (select.value, select.props["model-value"]) == (None, None)
        select.set_options(FRUIT, value="a")
        assert (select.value, select.props["model-value"]) == ("a", {"value": 0, "label": "Apple"})


async def test_several_may_be_chosen(user: User) -> None:
    with user:
        select = Select(FRUIT, value=["b"], multiple=True)
        assert select.props["model-value"] == [{"value": 1, "label": "Banana"}]
