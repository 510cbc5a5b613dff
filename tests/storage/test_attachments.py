"""Attachments: judged by their content, bounded, and nothing is left of what was refused."""

from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageOps
from PIL.PngImagePlugin import PngInfo

from domain.access import Actor, Role, RoleForbids
from domain.attachments import MAX_BYTES, FilesTooLarge, FileTooLarge, NotAnImage, TooManyFiles
from domain.campaigns import ActionRefused
from domain.messages import MessageLocked
from domain.problems import Problem
from storage import attachments, campaigns, messages
from storage.attachments import AttachmentNotFound, Files
from storage.database import Database
from storage.found import MessageNotFound
from storage.messages import Change
from storage.sequence import MessageNotReady
from storage.tables import Attachment
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


def picture(form: str = "PNG", size: tuple[int, int] = (8, 6), pad: int = 0) -> bytes:
    file = BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(file, form)
    return file.getvalue() + bytes(pad)


def moving(frames: int) -> bytes:
    """A GIF of so many different pictures."""
    file = BytesIO()
    first, *others = [Image.new("L", (8, 6), place * 2) for place in range(frames)]
    first.save(file, "GIF", save_all=True, append_images=others)
    return file.getvalue()


def _huge() -> bytes:
    """A small file that unpacks to 26 million pixels."""
    file = BytesIO()
    Image.new("1", (5200, 5000)).save(file, "PNG")
    return file.getvalue()


HUGE = _huge()


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def message_id(db: Database, actor: Actor) -> int:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(2))
    return ledger.message_ids(db, arrange.draft(db, actor, NOW, line_id, list_id))[0]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "attachments")


def attach(
    db: Database, actor: Actor, message_id: int, files: Files, content: bytes, name: str = "cat.png"
) -> Attachment:
    upload = files.folder.parent / "upload"
    upload.write_bytes(content)
    return attachments.attach(db, actor, message_id, files, name, upload, NOW)


def stored(files: Files) -> int:
    return len(list(files.folder.iterdir()))


@pytest.mark.parametrize(("form", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("GIF", ".gif")])
def test_an_image_is_kept_under_a_name_of_ours(
    db: Database, actor: Actor, message_id: int, files: Files, form: str, ending: str
) -> None:
    made = attach(db, actor, message_id, files, picture(form), "../../etc/cat.exe")
    assert (made.filename, made.width, made.height) == ("cat.exe", 8, 6)
    assert made.stored_name.endswith(ending)
    assert files.path(made.stored_name).read_bytes()[:3] == picture(form)[:3]
    assert attachments.stored(db, made.id or 0).content_type == f"image/{form.lower()}"
    assert ledger.audit(db)[-1] == ("attach", "message", message_id)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", NotAnImage),
        (b"MZ\x90\x00" + bytes(500), NotAnImage),
        (b"<svg onload='alert(1)'/>", NotAnImage),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), NotAnImage),
        (b"GIF89a" + bytes(100), NotAnImage),
        (b"\xff\xd8\xff\xe0" + bytes(100), NotAnImage),
        (picture()[:-40], NotAnImage),
        (picture("JPEG")[:200], NotAnImage),
        (picture(pad=MAX_BYTES), FileTooLarge),
        (HUGE, NotAnImage),
        (moving(attachments.MAX_FRAMES + 1), NotAnImage),
    ],
    ids=[
        *("empty", "exe", "svg", "png-head", "gif-head", "jpeg-head", "cut-png", "cut-jpeg", "large", "huge"),
        "long",
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    db: Database, actor: Actor, message_id: int, files: Files, content: bytes, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        attach(db, actor, message_id, files, content)
    assert stored(files) == 0


def test_a_picture_may_move_for_a_while(db: Database, actor: Actor, message_id: int, files: Files) -> None:
    attach(db, actor, message_id, files, moving(attachments.MAX_FRAMES))
    assert stored(files) == 1


def test_broken_images_are_refused_and_never_break_us(tmp_path: Path) -> None:
    random = Random(5)  # noqa: S311
    upload = tmp_path / "upload"
    for form in ("PNG", "JPEG", "GIF"):
        whole = picture(form, (20, 20))
        for _ in range(60):
            broken = bytearray(whole[: random.randint(1, len(whole))])
            for _ in range(random.randint(0, 5)):
                broken[random.randrange(len(broken))] = random.randrange(256)
            upload.write_bytes(broken)
            try:
                attachments._dimensions(upload)
            except NotAnImage:
                continue


def test_a_message_carries_ten_files_and_five_megabytes(
    db: Database, actor: Actor, message_id: int, files: Files
) -> None:
    for _ in range(10):
        attach(db, actor, message_id, files, picture())
    with pytest.raises(TooManyFiles):
        attach(db, actor, message_id, files, picture())
    assert stored(files) == 10
    other = messages.add(db, actor, 1, NOW).id or 0
    attach(db, actor, other, files, picture(pad=3_000_000))
    with pytest.raises(FilesTooLarge):
        attach(db, actor, other, files, picture(pad=3_000_000))
    assert stored(files) == 11


def test_nobody_attaches_to_what_is_locked_gone_or_not_theirs(
    db: Database, actor: Actor, message_id: int, files: Files
) -> None:
    made = attach(db, actor, message_id, files, picture())
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    with pytest.raises(RoleForbids):
        attach(db, viewer, message_id, files, picture())
    with pytest.raises(MessageNotFound):
        attach(db, actor, 99, files, picture())
    campaigns.archive(db, actor, 1, NOW)
    with pytest.raises(ActionRefused):
        attach(db, actor, message_id, files, picture())
    with pytest.raises(ActionRefused):
        attachments.detach(db, actor, made.id or 0, files, NOW)
    campaigns.unarchive(db, actor, 1, NOW)
    campaigns.schedule(db, actor, 1, NOW)
    with pytest.raises(MessageLocked):
        attach(db, actor, message_id, files, picture())
    with pytest.raises(MessageLocked):
        attachments.detach(db, actor, made.id or 0, files, NOW)
    assert stored(files) == 1
    for number in (0, 99, 2**40):
        with pytest.raises(AttachmentNotFound):
            attachments.stored(db, number)


def test_a_clone_shares_the_bytes_until_nobody_shows_them(
    db: Database, actor: Actor, message_id: int, files: Files
) -> None:
    made = attach(db, actor, message_id, files, picture())
    copies = [campaigns.clone(db, actor, 1, NOW) for _ in range(2)]
    with db.read() as session:
        ids = [ledger.message_ids(db, copy)[0] for copy in copies]
        shared = [attachments.of_message(session, copy)[0] for copy in ids]
    assert {file.stored_name for file in shared} == {made.stored_name}
    attachments.detach(db, actor, made.id or 0, files, NOW)
    attachments.detach(db, actor, shared[0].id or 0, files, NOW)
    assert stored(files) == 1
    attachments.detach(db, actor, shared[1].id or 0, files, NOW)
    assert stored(files) == 0
    with pytest.raises(AttachmentNotFound):
        attachments.detach(db, actor, made.id or 0, files, NOW)


def test_a_picture_alone_is_a_message_and_stays_one(
    db: Database, actor: Actor, message_id: int, files: Files
) -> None:
    messages.save(db, actor, message_id, Change(text=""), NOW)
    made = attach(db, actor, message_id, files, picture())
    campaigns.schedule(db, actor, 1, NOW)
    ledger.beat(db, START)
    campaigns.pause(db, actor, 1, START)
    with pytest.raises(MessageNotReady):
        attachments.detach(db, actor, made.id or 0, files, START)
    assert stored(files) == 1


def test_a_disk_that_is_full_leaves_no_half_file(files: Files) -> None:
    def chunks() -> object:
        yield b"half"
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        files.keep(chunks(), ".png")  # type: ignore[arg-type]
    assert stored(files) == 0


def noted(form: str, *, turned: bool = False) -> bytes:
    """A picture with notes that nobody should get."""
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Seeded Camera", 6 if turned else 1
    words = PngInfo()
    words.add_text("Author", "Seeded author")
    shown = Image.effect_noise((40, 30), 50).convert("RGB")
    if form == "JPEG":
        shown.save(file, form, exif=exif, comment=b"Seeded comment", quality=90)
    else:
        shown.save(file, form, exif=exif, pnginfo=words)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_the_camera_noted_is_taken_out(
    db: Database, actor: Actor, message_id: int, files: Files, tmp_path: Path, form: str, *, turned: bool
) -> None:
    given = noted(form, turned=turned)
    assert b"Seeded" in given
    upload = tmp_path / "upload"
    upload.write_bytes(given)
    kept = attachments.attach(db, actor, message_id, files, "p", upload, NOW)
    data = files.path(kept.stored_name).read_bytes()
    assert b"Seeded" not in data
    assert kept.bytes == len(data)
    assert (kept.width, kept.height) == ((30, 40) if turned else (40, 30))
    with Image.open(BytesIO(data)) as image, Image.open(BytesIO(given)) as before:
        assert image.size == (kept.width, kept.height)
        assert not dict(image.getexif())
        upright = ImageOps.exif_transpose(before)
        differing = ImageChops.difference(image.convert("L"), upright.convert("L")).histogram()
        assert sum(differing[33 if form == "JPEG" else 1 :]) == 0


def test_a_picture_without_notes_is_kept_to_the_byte(
    db: Database, actor: Actor, message_id: int, files: Files, tmp_path: Path
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(picture("JPEG"))
    kept = attachments.attach(db, actor, message_id, files, "p.jpg", upload, NOW)
    assert files.path(kept.stored_name).read_bytes() == upload.read_bytes()
