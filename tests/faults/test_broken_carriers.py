"""F9, F10, F11, F13: carriers that refuse, break, dawdle and talk nonsense."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.deliveries import State
from storage import line_holds, line_settings
from storage.tables import CarrierAccount, Line
from tests import ledger, wait
from tests.faults.conftest import Say
from tests.faults.memory import resident
from tests.faults.program import start
from tests.faults.scale import only_full, sized
from tests.faults.stage import QUICK_CIRCUIT, Campaign, Stage
from tests.ports import free_port

NONSENSE: dict[str, dict[str, object]] = {
    "garbage": {"body": "\x00\x01 not what you think"},
    "truncated": {"body": '{"id": "m-'},
    "10 MB": {"padding": 10_000_000},
}
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"


def test_f9_too_fast_pauses_the_line_and_loses_nobody(stage: Stage, say: Say) -> None:
    """The carrier says 429 to a share; nothing comes while it asked for a pause, and nobody fails."""
    share, pause = sized((0.1, 1), (0.3, 3))
    rate = 40.0
    stage.carrier.behave(
        {"share": share, "status": 429, "body": "{}", "taken": 0.0, "headers": {"retry-after": str(pause)}}
    )
    campaign = stage.campaign(people=sized(60, 250), rate=rate)
    start(stage.senders())
    stage.wait_for_end(campaign, sized(120, 600))
    counts = stage.check(campaign)
    assert counts.states == {State.SENT: counts.people}
    requests = stage.carrier.requests
    refused = [entry for entry in requests if entry.status == 429]
    under_way = 0.4  # seconds in which calls that were on their way may still come
    during = sum(
        1 for no in refused for entry in requests if under_way < entry.at - no.at < pause - under_way / 2
    )
    seconds = requests[-1].at - requests[0].at
    assert during == 0
    assert len(requests) <= 1.05 * rate * (seconds + 1)
    say(
        f"F9 {stage.kind}: {len(refused)} times 429 (Retry-After {pause}), {during} requests in the pauses; "
        f"{len(requests) / seconds:.1f} requests a second of {rate:.0f} allowed; {counts}"
    )


def test_f10_server_errors_leave_exactly_those_in_doubt(stage: Stage, say: Say) -> None:
    """500, 502 and a proxy's page, and half of those it took all the same."""
    stage.carrier.behave(
        {"share": 0.07, "status": 500, "body": '{"code": "internal_error"}', "taken": 0.5},
        {"share": 0.07, "status": 502, "body": HTML, "taken": 0.5},
        {"share": 0.06, "status": 200, "body": HTML, "taken": 0.5},
    )
    campaign = stage.campaign(people=sized(200, 2_000), rate=sized(None, 200.0))
    start(stage.senders({"set": QUICK_CIRCUIT}))
    stage.wait_for_end(campaign, sized(60, 300))
    broken = [entry for entry in stage.carrier.requests if entry.status != 202]
    counts = stage.check(campaign, most_unknown=len(broken))
    states = ledger.states(stage.db, campaign.message_id)
    assert counts.unknown == len(broken)
    assert {states[entry.to] for entry in broken} == {State.UNKNOWN}
    taken = sum(1 for entry in broken if entry.taken)
    say(f"F10 {stage.kind}: {len(broken)} errors, {taken} of them sent all the same; {counts}")


def test_f11_resets_after_accepting_leave_those_in_doubt(stage: Stage, say: Say) -> None:
    stage.carrier.behave({"share": 0.2, "reset": True, "status": 0})
    campaign = stage.campaign(people=sized(150, 2_000), rate=sized(None, 200.0))
    start(stage.senders({"set": QUICK_CIRCUIT}))
    stage.wait_for_end(campaign, sized(60, 300))
    reset = [entry for entry in stage.carrier.requests if entry.status == 0]
    counts = stage.check(campaign, most_unknown=len(reset))
    assert counts.unknown == len(reset)
    say(f"F11 {stage.kind}: {len(reset)} connections reset after accepting; {counts}")


@only_full
def test_f11_a_slow_carrier_is_in_doubt_until_its_receipts_come(sqlite_stage: Stage, say: Say) -> None:
    """Answers after 0 to 30 s: those over 20 s are in doubt, and their receipts settle them."""
    stage = sqlite_stage
    stage.carrier.behave({"share": 1.0, "delay": (0.0, 30.0)}, receipts={"within": 1.0})
    campaign = stage.campaign(people=150)
    start(stage.senders({"set": QUICK_CIRCUIT}))
    wait.until(lambda: stage.states(campaign)[State.UNKNOWN], 60, "a read timeout")
    stage.wait_for_end(campaign, 240)
    wait.until(lambda: stage.states(campaign) == {State.DELIVERED: 150}, 60, "the last receipt")
    counts = stage.check(campaign)
    say(f"F11 slow 0 to 30 s: {counts}")


@pytest.mark.parametrize("where", sized(["refused"], ["refused", "tls", "dns"]))
def test_f11_who_can_not_be_reached_is_tried_again(sqlite_stage: Stage, where: str, say: Say) -> None:
    """No byte was written, so everybody waits, and goes out once the carrier is back."""
    stage = sqlite_stage
    addresses = {
        "refused": f"http://127.0.0.1:{free_port()}",
        "tls": stage.carrier.url.replace("http://", "https://"),
        "dns": "http://carrier.invalid",
    }
    campaign = stage.campaign(people=20, base_url=addresses[where])
    start(stage.senders({"set": {"domain.outcomes:MAX_ATTEMPTS": 50, **QUICK_CIRCUIT}}))
    wait.until(lambda: tries(stage, campaign) >= 20, 60, "a try for everybody")
    assert stage.states(campaign)[State.UNKNOWN] == 0
    assert not stage.carrier.requests
    move_to(stage, stage.carrier.url)
    stage.wait_for_end(campaign, 120)
    counts = stage.check(campaign)
    assert counts.states == {State.SENT: 20}
    say(f"F11 {where}: all 20 were tried again and sent")


def tries(stage: Stage, campaign: Campaign) -> int:
    return sum(row.attempts for row in ledger.rows(stage.db, campaign.message_id).values())


def move_to(stage: Stage, url: str) -> None:
    """Give the carrier account another address, as its settings page does."""
    with stage.db.write() as session:
        session.execute(
            update(CarrierAccount)
            .where(col(CarrierAccount.kind) == "sandbox")
            .values(settings={"base_url": url, "delay_seconds": 0.0})
        )


@pytest.mark.parametrize("name", sized(["10 MB"], ["garbage", "truncated", "10 MB"]))
def test_f13_answers_that_nobody_understands(sqlite_stage: Stage, name: str, say: Say) -> None:
    """All of them may have been sent; the program goes on, and does not keep what it read."""
    stage = sqlite_stage
    warm = stage.campaign(people=20)
    (program,) = stage.senders({"set": QUICK_CIRCUIT})
    program.start()
    stage.wait_for_end(warm)
    before = resident(program)
    stage.carrier.behave({"share": 1.0, "status": 200, **NONSENSE[name]})
    campaign = stage.campaign(people=sized(100, 400))
    wait.until(lambda: is_held(stage, campaign), 60, "a hold of the line")
    grown = resident(program) - before
    assert program.alive
    assert "Traceback" not in program.log
    assert grown < 50_000_000
    stage.carrier.behave()
    line_settings.unblock(stage.db, stage.actor, campaign.line_id, stage.now)
    stage.wait_for_end(campaign)
    doubtful = sum(1 for entry in stage.carrier.requests if entry.status == 200)
    counts = stage.check(campaign, most_unknown=doubtful)
    assert counts.unknown == doubtful < counts.people == counts.sent
    say(f"F13 {name}: the line was held after {doubtful}; memory grew by {grown / 1e6:.0f} MB; {counts}")


def is_held(stage: Stage, campaign: Campaign) -> bool:
    with stage.db.read() as session:
        line = session.get_one(Line, campaign.line_id)
    return line_holds.of(line, stage.now) is not None
