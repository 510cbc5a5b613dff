"""Waiting for a condition instead of for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event


def until(condition: Callable[[], object], seconds: float = 20.0, what: str = "the condition") -> None:
    """Return as soon as `condition` holds; fail after `seconds`."""
    deadline = (looked := time.monotonic()) + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        Event().wait(_pause(looked))
        looked = time.monotonic()


async def until_async(
    condition: Callable[[], Awaitable[object] | object], seconds: float = 20.0, what: str = "the condition"
) -> None:
    """The same on an event loop."""
    deadline = (looked := time.monotonic()) + seconds
    while True:
        held = condition()
        if isinstance(held, Awaitable):
            held = await held
        if held:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        await asyncio.sleep(_pause(looked))
        looked = time.monotonic()


def _pause(looked: float) -> float:
    """Seconds to the next look: what takes long to look at is left alone for longer, so that it gets done."""
    return min(1.0, max(0.02, 2 * (time.monotonic() - looked)))
