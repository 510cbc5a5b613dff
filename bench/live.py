"""What an open results page costs when its figures change: CPU and bytes a push, with 50 pages open.

The pages are spoken to over the websocket as a browser's script would; nothing draws them.
"""

import asyncio
import re
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect

from bench import served
from bench.measure import report, timed
from bench.workspaces import with_deliveries
from storage.database import Database

PAGES = 50
ROUNDS = 5
SECONDS = 6.0
MOVES = 0.2
"""Seconds between two changes of the figures."""


def run() -> str:
    """Measure in turns, and give the table."""
    db, ids = with_deliveries((10_000,))
    campaign_id = ids[10_000]
    with served.serving(db) as program:
        figures = asyncio.run(_measured(db, program, campaign_id))
    db.close()
    loads, still, moving, frames, sizes = figures
    push = (moving - still) / frames * 1e6
    rows = [
        ["loading the page", f"{loads * 1e6:,.0f} µs", "1.00", ""],
        ["a push to an open page", f"{push:,.0f} µs", f"{push / loads / 1e6:.3f}", f"{sizes:,.0f}"],
        [f"{PAGES} open pages, nothing changes", f"{still / SECONDS * 1e6:,.0f} µs a second", "", ""],
    ]
    return report(
        f"A live page: {PAGES} results pages open, the figures change every {MOVES} s",
        "The program's CPU; the baseline is loading the page anew, which is what a page that is not live "
        f"would have to do. {frames:,.0f} pushes in {SECONDS:.0f} s.",
        ["what", "CPU", "ratio", "bytes"],
        rows,
    )


async def _measured(
    db: Database, program: served.Served, campaign_id: int
) -> tuple[float, float, float, float, float]:
    """Medians: CPU seconds of a load; of a turn in which nothing moves, and in which it does; its pushes."""
    path = f"/campaigns/sms/{campaign_id}"
    viewers = [await Viewer.open(program, path) for _ in range(PAGES)]
    loads, still, moving, frames, sizes = [], [], [], [], []
    pids = [program.process.pid]
    for number in range(ROUNDS + 1):
        with timed(20, pids) as load:
            for _ in range(20):
                await asyncio.to_thread(program.get, path)
        with timed(1, pids) as quiet:
            await asyncio.sleep(SECONDS)
        before = sum(viewer.frames for viewer in viewers), sum(viewer.bytes for viewer in viewers)
        with timed(1, pids) as busy:
            await _move(db, campaign_id)
        after = sum(viewer.frames for viewer in viewers), sum(viewer.bytes for viewer in viewers)
        if number:
            loads.append(load.cpu_seconds / load.count)
            still.append(quiet.cpu_seconds)
            moving.append(busy.cpu_seconds)
            frames.append(after[0] - before[0])
            sizes.append((after[1] - before[1]) / max(1, after[0] - before[0]))
    for viewer in viewers:
        await viewer.close()
    middle: Callable[[list[float]], float] = statistics.median
    return middle(loads), middle(still), middle(moving), middle([float(n) for n in frames]), middle(sizes)


async def _move(db: Database, message_id: int) -> None:
    """Let the figures change for a turn."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with db.write() as session:
            for state, count in (("delivered", -1), ("undelivered", 1)):
                query = "UPDATE tally SET count = count + :n WHERE message_id = :id AND state = :state"
                session.execute(text(query), {"id": message_id, "state": state, "n": count})
        await asyncio.sleep(MOVES)


class Viewer:
    """A browser tab, as far as the server can tell: it loads the page, connects, and takes what comes."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames = 0
        self.bytes = 0
        self.task = asyncio.create_task(self._take())

    @classmethod
    async def open(cls, program: served.Served, path: str) -> "Viewer":
        page = await asyncio.to_thread(program.get, path)
        found = re.search(r"client_id['\"&quot;\\]*:\s*['\"&quot;\\]*([0-9a-f-]{36})", page)
        assert found, "the page names no client"
        query = {
            "EIO": 4, "transport": "websocket", "client_id": found[1], "next_message_id": 0,
            "implicit_handshake": "true", "tab_id": uuid4(), "document_id": uuid4(),
        }  # fmt: skip
        address = f"ws://127.0.0.1:{program.port}/_nicegui_ws/socket.io/?{urlencode(query)}"
        socket = await connect(address, origin=f"http://127.0.0.1:{program.port}", max_size=None)  # type: ignore[arg-type]
        assert str(await socket.recv()).startswith("0")
        await socket.send("40")
        return cls(socket)

    async def _take(self) -> None:
        async for frame in self.socket:
            if frame == "2":  # are you there?
                await self.socket.send("3")
            elif str(frame).startswith("42"):
                self.frames += 1
                self.bytes += len(frame)

    async def close(self) -> None:
        await self.socket.close()
        await self.task
