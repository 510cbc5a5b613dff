"""F17: a person stops a campaign in the middle of sending."""

from datetime import timedelta

import httpx

from domain.access import Role
from domain.deliveries import State
from domain.schedules import claim_size
from storage import api_keys
from tests import wait
from tests.faults.conftest import Say
from tests.faults.program import start
from tests.faults.scale import sized
from tests.faults.stage import Stage


def test_f17_after_a_stop_one_claimed_batch_goes_out_at_most(stage: Stage, say: Say) -> None:
    rate = 20.0
    campaign = stage.campaign(people=sized(400, 2_000), rate=rate)
    key = api_keys.create(stage.db, "A program", Role.MANAGER, stage.now)
    web = stage.web()
    start([web, *stage.beside(web)])
    stage.carrier.has_sent(sized(40, 200))
    path = f"{web.url}/api/v1/campaigns/{campaign.id}/stop"
    answer = httpx.post(path, headers={"authorization": f"Bearer {key}"}, timeout=60)
    returned = stage.now
    assert answer.status_code == 200
    wait.until(lambda: ended(stage.states(campaign)), 60, "an end of every delivery")
    after = sum(1 for entry in stage.carrier.requests if entry.when > returned + timedelta(milliseconds=1))
    counts = stage.check(campaign)
    assert after <= claim_size(rate)
    assert counts.states[State.CANCELED] + counts.states[State.SENT] == counts.people
    say(f"F17 {stage.kind}: {after} sent after Stop had returned, of {claim_size(rate)} claimed; {counts}")


def ended(states: dict[State, int]) -> bool:
    return not states.get(State.QUEUED) and not states.get(State.SENDING)
