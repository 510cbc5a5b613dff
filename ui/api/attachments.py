"""/attachments: files that a message takes later by their ids."""

import asyncio
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, UploadFile
from pydantic import BaseModel

from storage import attachments
from storage.tables import Attachment
from ui.api.world import AtDesk

routes = APIRouter(tags=["Attachments"])


class AttachmentShown(BaseModel):
    """A kept file."""

    id: int
    filename: str
    content_type: str
    bytes: int


@routes.post("/attachments", status_code=201, summary="Upload an attachment")
async def upload(
    desk: AtDesk, file: Annotated[UploadFile, File(description="A JPEG, PNG or GIF of at most 5 MB.")]
) -> AttachmentShown:
    """Checked by its content, not by its name. What no message takes within a day is dropped."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        await asyncio.to_thread(_copy, file.file, path)
        made = await desk.db.run(
            attachments.upload, desk.actor, desk.world.files, file.filename or "", path, desk.now
        )
    return shown(made)


def shown(row: Attachment) -> AttachmentShown:
    """The file as programs see it."""
    return AttachmentShown(
        id=row.id or 0, filename=row.filename, content_type=row.content_type, bytes=row.bytes
    )


def _copy(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as target:
        copyfileobj(source, target)
