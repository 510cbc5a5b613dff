"""The demo's data must look as if people had made it."""

from pathlib import Path

from sqlalchemy import select

from storage import demo, schema
from storage.database import Database
from storage.tables import Campaign
from tests.conftest import NOW


def test_nobody_has_acknowledged_or_made_a_campaign_in_the_future(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'sms.db'}")
    schema.upgrade(db)
    assert demo.seed(db, NOW)
    with db.read() as session:
        campaigns = session.scalars(select(Campaign)).all()
    db.close()
    assert len(campaigns) > 5
    for one in campaigns:
        assert one.acknowledged_at == one.created_at <= NOW, one.name
        assert one.started_at is None or one.acknowledged_at < one.started_at <= NOW, one.name
