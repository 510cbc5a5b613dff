"""Works on imports in a thread of the web's process; two beside it read large files and take them in."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from storage import import_files, imports
from storage.database import Database
from storage.import_files import FileGone
from storage.import_reader import layout_of, send, told
from storage.import_writer import take, write
from storage.imports import Job

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for work."""

PATIENCE = 60.0
"""Seconds that a chunk may take; meanwhile nobody else of this process writes."""

SMALL = 500_000
"""Bytes of a file, unpacked, that is through before other processes would have started."""


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
        file = (path, found.form, layout_of(found.layout), self.clock(), found.position)
        if _unpacked(path, found.form.kind) <= SMALL:
            for got in told(*file):
                if self._stopping.is_set() or not take(self.db, found, self.owner, got, self.clock()):
                    return
            return
        context = get_context("spawn")
        chunks, source = context.Pipe(duplex=False)
        orders, theirs = context.Pipe()
        ledger = (self.db.url, self.db.vault, found, self.owner)
        processes = [
            context.Process(target=send, args=(*file, source), name="import reader", daemon=True),
            context.Process(target=write, args=(*ledger, chunks, theirs), name="import writer", daemon=True),
        ]
        for process in processes:
            process.start()
        for end in (source, chunks, theirs):
            end.close()
        try:
            self._order(orders)
        finally:
            orders.close()
            for process in processes:
                process.terminate()
                process.join()

    def _order(self, orders: Connection) -> None:
        """Have chunk after chunk taken in. No other thread writes meanwhile: who met the other process at
        SQLite's own lock would look again too rarely to find it free.
        """
        try:
            while not self._stopping.is_set():
                orders.recv()
                with self.db.turn():
                    orders.send(self.clock())
                    if not orders.poll(PATIENCE):
                        raise RuntimeError("the process that takes the file in does not get on")
                    if not orders.recv():
                        return
        except (EOFError, ConnectionError):
            raise RuntimeError("the process that takes the file in ended") from None


def _unpacked(path: Path, kind: str) -> float:
    """How much there is to read; a workbook may hold far more than its file has bytes."""
    if kind == "csv":
        return path.stat().st_size
    try:
        with ZipFile(path) as book:
            return sum(part.file_size for part in book.infolist())
    except BadZipFile:
        return float("inf")
