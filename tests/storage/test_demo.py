"""The demo's data must look as if people had made it, and outlive what people make of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from domain.campaigns import Status
from storage import demo, schema
from storage.database import Database
from storage.tables import Campaign, ContactList, Line
from tests.conftest import NOW


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'sms.db'}")
    schema.upgrade(made)
    assert demo.seed(made, NOW)
    yield made
    made.close()


def test_nobody_has_acknowledged_or_made_a_campaign_in_the_future(db: Database) -> None:
    with db.read() as session:
        campaigns = session.scalars(select(Campaign)).all()
    assert len(campaigns) > 5
    for one in campaigns:
        assert one.acknowledged_at == one.created_at <= NOW, one.name
        assert one.started_at is None or one.acknowledged_at < one.started_at <= NOW, one.name


def live(db: Database, *statuses: Status) -> int:
    query = select(func.count()).select_from(Campaign).where(col(Campaign.name).startswith("Cyber Monday"))
    with db.read() as session:
        return session.scalar(query.where(col(Campaign.status).in_(statuses)) if statuses else query) or 0


def test_one_campaign_runs_until_it_is_over_and_then_the_next(db: Database) -> None:
    for _ in range(2):
        demo.keep_running(db, NOW)
        assert (live(db), live(db, Status.SCHEDULED)) == (1, 1)
    with db.write() as session:
        session.execute(update(Campaign).values(status=Status.COMPLETED))
    demo.keep_running(db, NOW + timedelta(hours=1))
    assert (live(db), live(db, Status.SCHEDULED)) == (2, 1)


@pytest.mark.parametrize("table", [Line, ContactList])
def test_a_visitor_may_rename_what_that_campaign_uses(db: Database, table: type[Line | ContactList]) -> None:
    name = "label" if table is Line else "name"
    with db.write() as session:
        for place, row in enumerate(session.scalars(select(table)).all()):
            setattr(row, name, f"Mine {place}")
    demo.keep_running(db, NOW)
    assert live(db) == 0
