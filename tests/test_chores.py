"""What a web process does besides serving, whether it sends or not."""

import asyncio
from datetime import UTC, datetime

import pytest

import main
from storage.database import Database
from tests.wait import until_async


async def test_a_chore_is_done_again_and_again_even_after_a_failure(
    sqlite_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[datetime] = []

    def chore(db: Database, now: datetime) -> None:
        assert db is sqlite_db
        done.append(now)
        if len(done) == 1:
            raise OSError("no space left")

    doing = asyncio.create_task(main.keep_doing(chore, 0.01, sqlite_db))
    await until_async(lambda: len(done) >= 3)
    doing.cancel()
    assert done[0] < done[-1] <= datetime.now(UTC)
    assert "a chore failed" in caplog.text


async def test_a_rare_chore_is_done_soon_after_the_start_already(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_SOON", 0.01)
    done: list[datetime] = []
    doing = asyncio.create_task(main.keep_doing(lambda _, now: done.append(now), 3600.0, sqlite_db))
    await until_async(lambda: done)
    doing.cancel()
    assert len(done) == 1
