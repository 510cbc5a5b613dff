"""One sending process against two on PostgreSQL, each with a line of its own to send on."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import uvloop

from bench import dispatch, sink
from bench.measure import Bar, Turn, in_turns, report, timed
from bench.workspaces import in_postgres
from sender.pump import Pump, Sending
from sender.transport import open_transport
from storage.database import Database

MESSAGES = 4_000
"""On each of two lines."""

ONE, TWO = "one process with both lines", "two processes with a line each"


def run() -> str:
    """Measure in turns, and give the table."""
    db = in_postgres("workers")
    with sink.running() as carrier:
        made = [dispatch.prepared(db, carrier.url, MESSAGES, f"Bench {place}") for place in (1, 2)]
        messages, lines = [message for _, message, _ in made], [line for _, _, line in made]
        with _workers(db.url, 2) as (first, second):
            kinds: dict[str, Callable[[], Turn]] = {
                ONE: lambda: _turn(db, messages, {first: lines}),
                TWO: lambda: _turn(db, messages, {first: lines[:1], second: lines[1:]}),
            }
            turns = in_turns(kinds)
    db.close()
    gain = turns.rate(TWO) / turns.rate(ONE)
    cores = os.cpu_count() or 1
    words = (
        f"{2 * MESSAGES:,} messages on two lines. The sink and PostgreSQL need processors too: the bar "
        f"counts where four are free, and here there are {cores}."
    )
    rows = [
        [kind, f"{turns.rate(kind):,.0f}", f"{turns.rate(kind) / turns.rate(ONE):.2f}"] for kind in (ONE, TWO)
    ]
    bars = [Bar("times one process", gain, 1.4)] if cores >= 4 else []
    return report("Workers on PostgreSQL", words, ["what", "messages/s", "ratio"], rows, bars)


Worker = subprocess.Popen[str]


def _turn(db: Database, messages: Sequence[int], work: dict[Worker, Sequence[int]]) -> Turn:
    for message_id in messages:
        dispatch.requeue(db, message_id, MESSAGES)
    with timed(MESSAGES * len(messages)) as turn:
        for worker, lines in work.items():
            assert worker.stdin
            worker.stdin.write(" ".join(map(str, lines)) + "\n")
            worker.stdin.flush()
        for worker in work:
            assert worker.stdout and worker.stdout.readline()
    return turn


@contextmanager
def _workers(url: str, count: int) -> Iterator[list[Worker]]:
    command = [sys.executable, "-m", "bench.workers", url]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        yield workers
    finally:
        for worker in workers:
            assert worker.stdin
            worker.stdin.close()
            worker.wait()


async def _pump(db: Database, lines: Sequence[int]) -> None:
    transport = open_transport()
    sending = Sending(db, lambda: datetime.now(UTC), transport, "http://127.0.0.1:1", "s" * 40)

    async def work(line_id: int) -> None:
        while await Pump(sending, line_id).run():
            pass

    await asyncio.gather(*map(work, lines))
    await transport.aclose()


def main(url: str) -> None:
    """For each line that is read, a word when all on those lines is sent."""
    db = Database(url)
    for words in sys.stdin:
        uvloop.run(_pump(db, [int(word) for word in words.split()]))
        print("done", flush=True)
    db.close()


if __name__ == "__main__":
    main(sys.argv[1])
