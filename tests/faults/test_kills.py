"""F1, F2, F3, F5: killed and stopped in the middle of sending, nobody is sent to twice and nobody is lost."""

import json
import random
import time
from pathlib import Path

import pytest

from domain.deliveries import State
from tests import wait
from tests.faults.conftest import Say
from tests.faults.program import start
from tests.faults.scale import only_full, sized
from tests.faults.stage import BATCH, HURRIED, Stage


def test_f1_kills_at_random_moments(both_stages: Stage, say: Say) -> None:
    stage = both_stages
    sqlite = stage.kind == "sqlite"
    kills = sized(3, 100 if sqlite else 20)
    drawn = random.Random(1)  # noqa: S311 - repeatable
    campaign = stage.campaign(people=sized(1_200, 20_000 if sqlite else 6_000), rate=40.0)
    programs = stage.senders()
    for _ in range(kills):
        start(programs)
        stage.carrier.sent_more(drawn.randint(1, 60))
        for program in drawn.sample(programs, drawn.randint(1, len(programs))):
            program.kill()
    stage.set_rate(campaign, None)
    start(programs)
    stage.wait_for_end(campaign)
    counts = stage.check(campaign, most_unknown=kills * BATCH)
    say(f"F1 {stage.kind}: {kills} kills at random; {counts}")


@only_full
def test_f1_kills_while_sending_as_fast_as_possible(sqlite_stage: Stage, say: Say) -> None:
    kills = 10
    campaign = sqlite_stage.campaign(people=60_000)
    (program,) = sqlite_stage.senders()
    for _ in range(kills):
        program.start()
        sqlite_stage.carrier.sent_more(1)
        program.kill()
    program.start()
    sqlite_stage.wait_for_end(campaign)
    counts = sqlite_stage.check(campaign, most_unknown=kills * BATCH)
    say(f"F1 sqlite at full speed: {kills} kills; {counts}")


@pytest.mark.parametrize(
    "point", sized(["written", "settled"], ["claimed", "written", "answered", "settled"])
)
def test_f2_kills_at_a_named_point_leave_exactly_what_is_expected(
    sqlite_stage: Stage, tmp_path: Path, point: str, say: Say
) -> None:
    rounds = sized(1, 25)
    stage = sqlite_stage
    drawn = random.Random(point)  # noqa: S311 - repeatable
    stage.carrier.behave({"share": 1.0, "delay": (0.02, 0.05) if point != "written" else (0.3, 0.3)})
    campaign = stage.campaign(people=100 + rounds * 60, rate=20.0)
    note = tmp_path / "note"
    exact = 0
    for _ in range(rounds):
        nth = drawn.randint(1, 2 if point in ("claimed", "settled") else 30)
        die = {"point": point, "nth": nth, "note": str(note), "journal": str(stage.carrier.journal)}
        program = stage.program(fault={"die": die})
        program.start(wait_until_ready=False)
        program.wait_for_death()
        attempts = json.loads(note.read_text())
        rows = stage.attempts(attempts)
        journaled = {entry.attempt for entry in stage.carrier.requests} & set(attempts)
        assert set(rows) == set(attempts)
        states = {row.state for row in rows.values()}
        if point == "settled":
            assert states == {State.SENT}
            assert all(row.carrier_message_id for row in rows.values())
        else:
            assert states == {State.SENDING}
        assert journaled == (set() if point == "claimed" else set(attempts))
        exact += 1
    stage.carrier.behave()
    stage.set_rate(campaign, None)
    stage.program().start()
    stage.wait_for_end(campaign)
    counts = stage.check(campaign, most_unknown=rounds * BATCH)
    say(f"F2 {point}: {rounds} kills, {exact} left exactly the expected state; {counts}")


def test_f2_a_kill_while_planning_plans_everybody_once(stage: Stage, tmp_path: Path, say: Say) -> None:
    people, rounds = sized(2_000, 40_000), sized(1, 5)
    campaign = stage.campaign(people)
    for place in range(rounds):
        die = {"point": "planned", "nth": place + 1, "note": str(tmp_path / "note")}
        program = stage.senders({"die": die, "set": {"storage.audiences:CHUNK": people // 8}})[0]
        program.start(wait_until_ready=False)
        program.wait_for_death()
    stage.senders()[0].start()
    stage.wait_for_end(campaign, sized(60, 200))
    counts = stage.check(campaign)
    say(f"F2 planning, {stage.kind}: {rounds} kills between chunks; {counts}")


def test_f3_kills_with_a_carrier_that_is_asked_afterwards_lose_nobody(stage: Stage, say: Say) -> None:
    """Sinch lists by our attempt id: what it has was sent, what it has not is sent again."""
    kills = sized(2, 30 if stage.kind == "sqlite" else 10)
    drawn = random.Random(3)  # noqa: S311 - repeatable
    sinch = {"service_plan_id": "plan", "api_token": "token" * 4}
    campaign = stage.campaign(people=kills * 150, rate=40.0, kind="sinch", settings=sinch)
    programs = stage.senders({"set": HURRIED | ASKED_SOON})
    for _ in range(kills):
        start(programs)
        stage.carrier.sent_more(drawn.randint(1, 60))
        for program in programs:
            program.kill()
    stage.set_rate(campaign, None)
    start(programs)
    everybody = {State.SENT: len(campaign.phones)}
    wait.until(lambda: stage.states(campaign) == everybody, sized(60, 300), "everybody's being sent to")
    stage.wait_for_end(campaign)
    counts = stage.check(campaign)
    say(f"F3 {stage.kind}: {kills} kills, every doubt settled by a look; {counts}")


ASKED_SOON = {
    "domain.doubts:SETTLES_WITHIN": 4.0,
    "storage.doubts:FIRST_LOOK_AFTER": 4.0,
    "domain.doubts:_PAUSES": [4.0],  # a look that dies with its program is due again after this
}


def test_f5_a_stop_ends_cleanly_and_the_next_start_finishes(stage: Stage, say: Say) -> None:
    stage.carrier.behave({"share": 1.0, "delay": (0.2, 1.0)})
    stops, took = sized(1, 5), []
    campaign = stage.campaign(people=sized(600, 3_000), rate=60.0)
    for _ in range(stops):
        programs = stage.senders()
        start(programs)
        stage.carrier.sent_more(40)
        for program in programs:
            asked = time.monotonic()
            assert program.terminate() == 0
            took.append(time.monotonic() - asked)
            assert "Traceback" not in program.log
        states = stage.states(campaign)
        assert states[State.SENDING] == states[State.UNKNOWN] == 0, states
    assert max(took) <= 25
    stage.set_rate(campaign, None)
    start(stage.senders())
    stage.wait_for_end(campaign)
    counts = stage.check(campaign)
    assert counts.sent == counts.people
    say(f"F5 {stage.kind}: {stops} stops, the slowest {max(took):.1f} s, none left sending; {counts}")
