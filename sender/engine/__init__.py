"""Who runs which pump: embedded in one process, or many workers."""

from typing import Protocol


class Engine(Protocol):
    """Runs at most one pump per line. Whether a person is sent to is decided by the ledger alone."""

    def kick(self, line_id: int) -> None:
        """See that a pump runs on the line, now or right after the running one."""

    async def drain(self) -> None:
        """Claim nothing more and wait until everything claimed is settled."""
