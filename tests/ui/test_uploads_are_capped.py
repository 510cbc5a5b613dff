"""The browser's own limit stops honest people only; whoever posts more is refused by the server."""

from pathlib import Path

import pytest
from nicegui import ElementFilter, ui
from nicegui.elements.upload_files import SmallFileUpload

from domain.imports import MOST_BYTES
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of

REFUSED = "This file has more than 50 MB."


@pytest.fixture
def too_large() -> SmallFileUpload:
    return SmallFileUpload("people.csv", "text/csv", _data=b"x" * (MOST_BYTES + 1))


async def test_an_import_of_contacts(sqlite_db: Database, tmp_path: Path, too_large: SmallFileUpload) -> None:
    world = world_of(sqlite_db, arrange.person(sqlite_db, NOW), tmp_path)
    async with visitor(world) as user:
        with await user.open("/contacts/import"):
            (upload,) = ElementFilter(kind=ui.upload)
        await upload.handle_uploads([too_large])
        await user.should_see(REFUSED)
    assert not world.imports.exists()


async def test_an_import_of_suppressions(
    sqlite_db: Database, tmp_path: Path, too_large: SmallFileUpload
) -> None:
    world = world_of(sqlite_db, arrange.person(sqlite_db, NOW), tmp_path)
    async with visitor(world) as user:
        client = await user.open("/suppressions")
        user.find("Import").click()
        await user.should_see("Import suppressions")
        with client:
            (upload,) = ElementFilter(kind=ui.upload)
        await upload.handle_uploads([too_large])
        await user.should_see(REFUSED)
