"""The offer to shrink an image that is too large, where it was added."""

from nicegui import ui
from nicegui.elements.upload_files import FileUpload, SmallFileUpload

from domain.attachments import FilesTooLarge
from domain.problems import Problem
from tests.ui.pages import shown
from ui.upload import DropZone

PHOTO = SmallFileUpload("sun.png", "image/png", _data=b"png")


def zone(zones: list[DropZone], shrunk: list[str], refused: str = "") -> None:
    async def refuse(_file: FileUpload) -> None:
        raise FilesTooLarge("Telnyx takes at most 1 MB a message.")

    async def shrink(file: FileUpload) -> None:
        if refused:
            raise Problem(refused)
        shrunk.append(file.name)

    made = DropZone(
        on_file=refuse,
        on_remove=lambda _: None,
        on_shrink=shrink,
        hint="Pictures",
        accept="image/*",
        max_bytes=5_000_000,
    )
    zones.append(made)


async def test_an_image_that_is_too_large_can_be_shrunk_where_it_was_refused() -> None:
    zones: list[DropZone] = []
    shrunk: list[str] = []
    async with shown(lambda: zone(zones, shrunk)) as user:
        await user.open("/")
        await zones[0].upload.handle_uploads([PHOTO])
        await user.should_see("sun.png: Telnyx takes at most 1 MB a message.")
        user.find(kind=ui.button, content="Shrink image").click()
        await user.should_not_see("Shrink image")
    assert shrunk == ["sun.png"]


async def test_an_image_that_can_not_be_shrunk_says_why() -> None:
    zones: list[DropZone] = []
    async with shown(lambda: zone(zones, [], "This image can't be brought to 1 MB.")) as user:
        await user.open("/")
        await zones[0].upload.handle_uploads([PHOTO])
        await user.should_see("Shrink image")
        user.find(kind=ui.button, content="Shrink image").click()
        await user.should_see("sun.png: This image can't be brought to 1 MB.")
