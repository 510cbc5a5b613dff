"""The real program as a subprocess, and a carrier that writes down whatever it accepts."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests import wait

MAIN = Path(__file__).parents[2] / "main.py"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Sink:
    """A carrier that speaks the sandbox's protocol and sends no receipts."""

    journal: list[tuple[str, str, str]] = field(default_factory=list)  # (to, text, attempt id)
    url: str = ""

    @property
    def twice(self) -> list[tuple[str, str]]:
        """Who has a text more than once."""
        counts = Counter((to, text) for to, text, _attempt in self.journal)
        return [one for one, count in counts.items() if count > 1]


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    """Listens on loopback; each message is journaled before it is answered."""
    made = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            attempt = parse_qs(urlsplit(body["callback"]).query)["a"][0]
            made.journal.append((body["to"], body["text"], attempt))
            answer = json.dumps({"id": uuid4().hex}).encode()
            head = f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
            with contextlib.suppress(OSError):  # whoever called may be dead by now
                self.wfile.write(head + answer)

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_args: object) -> None:
            pass  # a killed client resets its connections

    server = Server(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Program:
    """`python main.py` with a data directory and a port of its own."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait_until_ready: bool = True) -> None:
        """Start it; its output goes to files beside the data."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path("out").open("wb") as out, self.path("err").open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, str(MAIN), *self.arguments],
                cwd=self.folder.parent,
                env=self.environment,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        if wait_until_ready:
            wait.until(lambda: self.is_ready or self.running.poll() is not None, 40, "the start")
            assert self.is_ready, self.path("err").read_text()[-2000:]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SMS_")}
        ours = {"SMS_DEMO": "0", "SMS_DATA_DIR": str(self.folder), "SMS_PORT": str(self.port)}
        return {**kept, **ours, **self.settings}

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    @property
    def is_ready(self) -> bool:
        return b"is ready" in self.path("out").read_bytes()

    def path(self, name: str) -> Path:
        return self.folder.parent / f"{self.folder.name}.{name}"

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        self.running.kill()
        self.running.wait(10)

    def terminate(self, seconds: float = 30.0) -> int:
        """SIGTERM, and the exit code."""
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(seconds)

    def end(self) -> None:
        """Whatever happened, leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, as with a mistake in its settings."""
    program = Program(folder, settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, str(MAIN), *arguments],
        cwd=folder.parent,
        env=program.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
