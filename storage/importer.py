"""Works on imports in a thread of the web's process; the files are read in a process beside it."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from storage import import_files, imports
from storage.database import Database
from storage.import_files import FileGone
from storage.import_reader import Chunk, layout_of, send
from storage.imports import Job

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for work."""


class Importer:
    """Takes in one file after the other until it is stopped; a killed one is gone on with."""

    def __init__(self, db: Database, folder: Path, clock: Callable[[], datetime]) -> None:
        self.db, self.folder, self.clock = db, folder, clock
        self.owner = imports.new_owner()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look for work. A data directory is one process's alone: who held a lease is dead."""
        if self.db.is_sqlite:
            imports.release(self.db)
        self._thread = threading.Thread(target=self._run, name="importer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the chunk that is being written."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            imports.release(self.db, self.owner)

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.work()
            except Exception:
                log.exception("an import failed; it is tried again")
                worked = False
            if not worked:
                self._wake.wait(LOOK_EVERY)
                self._wake.clear()

    def work(self) -> bool:
        """Do what there is to do for one import; returns whether there was any."""
        found = imports.claim(self.db, self.owner, self.clock())
        if found is None:
            return False
        try:
            path = import_files.fetch(self.db, self.folder, found.stored_name)
        except FileGone as gone:
            imports.finish(self.db, found, self.owner, gone.text, self.clock())
            return True
        self._read(found, path)
        import_files.drop_unneeded(self.db, self.folder, self.clock())
        return True

    def _read(self, found: Job, path: Path) -> None:
        context = get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        arguments = (path, found.form, layout_of(found.layout), found.position, theirs)
        reader = context.Process(target=send, args=arguments, name="import reader", daemon=True)
        reader.start()
        theirs.close()
        try:
            self._take_all(found, ours)
        finally:
            ours.close()
            reader.terminate()
            reader.join()

    def _take_all(self, found: Job, pipe: Connection) -> None:
        while not self._stopping.is_set():
            try:
                got = pipe.recv()
            except EOFError:
                raise RuntimeError("the process that reads the file ended") from None
            if not isinstance(got, Chunk):
                imports.finish(self.db, found, self.owner, got or "", self.clock())
                return
            if not imports.take(self.db, found, self.owner, got, self.clock()):
                return
