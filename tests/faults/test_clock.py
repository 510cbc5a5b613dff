"""F16: the clock jumps ahead and back, and clocks change twice a year."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.deliveries import State
from domain.details import Details
from storage import campaigns, messages
from storage.messages import Change
from tests import arrange, ledger, wait
from tests.faults.conftest import Say
from tests.faults.scale import sized
from tests.faults.stage import Stage

ZONES = ["America/New_York", "Europe/Berlin", "Australia/Sydney", "America/Santiago", "Pacific/Auckland"]


@dataclass
class Clock:
    """The program's clock, which a test turns while it runs."""

    file: Path

    def off_by(self, difference: timedelta) -> None:
        draft = self.file.with_suffix(".new")
        draft.write_text(str(difference.total_seconds()))
        draft.rename(self.file)  # whole or not at all: the program may be reading

    def show(self, instant: datetime) -> None:
        self.off_by(instant - datetime.now(UTC))


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    made = Clock(tmp_path / "clock")
    made.off_by(timedelta())
    yield made


def quiet(stage: Stage, seconds: float) -> int:
    """How many messages come within that time."""
    before, until = len(stage.carrier.requests), time.monotonic() + seconds
    wait.until(lambda: time.monotonic() > until, seconds + 5)
    return len(stage.carrier.requests) - before


def test_f16_a_clock_that_jumps_sends_to_nobody_twice(sqlite_stage: Stage, clock: Clock, say: Say) -> None:
    """Three hours ahead in the middle, then an hour back."""
    stage = sqlite_stage
    campaign = stage.campaign(people=sized(300, 1_000), rate=60.0)
    stage.program(fault={"clock": str(clock.file)}).start()
    stage.carrier.has_sent(60)
    clock.off_by(timedelta(hours=3))
    stage.carrier.sent_more(60)
    clock.off_by(timedelta(hours=-1))
    stage.carrier.sent_more(60)
    clock.off_by(timedelta())
    stage.wait_for_end(campaign)
    counts = stage.check(campaign)
    assert counts.states == {State.SENT: counts.people}
    say(f"F16: the clock was 3 h ahead, then 1 h behind; {counts}")


def test_f16_when_clocks_change_each_message_goes_out_once(
    sqlite_stage: Stage, clock: Clock, say: Say
) -> None:
    """Half an hour into each change of 2027: once at its instant, and not again when the hour repeats."""
    stage = sqlite_stage
    changes = sorted((change, zone) for zone in ZONES[: sized(1, 5)] for change in changes_of(zone, 2027))
    year = datetime(2027, 1, 1, tzinfo=UTC)
    planned = [plan(stage, zone, change, year) for change, zone in changes]
    clock.show(year)
    stage.program(fault={"clock": str(clock.file)}).start()
    again = 0
    for text, instant in planned:
        clock.show(instant - timedelta(seconds=2))
        wait.until(lambda text=text: sent(stage, text) == PEOPLE, 30, f"the message {text}")  # type: ignore[misc]
        assert [one for one, when in planned if sent(stage, one)] == [
            one for one, when in planned if when <= instant
        ]
        clock.show(instant + timedelta(minutes=59))
        again += quiet(stage, sized(0.6, 2.0))
        clock.show(instant - timedelta(minutes=1))
        again += quiet(stage, sized(0.6, 2.0))
    assert again == 0
    assert stage.carrier.twice == []
    ledger.check_tallies(stage.db)
    say(f"F16: {len(planned)} clock changes in {sized(1, 5)} zones: {PEOPLE} sent at each, {again} again")


PEOPLE = 5


def changes_of(zone: str, year: int) -> list[datetime]:
    """The instants at which the zone's offset changes."""
    where = ZoneInfo(zone)
    hours = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(1, 365 * 24))
    return [
        hour
        for hour in hours
        if (hour - timedelta(hours=1)).astimezone(where).utcoffset() != hour.astimezone(where).utcoffset()
    ]


def plan(stage: Stage, zone: str, change: datetime, now: datetime) -> tuple[str, datetime]:
    """A campaign at the wall-clock time half an hour behind the change; its text and its instant."""
    wall = (change - timedelta(seconds=1)).astimezone(ZoneInfo(zone)) + timedelta(minutes=30, seconds=1)
    text = f"{zone} {change:%d %B}. Reply STOP to end."
    line_id = arrange.line(stage.db, now, label=text, base_url=stage.carrier.url)
    list_id = arrange.contact_list(stage.db, stage.actor, now, arrange.numbers(PEOPLE), text)
    form = Details(text, "sms", line_id, list_id, stage.actor.user_id, acknowledged=True)
    campaign_id = campaigns.create(stage.db, stage.actor, form, zone, now)
    local = Change(text=text, local_date=f"{wall:%Y-%m-%d}", local_time=f"{wall:%H:%M}")
    made = messages.add(stage.db, stage.actor, campaign_id, now, local)
    campaigns.schedule(stage.db, stage.actor, campaign_id, now)
    assert made is not None
    (message,) = messages.of_campaign(stage.db, campaign_id)
    assert message.begins_at is not None
    return text, message.begins_at


def sent(stage: Stage, text: str) -> int:
    return sum(1 for entry in stage.carrier.sent if entry.text == text)
