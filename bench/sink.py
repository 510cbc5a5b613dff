"""A carrier that only accepts: raw asyncio, sandbox's wire, no receipts. Run as its own process.

Prints its port; then, for each line that it reads, how many requests it has answered.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from bench.measure import pin

ANSWER = (
    b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"id":"m-000"}'
)


class Sink(asyncio.Protocol):
    """Answers each whole request on a kept-alive connection."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (head := self.waiting.find(b"\r\n\r\n")) >= 0:
            length = 0
            for line in self.waiting[:head].lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(self.waiting) < head + 4 + length:
                return
            self.waiting = self.waiting[head + 4 + length :]
            self.transport.write(ANSWER)
            Sink.answered += 1


@dataclass(frozen=True)
class Running:
    """A sink in a process of its own."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answered(self) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def running(core: int | None = None) -> Iterator[Running]:
    """Start a sink, on one core if that is said, and end it."""
    command = [sys.executable, "-m", "bench.sink"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdin
    if core is not None:
        pin(core, process.pid)
    try:
        yield Running(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait()


async def serve() -> None:
    """Listen on a free port, print it, and go on until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Sink.answered, flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
