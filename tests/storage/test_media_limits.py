"""Attachments against the line's carrier, and images made small enough for it."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import col, select

from domain.access import Actor
from domain.attachments import FilesTooLarge, NotAnImage
from domain.details import Details
from domain.media_limits import TextsOnly
from storage import attachments, board, campaigns
from storage.attachments import Files
from storage.database import Database
from storage.sequence import MessageNotReady
from storage.shrinking import CantShrink, shrink
from storage.tables import CarrierAccount
from tests import arrange, ledger
from tests.conftest import NOW

ORIENTATION = 0x0112
MAKER = 0x010F


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "attachments")


@pytest.fixture
def campaign_id(db: Database, actor: Actor) -> int:
    """A draft on a line at Telnyx, which takes 1 MB."""
    line_id = arrange.line(db, NOW)
    be(db, "telnyx")
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(2))
    return arrange.draft(db, actor, NOW, line_id, list_id)


def be(db: Database, kind: str) -> None:
    with db.write() as session:
        session.scalars(select(CarrierAccount).order_by(col(CarrierAccount.id))).first().kind = kind  # type: ignore[union-attr]


def photo(folder: Path, size: tuple[int, int] = (1500, 1000), form: str = "JPEG", **more: object) -> Path:
    """A noisy picture, which packs badly."""
    path = folder / "upload"
    noise = Image.effect_noise(size, 90).convert("RGB")
    noise.save(path, form, **({"quality": 98} if form == "JPEG" else {}), **more)
    return path


def test_an_image_that_is_too_large_for_the_carrier_is_refused_and_fits_once_shrunk(
    db: Database, actor: Actor, files: Files, campaign_id: int, tmp_path: Path
) -> None:
    [message_id] = ledger.message_ids(db, campaign_id)
    upload = photo(tmp_path)
    assert upload.stat().st_size > 1_000_000
    with pytest.raises(FilesTooLarge, match="Telnyx takes at most 1 MB"):
        attachments.attach(db, actor, message_id, files, "photo.png", upload, NOW)
    assert list(files.folder.iterdir()) == []
    made = attachments.attach_smaller(db, actor, message_id, files, "photo.png", upload, NOW)
    assert made.bytes <= 1_000_000
    assert (made.filename, made.content_type) == ("photo.jpg", "image/jpeg")
    assert files.path(made.stored_name).stat().st_size == made.bytes
    with pytest.raises(FilesTooLarge):
        attachments.attach(db, actor, message_id, files, "more.jpg", photo(tmp_path), NOW)


def test_another_line_is_checked_again(
    db: Database, actor: Actor, files: Files, campaign_id: int, tmp_path: Path
) -> None:
    [message_id] = ledger.message_ids(db, campaign_id)
    attachments.attach(db, actor, message_id, files, "a.png", photo(tmp_path, (60, 40), "PNG"), NOW)
    assert board.read(db, campaign_id, NOW).ready
    texts_only = arrange.line(db, NOW, label="Own gateway")
    with db.write() as session:
        accounts = session.scalars(select(CarrierAccount).order_by(col(CarrierAccount.id))).all()
        accounts[-1].kind = "kannel"
    form = Details("Spring sale", "sms", texts_only, 1, actor.user_id, acknowledged=True)
    campaigns.save_details(db, actor, campaign_id, form, NOW)
    shown = board.read(db, campaign_id, NOW)
    assert shown.attachable == "Kannel (own gateway) sends texts only"
    assert "sends texts only. Remove the attachments, or choose another line." in shown.rows[0].missing
    with pytest.raises(MessageNotReady):
        campaigns.schedule(db, actor, campaign_id, NOW)
    with pytest.raises(TextsOnly):
        attachments.attach(db, actor, message_id, files, "b.png", photo(tmp_path, (60, 40), "PNG"), NOW)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_any_still_image_is_brought_below_the_limit(tmp_path: Path, form: str) -> None:
    data = shrink(photo(tmp_path, (1200, 900), form), 200_000)
    assert len(data) <= 200_000
    with Image.open(BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert image.width / image.height == pytest.approx(4 / 3, abs=0.01)


def test_a_shrunk_photo_stands_upright_and_tells_nothing_about_its_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Seeded Camera"
    data = shrink(photo(tmp_path, (600, 400), exif=exif), 400_000)
    with Image.open(BytesIO(data)) as image:
        assert image.width < image.height
        assert not dict(image.getexif())
    assert b"Seeded" not in data


def test_what_can_not_be_shrunk_says_why(tmp_path: Path) -> None:
    with pytest.raises(CantShrink, match="can't be brought to 1 kB"):
        shrink(photo(tmp_path), 1_000)
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(CantShrink, match="moving picture"):
        shrink(tmp_path / "moving.gif", 10)
    (tmp_path / "text").write_text("no image")
    with pytest.raises(NotAnImage):
        shrink(tmp_path / "text", 10)
    Image.new("1", (5200, 5000)).save(tmp_path / "huge.png")
    with pytest.raises(CantShrink, match="5200 × 5000 pixels"):
        shrink(tmp_path / "huge.png", 10_000_000)
