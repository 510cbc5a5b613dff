"""The web server: uvicorn, with what is to be done once it listens and before it ends."""

import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from domain.problems import Problem
from domain.settings import Settings

log = logging.getLogger(__name__)

ENDING = (signal.SIGINT, signal.SIGTERM)
"""The signals that ask a program to end."""

GRACE_SECONDS = 3
"""How long answers under way may take once the program is to end."""

FRAME_LIMIT = 1 << 22
"""Bytes of one websocket message that a browser may send."""

Hook = Callable[[], Awaitable[None]]


async def serve(app: Any, settings: Settings, listening: Hook, ending: Hook) -> None:
    """Serve until the program is asked to end; raises `Problem` when the port can't be had."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws_max_size=FRAME_LIMIT,
        server_header=False,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_bare_error)
    try:
        await _Server(config, listening, ending).serve()
    except SystemExit as error:
        raise Problem(
            f"Port {settings.port} on {settings.host} can't be used. Stop what uses it, or set SMS_PORT."
        ) from error


def _is_no_bare_error(record: logging.LogRecord) -> bool:
    """uvicorn logs why it could not have the port; the `Problem` says that, and what to do, in one line."""
    return not isinstance(record.msg, OSError)


class _Server(uvicorn.Server):
    """Ends with exit code 0 when it is asked to."""

    def __init__(self, config: uvicorn.Config, listening: Hook, ending: Hook) -> None:
        super().__init__(config)
        self._listening, self._ending = listening, ending

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._listening()

    async def shutdown(self, sockets: Any = None) -> None:
        await self._ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
