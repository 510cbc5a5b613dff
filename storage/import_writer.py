"""Taking in what an import's file holds; for a large one in a process of its own, so that the web's process
keeps its time for people.
"""

import itertools
import os
from datetime import datetime
from multiprocessing.connection import Connection

from storage import imports
from storage.database import Database
from storage.import_reader import Chunk
from storage.imports import Job
from storage.vault import Vault

BETWEEN_CHECKPOINTS = 4
"""Chunks. Each changes pages all over the indexes, and most of them again the next one's."""


def take(db: Database, found: Job, owner: str, got: Chunk | str, now: datetime) -> bool:
    """Take in a chunk, or note the file's end; whether to go on."""
    if isinstance(got, Chunk):
        return imports.take(db, found, owner, got, now)
    imports.finish(db, found, owner, got, now)
    return False


def write(
    url: str, vault: Vault | None, found: Job, owner: str, chunks: Connection, orders: Connection
) -> None:
    """The work of the process: says when it has a chunk, takes it in when it is told the time, and says
    whether it goes on; ends when nobody is there any more to tell.
    """
    os.nice(5)  # pages come first
    db = Database(url, vault)
    try:
        db.put_off_checkpoints()
        for count in itertools.count(1):
            got = _received(chunks)
            orders.send(None)
            going_on = take(db, found, owner, got, orders.recv())
            orders.send(going_on)
            if not going_on:
                return
            if count % BETWEEN_CHECKPOINTS == 0:
                db.checkpoint()  # now that nobody waits for it
    except (EOFError, ConnectionError):
        pass
    finally:
        db.close()


def _received(chunks: Connection) -> Chunk | str:
    try:
        got: Chunk | str = chunks.recv()
    except EOFError:
        raise RuntimeError("the process that reads the file ended") from None
    return got
