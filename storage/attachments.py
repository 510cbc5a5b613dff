"""Attachments: the bytes in the data directory under random names, the facts in a row."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from domain import access
from domain import attachments as rules
from domain.access import Actor, Permission
from domain.campaigns import Status
from domain.media_limits import room as media_room
from domain.messages import MessageLocked, may_edit_content
from domain.problems import NotFound, Problem
from storage import audit, camera_notes, found, media_limits
from storage.database import Database
from storage.sequence import check_content, check_shown
from storage.shrinking import MAX_PIXELS, shrink
from storage.tables import Attachment, Campaign, Message

UNUSED_FOR = timedelta(days=1)
"""How long an upload waits for a message to take it."""

MAX_FRAMES = 100
"""Of a picture that moves."""


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
    attachment = _kept(files, filename, upload, now)
    try:
        with db.write() as session:
            campaign, message = found.message(session, message_id)
            check_shown(campaign)
            if not may_edit_content(campaign.status, message.state):
                raise MessageLocked
            sizes = [other.bytes for other in of_message(session, message_id)]
            rules.check_count(len(sizes) + 1)
            rules.check_total([*sizes, attachment.bytes])
            media_limits.check(session, campaign.line_id, [*of_message(session, message_id), attachment])
            attachment.message_id, attachment.position = message_id, len(sizes) + 1
            session.add(attachment)
            session.flush()
            after = {"file": attachment.filename}
            audit.record(session, actor, now, "attach", "message", message_id, after=after)
            return attachment
    except BaseException:
        files.path(attachment.stored_name).unlink(missing_ok=True)
        raise


def attach_smaller(
    db: Database, actor: Actor, message_id: int, files: Files, filename: str, upload: Path, now: datetime
) -> Attachment:
    """Shrink an image to what the line's carrier still takes, and add it to the message.

    Raises `CantShrink`, or what `attach` raises. Slow: it unpacks and packs the image.
    """
    access.check(actor, Permission.EDIT)
    with db.read() as session:
        campaign, _ = found.message(session, message_id)
        carrier = media_limits.carrier_of(session, campaign.line_id)
        room = media_room(carrier, media_limits.as_media(of_message(session, message_id)))
    upload.write_bytes(shrink(upload, room))
    name = f"{Path(rules.safe_filename(filename)).stem}.jpg"
    return attach(db, actor, message_id, files, name, upload, now)


def upload(
    db: Database, actor: Actor, files: Files, filename: str, upload: Path, now: datetime
) -> Attachment:
    """Check a file by its content and keep it for a message that will take it by its id.

    Raises `NotAnImage` or `FileTooLarge`. What no message takes within a day is dropped.
    """
    access.check(actor, Permission.EDIT)
    attachment = _kept(files, filename, upload, now)
    try:
        with db.write() as session:
            session.add(attachment)
            session.flush()
            after = {"file": attachment.filename}
            audit.record(session, actor, now, "upload", "attachment", attachment.id or 0, after=after)
            return attachment
    except BaseException:
        files.path(attachment.stored_name).unlink(missing_ok=True)
        raise


def give(session: Session, message: Message, attachment_ids: Sequence[int]) -> None:
    """Let the message have exactly these files, in this order; what it had besides is let go of.

    Raises `AttachmentNotFound` for one that does not exist or is another message's.
    """
    wanted = list(dict.fromkeys(attachment_ids))
    query = select(Attachment).where(col(Attachment.id).in_(wanted)).with_for_update()
    rows = {row.id or 0: row for row in session.scalars(query)}
    for attachment_id in wanted:
        row = rows.get(attachment_id)
        if row is None or row.message_id not in (None, message.id):
            raise AttachmentNotFound(f"Attachment {attachment_id} does not exist, or another message has it.")
    rules.check_count(len(wanted))
    rules.check_total(row.bytes for row in rows.values())
    line_id = session.get_one(Campaign, message.campaign_id).line_id
    media_limits.check(session, line_id, [rows[attachment_id] for attachment_id in wanted])
    for row in of_message(session, message.id or 0):
        if row.id not in rows:
            row.message_id = None
    for position, attachment_id in enumerate(wanted, start=1):
        rows[attachment_id].message_id, rows[attachment_id].position = message.id, position


def drop_unused(db: Database, files: Files, now: datetime) -> int:
    """Delete what was uploaded a day ago or earlier and no message has; returns how many."""
    with db.write() as session:
        unused = delete(Attachment).where(
            col(Attachment.message_id).is_(None), col(Attachment.created_at) <= now - UNUSED_FOR
        )
        dropped = set(session.scalars(unused.returning(col(Attachment.stored_name))))
        kept = select(col(Attachment.stored_name)).where(col(Attachment.stored_name).in_(dropped))
        gone = dropped - set(session.scalars(kept))
    for name in gone:
        files.path(name).unlink(missing_ok=True)
    return len(dropped)


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


def _kept(files: Files, filename: str, upload: Path, now: datetime) -> Attachment:
    """Check the file and keep its bytes; the row is not saved yet."""
    size = upload.stat().st_size
    shown = rules.safe_filename(filename)
    rules.check_size(shown, size)
    with upload.open("rb") as file:
        kind = rules.sniff(file.read(rules.SNIFFED_BYTES))
    width, height = _dimensions(upload)
    if (clean := camera_notes.without(upload)) is not None:
        size = len(clean)
        rules.check_size(shown, size)
        with Image.open(BytesIO(clean)) as image:
            width, height = image.size
        stored = files.keep([clean], rules.extension(kind))
    else:
        with upload.open("rb") as file:
            stored = files.keep(iter(lambda: file.read(1 << 16), b""), rules.extension(kind))
    return Attachment(
        filename=shown,
        stored_name=stored,
        content_type=kind.value,
        bytes=size,
        width=width,
        height=height,
        created_at=now,
    )


def _check_frames(image: Image.Image) -> None:
    """Raise `NotAnImage` for what moves for longer than phones show."""
    try:
        image.seek(MAX_FRAMES)
    except EOFError:
        return
    raise rules.NotAnImage(
        f"This picture has more than {MAX_FRAMES} frames, which phones do not show. Make it shorter."
    )


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
            width, height = image.size
            _check_frames(image)
            return width, height
    except Problem:
        raise
    except Exception as error:  # decoders fail in many ways on what was made to break them
        raise rules.NotAnImage from error
