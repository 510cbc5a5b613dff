"""F19, F22: the database of an earlier version, or of an earlier moment, under today's program."""

import time

import pytest

from tests import wait
from tests.faults.ageing import age, revisions
from tests.faults.conftest import Say
from tests.faults.program import run, start
from tests.faults.scale import sized
from tests.faults.stage import Stage


@pytest.mark.parametrize("back", sized([1], [1, 2, 3, 4]))
def test_f22_an_upgrade_in_the_middle_of_a_campaign(stage: Stage, back: int, say: Say) -> None:
    """Killed in the middle under the old schema, and started as the new version."""
    campaign = stage.campaign(people=sized(300, 1_000), rate=50.0)
    programs = stage.senders()
    start(programs)
    stage.carrier.has_sent(40)
    for program in programs:
        program.kill()
    old, revision = stage.another(stage.folder / "old"), revisions(stage.db)[-1 - back]
    age(stage.db, old, revision)
    stage.move(old, stage.folder / "old")
    stage.set_rate(campaign, sized(None, 50.0))
    start(stage.senders())
    stage.wait_for_end(campaign)
    counts = stage.check(campaign, most_unknown=100)
    say(f"F22 {stage.kind}: from revision {revision} in the middle; {counts}")


def test_f19_a_copy_of_an_earlier_moment_sends_nothing_until_released(sqlite_stage: Stage, say: Say) -> None:
    """Sending is held in a copy; this one comes back on PostgreSQL with a campaign in the middle."""
    stage = sqlite_stage
    campaign = stage.campaign(people=400, rate=50.0)
    program = stage.program()
    program.start()
    stage.carrier.has_sent(40)
    assert program.terminate() == 0
    before = len(stage.carrier.requests)
    copy = Stage(stage.folder / "copy", "postgres", stage.carrier, empty=True)
    try:
        copied = run(program.folder, "copy-database", copy.url, SMS_SECRET_KEY="k" * 32)
        assert copied.returncode == 0, copied.stderr
        start(copy.senders())
        began = time.monotonic()
        wait.until(lambda: time.monotonic() > began + sized(2, 15), 20)
        held = len(stage.carrier.requests) - before
        assert held == 0
        copy.set_rate(campaign, None)
        released = run(program.folder, "release-sending", SMS_DATABASE_URL=copy.url, SMS_SECRET_KEY="k" * 32)
        assert released.returncode == 0, released.stderr
        copy.wait_for_end(campaign)
        counts = copy.check(campaign)
        assert counts.sent == counts.people
        say(f"F19: {held} sent until released, then the rest; {counts}")
    finally:
        copy.close()
