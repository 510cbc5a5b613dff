"""Small servers on loopback that do exactly one thing, and waiting without sleeping."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Peer:
    """One accepted connection, as a script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int  # counts from 0
    seen: list[int]

    async def request(self) -> bytes:
        """Read one whole request, note that it came, and give it."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
        body = await self.reader.readexactly(int(lines.get(b"content-length", b"0")))
        self.seen.append(self.connection)
        return head + body

    async def send(self, answer: bytes) -> None:
        self.writer.write(answer)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with a RST instead of a FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class Scripted:
    """A server that runs a script on each connection, then closes it."""

    url: str
    seen: list[int] = field(default_factory=list)  # per whole request read: the connection it came on
    connections: int = 0
    closed: int = 0


@contextlib.asynccontextmanager
async def serve(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """Serve `script` on a free port of loopback."""
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        number, scripted.connections = scripted.connections, scripted.connections + 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await script(Peer(reader, writer, number, scripted.seen))
        finally:
            writer.close()
            scripted.closed += 1
            running.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    scripted = Scripted(
        f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/messages"
    )
    try:
        yield scripted
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
