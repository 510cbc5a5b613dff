"""The webhooks alone in a process: with group commit, or with a transaction for every call (`receipts`)."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.measure import pin
from sender.carriers.protocol import Carrier, Webhook
from sender.webhooks import Webhooks, arrived_in
from storage import receipts
from storage.credentials import Account
from storage.database import Database


class CommitEach(Webhooks):
    """Answers after a transaction of the call's own."""

    async def _take_receipts(self, account: Account, carrier: Carrier, webhook: Webhook) -> None:
        await self.db.run(receipts.take, arrived_in(account, carrier, webhook), self.clock())


@dataclass(frozen=True)
class Running:
    """One such process."""

    process: subprocess.Popen[str]
    port: int


@contextmanager
def running(url: str, core: int) -> Iterator[tuple[Running, Running]]:
    """One of each kind on this database."""
    processes = []
    try:
        for kind in ("group", "each"):
            command = [sys.executable, "-m", "bench.receiver", url, kind]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            pin(core, process.pid)
            processes.append(process)
        group, each = (
            Running(process, int(process.stdout.readline())) for process in processes if process.stdout
        )
        yield group, each
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def serve(url: str, kind: str) -> None:
    """Listen on a free port and print it."""
    import uvicorn

    db = Database(url)
    app = (CommitEach if kind == "each" else Webhooks)(db, lambda: datetime.now(UTC), "http://127.0.0.1:1")
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    serve(*sys.argv[1:])
