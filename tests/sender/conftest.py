"""The whole sender on a database of its own, with our webhooks where the sandbox can call them."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn

from sender.dispatcher import Dispatcher
from sender.webhooks import Webhooks
from storage.database import Database
from tests import wait


def real_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def public_url(sqlite_db: Database) -> Iterator[str]:
    """Our webhooks on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Webhooks(sqlite_db, real_now, url)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: server.run([listener]), daemon=True)
    thread.start()
    wait.until(lambda: server.started)
    yield url
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def dispatcher(sqlite_db: Database, public_url: str) -> Iterator[Dispatcher]:
    made = Dispatcher(sqlite_db, real_now, public_url, "secret" * 8)
    made.start()
    yield made
    made.stop()
