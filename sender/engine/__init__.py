"""Who runs which pump: embedded in one process, or many workers."""

from typing import Protocol


class Run(Protocol):
    """One run on a line, such as a pump's."""

    async def run(self) -> bool:
        """Send what is due; returns whether there may be more."""

    def stop(self) -> None:
        """Claim nothing more."""


class Engine(Protocol):
    """Runs at most one pump per line. Whether a person is sent to is decided by the ledger alone."""

    async def open(self) -> None:
        """Begin; called once, on the loop that the engine is used on."""

    async def kick(self, line_id: int) -> None:
        """See that a pump runs on the line, now or right after the running one."""

    async def care(self) -> None:
        """Find what died and set it right; called every ten seconds."""

    async def drain(self) -> None:
        """Claim nothing more and wait until everything claimed is settled."""
