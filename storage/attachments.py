"""Attachments: the bytes in the data directory under random names, the facts in a row."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from PIL import Image
from sqlalchemy import func, select
from sqlmodel import Session, col

from domain import access
from domain import attachments as rules
from domain.access import Actor, Permission
from domain.campaigns import Status
from domain.messages import MessageLocked, may_edit_content
from domain.problems import NotFound, Problem
from storage import audit, found
from storage.database import Database
from storage.sequence import check_content, check_shown
from storage.tables import Attachment

MAX_PIXELS = 25_000_000
"""Larger pictures are refused: they unpack to more memory than a server should lend (facts.md D 13)."""


class AttachmentNotFound(NotFound):
    """This attachment does not exist. It may have been removed."""


class Files:
    """The folder of the attachments' bytes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def path(self, stored_name: str) -> Path:
        """Where a stored file lies."""
        return self.folder / Path(stored_name).name

    def keep(self, chunks: Iterable[bytes], extension: str) -> str:
        """Write the chunks under a new random name and return it."""
        name = f"{secrets.token_hex(16)}{extension}"
        try:
            with self.path(name).open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
        except BaseException:
            self.path(name).unlink(missing_ok=True)
            raise
        return name


def attach(
    db: Database, actor: Actor, message_id: int, files: Files, filename: str, upload: Path, now: datetime
) -> Attachment:
    """Check an uploaded file by its content, keep it, and add it to the message.

    Raises `NotAnImage`, `FileTooLarge`, `FilesTooLarge`, `TooManyFiles` or `MessageLocked`; then nothing
    is kept.
    """
    access.check(actor, Permission.EDIT)
    size = upload.stat().st_size
    shown = rules.safe_filename(filename)
    rules.check_size(shown, size)
    with upload.open("rb") as file:
        kind = rules.sniff(file.read(32))
    width, height = _dimensions(upload)
    with upload.open("rb") as file:
        stored = files.keep(iter(lambda: file.read(1 << 16), b""), rules.extension(kind))
    try:
        with db.write() as session:
            campaign, message = found.message(session, message_id)
            check_shown(campaign)
            if not may_edit_content(campaign.status, message.state):
                raise MessageLocked
            sizes = [other.bytes for other in of_message(session, message_id)]
            rules.check_count(len(sizes) + 1)
            rules.check_total([*sizes, size])
            attachment = Attachment(
                message_id=message_id,
                position=len(sizes) + 1,
                filename=shown,
                stored_name=stored,
                content_type=kind.value,
                bytes=size,
                width=width,
                height=height,
                created_at=now,
            )
            session.add(attachment)
            session.flush()
            audit.record(session, actor, now, "attach", "message", message_id, after={"file": shown})
            return attachment
    except BaseException:
        files.path(stored).unlink(missing_ok=True)
        raise


def detach(db: Database, actor: Actor, attachment_id: int, files: Files, now: datetime) -> None:
    """Take a file off its message; the bytes go too unless a cloned campaign still shows them."""
    access.check(actor, Permission.EDIT)
    with db.write() as session:
        attachment = session.get(Attachment, attachment_id)
        if attachment is None or attachment.message_id is None:
            raise AttachmentNotFound
        campaign, message = found.message(session, attachment.message_id)
        check_shown(campaign)
        if not may_edit_content(campaign.status, message.state):
            raise MessageLocked
        stored = attachment.stored_name
        session.delete(attachment)
        session.flush()
        if campaign.status is not Status.DRAFT:
            check_content(session, message)
        uses = select(func.count()).where(col(Attachment.stored_name) == stored)
        last_use = session.scalar(uses) == 0
        audit.record(
            session, actor, now, "detach", "message", message.id or 0, before={"file": attachment.filename}
        )
    if last_use:
        files.path(stored).unlink(missing_ok=True)


def of_message(session: Session, message_id: int) -> list[Attachment]:
    """A message's files in their order."""
    query = (
        select(Attachment)
        .where(col(Attachment.message_id) == message_id)
        .order_by(col(Attachment.position), col(Attachment.id))
    )
    return list(session.scalars(query))


def of_campaign_messages(session: Session, message_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The files of several messages at once."""
    files: dict[int, list[Attachment]] = {message_id: [] for message_id in message_ids}
    query = (
        select(Attachment)
        .where(col(Attachment.message_id).in_(files))
        .order_by(col(Attachment.position), col(Attachment.id))
    )
    for attachment in session.scalars(query):
        files[attachment.message_id or 0].append(attachment)
    return files


def stored(db: Database, attachment_id: int) -> Attachment:
    """The facts of one attachment; raises `AttachmentNotFound`."""
    with db.read() as session:
        attachment = session.get(Attachment, attachment_id) if 0 < attachment_id < 2**31 else None
    if attachment is None:
        raise AttachmentNotFound
    return attachment


def _dimensions(upload: Path) -> tuple[int, int]:
    """Width and height in pixels, read by decoding; raises `NotAnImage` for what only looks like one."""
    try:
        with Image.open(upload, formats=("JPEG", "PNG", "GIF")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise rules.NotAnImage(
                    f"This picture has {image.width} × {image.height} pixels, which is more than a text can "
                    "carry. Make it smaller."
                )
            image.load()
            return image.width, image.height
    except Problem:
        raise
    except Exception as error:  # decoders fail in many ways on what was made to break them
        raise rules.NotAnImage from error
