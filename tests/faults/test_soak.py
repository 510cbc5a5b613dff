"""F21: sending at a steady rate for a long time holds memory, database and log within bounds."""

import os
import time

from domain.deliveries import State
from storage import campaigns
from tests import wait
from tests.faults.conftest import Say
from tests.faults.memory import resident
from tests.faults.scale import only_full, sized
from tests.faults.stage import Stage

MINUTES = float(os.environ.get("SOAK_MINUTES", "4"))  # `make soak` takes 30
PEOPLE = int(os.environ.get("SOAK_PEOPLE", "100000"))
WARM_UP = 60.0
RATE = 50.0


@only_full
def test_f21_a_long_send_stays_within_bounds(sqlite_stage: Stage, say: Say) -> None:
    stage = sqlite_stage
    began = time.monotonic()
    campaign = stage.campaign(people=PEOPLE, rate=RATE)
    prepared = time.monotonic() - began
    stage.carrier.behave(receipts={"within": 3.0})
    program = stage.program()
    program.start()
    stage.carrier.has_sent(1, 120)
    begun = time.monotonic()
    measured: list[tuple[float, int]] = []
    log, database = stage.data / "sms.db-wal", stage.data / "sms.db"
    largest_log = 0

    def time_is_up() -> bool:
        nonlocal largest_log
        passed = time.monotonic() - begun
        if not measured or passed > measured[-1][0] + 5:
            measured.append((passed, resident(program)))
        largest_log = max(largest_log, log.stat().st_size if log.exists() else 0)
        return passed > MINUTES * 60

    wait.until(time_is_up, MINUTES * 60 + 30, "the soak's end")
    warm = [size for passed, size in measured if passed > WARM_UP]
    seconds = time.monotonic() - begun
    sent = len(stage.carrier.requests)
    campaigns.stop(stage.db, stage.actor, campaign.id, stage.now)
    wait.until(lambda: not stage.states(campaign)[State.QUEUED], 120, "the rest's being canceled")
    stage.wait_until_settled(campaign)
    wait.until(lambda: not stage.carrier.posts, 30, "the last receipts")
    grown = (warm[-1] - warm[0]) / warm[0]
    per_hour = grown / (measured[-1][0] - WARM_UP) * 3600
    assert sent / seconds > 0.9 * RATE
    assert largest_log < 64_000_000
    assert grown < sized(1.0, 0.10)
    assert program.alive
    counts = stage.check(campaign)
    say(
        f"F21: {PEOPLE} people made in {prepared:.0f} s, {sent / seconds:.1f} sent a second for "
        f"{seconds / 60:.0f} min with receipts; memory {warm[0] / 1e6:.0f} to {warm[-1] / 1e6:.0f} MB "
        f"({per_hour:+.0%} an hour), log at most {largest_log / 1e6:.1f} MB, "
        f"database {database.stat().st_size / 1e6:.0f} MB; {counts}"
    )
