import asyncio

from domain.outcomes import Outcome, Proof
from sender.meters import Meters, Reports
from storage import measures
from storage.database import Database
from tests.conftest import NOW


async def answered(outcome: Outcome) -> Outcome:
    await asyncio.sleep(0)
    return outcome


async def test_calls_are_counted_by_carrier_and_outcome_with_their_time() -> None:
    meters = Meters()
    for proof in (Proof.ACCEPTED, Proof.ACCEPTED, Proof.REFUSED):
        assert (await meters.timed("twilio", answered(Outcome(proof)))).proof is proof
    await meters.timed("kannel", answered(Outcome(Proof.ACCEPTED)))
    figures = meters.figures(late_by=0.5)
    assert figures["outcomes"] == {"twilio": {"accepted": 2, "refused": 1}, "kannel": {"accepted": 1}}
    assert sum(figures["latencies"]["twilio"]["buckets"]) == 3
    assert figures["latencies"]["twilio"]["seconds"] > 0
    assert figures["late_by"] == 0.5


class Gate:
    """A run that goes on until it is told to stop."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()

    async def run(self) -> bool:
        await self.stopped.wait()
        return True

    def stop(self) -> None:
        self.stopped.set()


async def test_a_pump_is_counted_while_it_runs() -> None:
    meters = Meters()
    run = meters.counted(Gate())
    task = asyncio.create_task(run.run())
    await asyncio.sleep(0)
    assert meters.figures(None)["pumps"] == 1
    run.stop()
    assert await task
    assert meters.figures(None)["pumps"] == 0


async def test_a_report_is_read_by_who_serves_the_metrics_until_the_sender_ends(db: Database) -> None:
    meters = Meters()
    await meters.timed("twilio", answered(Outcome(Proof.TOO_FAST)))
    reports = Reports(db, lambda: NOW, meters, lambda: 0.25, NOW)
    await reports.beat()
    (sender,) = measures.read(db, NOW).senders
    assert (sender.id, sender.figures["outcomes"]) == (meters.id, {"twilio": {"too_fast": 1}})
    await reports.end()
    assert measures.read(db, NOW).senders == []
