"""The carrier of the faults: a process that journals every request, then behaves as it is told to.

It takes the requests of the sandbox's, Sinch's and Twilio's adapters, and writes each to a file before it
answers, with whether it took the message. It lists what it took by attempt, as Sinch does, and posts the
sandbox's receipts; those that were taken are written to a file beside the journal.

    python -m tests.faults.sink JOURNAL      prints its port; ends with its stdin
"""

import asyncio
import json
import os
import socket
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import time
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx

from sender.transport import open_transport

Found = dict[str, Any]


@dataclass
class Carrier:
    """What the sink remembers and how it behaves just now."""

    journal: int  # the files' descriptors
    told: int
    behaviours: list[Found] = field(default_factory=list)
    receipts: Found = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # by attempt, what it took
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - repeatable
    transport: httpx.AsyncBaseTransport = field(default_factory=open_transport)
    posting: set[asyncio.Task[None]] = field(default_factory=set)

    def behaviour(self) -> Found:
        """One of the behaviours, each as often as its share says; otherwise all is well."""
        drawn = self.random.random()
        for one in self.behaviours:
            drawn -= one["share"]
            if drawn < 0:
                return one
        return {}

    def write_down(self, message: Found, taken: bool, status: int) -> str:
        """Journal a request, and give the message's id."""
        attempt = message["attempt"]
        number = f"m-{len(self.ids)}"
        if taken:
            self.ids[attempt] = number
        line = [time(), message["to"], message["text"], attempt, number, taken, status]
        os.write(self.journal, json.dumps(line).encode() + b"\n")
        return number

    def tell(self, message: Found, number: str, *, early: bool) -> None:
        """Post a message's receipts: copies in any order, some early, some never."""
        how = self.receipts
        drawn = Random(number)  # noqa: S311 - the same for the early and the late call
        if not how or drawn.random() < how.get("lost", 0.0):
            return
        if (drawn.random() < how.get("early", 0.0)) != early:
            return
        told = ["undelivered", "delivered"] if drawn.random() < how.get("mixed", 0.0) else ["delivered"]
        told *= how.get("copies", 1)
        drawn.shuffle(told)
        for status in told:
            body = json.dumps({"id": number, "status": status, "event_id": f"{number}-{status}"}).encode()
            wait = 0.0 if early else drawn.uniform(0.0, how.get("within", 0.5))
            task = asyncio.create_task(self.post(message, status, body, wait))
            self.posting.add(task)
            task.add_done_callback(self.posting.discard)

    async def post(self, message: Found, status: str, body: bytes, wait: float) -> None:
        """Post until it is taken."""
        await asyncio.sleep(wait)
        url = message["callback"]
        headers = {"content-type": "application/json"}
        for pause in (0.2, 0.5, 1.0, 2.0, 4.0, 8.0):
            try:
                request = httpx.Request("POST", url, headers=headers, content=body)
                answer = await self.transport.handle_async_request(request)
                if answer.status_code < 500:
                    line = [time(), message["to"], status, answer.status_code]
                    os.write(self.told, json.dumps(line).encode() + b"\n")
                    return
            except httpx.RequestError:
                pass
            await asyncio.sleep(pause)


class Connection(asyncio.Protocol):
    """Reads requests one after the other and answers each in its turn."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head, length = self.waiting[:end], 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(self.waiting) < end + 4 + length:
                return
            body = self.waiting[end + 4 : end + 4 + length]
            self.waiting = self.waiting[end + 4 + length :]
            self.request(head, body)

    def request(self, head: bytes, body: bytes) -> None:
        method, path = head.split(b" ", 2)[:2]
        if path == b"/posting":
            self.answer(200, str(len(self.carrier.posting)))
        elif method == b"GET":
            attempt = parse_qs(urlsplit(path.decode()).query)["client_reference"][0]
            number = self.carrier.ids.get(attempt)
            found = [{"id": number, "client_reference": attempt}] if number else []
            self.answer(200, json.dumps({"batches": found}))
        elif path == b"/behave":
            told = json.loads(body)
            self.carrier.behaviours, self.carrier.receipts = told["behaviours"], told["receipts"]
            self.answer(200, "{}")
        else:
            self.message(understood(path, body))

    def message(self, message: Found) -> None:
        does = self.carrier.behaviour()
        status = does.get("status", 202)
        taken = self.carrier.random.random() < does.get("taken", 1.0)
        number = self.carrier.write_down(message, taken, status)
        if taken:
            self.carrier.tell(message, number, early=True)
        low, high = does.get("delay", (0.0, 0.0))
        if high:
            wait = self.carrier.random.uniform(low, high)
            asyncio.get_running_loop().call_later(wait, self.end, message, number, taken, does)
        else:
            self.end(message, number, taken, does)

    def end(self, message: Found, number: str, taken: bool, does: Found) -> None:
        if does.get("reset"):
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            body = does.get("body", '{"id": "%s", "sid": "%s"}').replace("%s", number)
            padding = does.get("padding", 0)
            self.answer(does.get("status", 202), body + " " * padding, does.get("headers", {}))
        if taken:
            self.carrier.tell(message, number, early=False)

    def answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode()
        lines = [f"HTTP/1.1 {status} So", f"content-length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if not self.transport.is_closing():
            self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def understood(path: bytes, body: bytes) -> Found:
    """A request that carries a message, whichever adapter wrote it."""
    if path.endswith(b"/Messages.json"):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        found = {"to": form["To"], "text": form["Body"], "callback": form["StatusCallback"].partition("#")[0]}
    elif path.endswith(b"/batches"):
        batch = json.loads(body)
        found = {"to": "+" + batch["to"][0], "text": batch["body"], "callback": batch["callback_url"]}
    else:
        found = json.loads(body)
    return {**found, "attempt": parse_qs(urlsplit(found["callback"]).query)["a"][0]}


async def serve(journal: Path) -> None:
    """Listen on a free port, print it, and go on until stdin ends."""
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    carrier = Carrier(os.open(journal, appending), os.open(journal.with_suffix(".told"), appending))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(carrier), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the test learns it
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(Path(sys.argv[1])))
