"""The charts of the results page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.progress import Band, Moment
from storage import campaigns, progress
from storage.database import Database
from tests import arrange, ledger
from tests.conftest import NOW
from tests.ui.pages import visitor, world_of
from ui.charts import HEIGHT, WIDTH, areas, spread

START = ledger.start_of(NOW)


def moment(minutes: int, **people: int) -> Moment:
    at = datetime(2026, 11, 25, 9, tzinfo=UTC) + timedelta(minutes=minutes)
    return Moment(at, {Band[name.upper()]: count for name, count in people.items()})


def test_bands_are_stacked_from_the_ground_up() -> None:
    drawn = areas([moment(0), moment(1, delivered=1, sent=3), moment(2, delivered=4)], 4)
    assert drawn == {
        Band.DELIVERED: f"M0.0,160.0L300.0,120.0L600.0,0.0L600.0,{HEIGHT}.0L300.0,160.0L0.0,160.0Z",
        Band.SENT: "M0.0,160.0L300.0,0.0L600.0,0.0L600.0,0.0L300.0,120.0L0.0,160.0Z",
    }


def test_a_single_moment_is_as_wide_as_the_chart() -> None:
    assert areas([moment(0, problem=1)], 1) == {
        Band.PROBLEM: f"M0.0,0.0L{WIDTH}.0,0.0L{WIDTH}.0,{HEIGHT}.0L0.0,{HEIGHT}.0Z"
    }


def test_a_table_has_a_few_moments_with_the_first_and_the_last() -> None:
    moments = [moment(minute) for minute in range(100)]
    assert spread(moments[:5]) == moments[:5]
    assert (len(spread(moments)), spread(moments)[0], spread(moments)[-1]) == (12, moments[0], moments[-1])


async def test_they_appear_with_the_first_text_and_are_tables_too(
    sqlite_db: Database, tmp_path: Path
) -> None:
    actor = arrange.person(sqlite_db, NOW)
    campaign_id = ledger.started(sqlite_db, actor, NOW, arrange.numbers(5))
    world = world_of(sqlite_db, actor, tmp_path)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}")
        await user.should_see("Message Timeline")
        await user.should_not_see("Progress over time")
        ledger.send(sqlite_db, ledger.message_ids(sqlite_db, campaign_id)[0], START, 3)
        progress.note(sqlite_db, START)
        campaigns.pause(sqlite_db, actor, campaign_id, START)
        progress._read.cache_clear()
        await world.feed.look()
        await user.should_see("Progress over time")
        await user.should_see("Handed to the carrier")
        await user.should_see("No errors. Every text that was answered was accepted.")
