"""The charts of the results page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.progress import Band, Moment
from storage import campaigns, progress
from storage.database import Database
from storage.progress import Progress
from tests import arrange, ledger
from tests.conftest import NOW
from tests.ui.pages import visitor, world_of
from ui.charts import HEIGHT, WIDTH, Charts, areas, by_error, payload, spread

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


async def test_they_are_drawn_with_the_first_text_with_tables_too(
    sqlite_db: Database, tmp_path: Path
) -> None:
    actor = arrange.person(sqlite_db, NOW)
    campaign_id = ledger.started(sqlite_db, actor, NOW, arrange.numbers(5))
    world = world_of(sqlite_db, actor, tmp_path)
    async with visitor(world) as user:
        await user.open(f"/campaigns/sms/{campaign_id}")
        await user.should_see("Message Timeline")
        [charts] = user.find(kind=Charts).elements
        assert "progress" not in charts.props
        ledger.send(sqlite_db, ledger.message_ids(sqlite_db, campaign_id)[0], START, 3)
        progress.note(sqlite_db, START)
        campaigns.pause(sqlite_db, actor, campaign_id, START)
        progress._read.cache_clear()
        await world.feed.look()
        drawn = charts.props["progress"]
        assert drawn["over_time"]["key"] == [{"state": "sent", "words": "Sent, no final receipt 3"}]
        assert drawn["over_time"]["table"]["rows"][-1][1:] == ("0", "3", "0", "0")
        [pair] = drawn["by_hour"]["pairs"]
        assert pair["words"].endswith(": 3 sent, 0 delivered")
        assert (pair["sent"], pair["delivered"]) == (100.0, 0.0)
        assert charts.props["errors"] == []


def test_errors_are_drawn_against_the_most_frequent() -> None:
    assert by_error([("Unknown number", 1_200), ("Phone is off", 3)]) == [
        {"title": "Unknown number", "number": "1,200", "width": 100.0},
        {"title": "Phone is off", "number": "3", "width": 1.0},
    ]


def test_what_all_look_at_is_drawn_once() -> None:
    shown = Progress((moment(0, sent=1),))
    assert payload(shown, "UTC") is payload(shown, "UTC")
    assert payload(Progress(), "UTC") is None
