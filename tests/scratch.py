"""Where tests keep their files: in memory where there is room, as a disk takes most of its time to sync."""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - its very purpose
ROOM = 2_000_000_000
"""Bytes that must be free there."""


def folder() -> Path | None:
    """None for wherever temporary files usually are."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else None
