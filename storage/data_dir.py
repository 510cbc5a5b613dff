"""The data directory: ours alone while we run, and home of the secret key."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

from domain.problems import Problem


class DataDirInUse(Problem):
    """Another process already uses this data directory."""


class DataDirUnusable(Problem):
    """The data directory can't be written."""


class KeyExposed(Problem):
    """Others can read the key file."""


class DataDir:
    """A folder for the database, the attachments and the key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirUnusable(f"The data directory {folder} can't be made: {error.strerror}.") from error
        self._lock: IO[str] | None = None

    def lock(self) -> None:
        """Keep other processes out until this one ends; raises `DataDirInUse`."""
        try:
            self._lock = (self.folder / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirInUse(
                f"Another process already uses the data directory {self.folder}. "
                "Stop it, or choose another one with SMS_DATA_DIR."
            ) from error
        except OSError as error:
            raise DataDirUnusable(
                f"The data directory {self.folder} can't be written: {error.strerror}."
            ) from error

    def secret(self) -> str:
        """The secret key, made at the first call; raises `KeyExposed` when others can read it."""
        path = self.folder / "secret.key"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                raise KeyExposed(f"Others can read {path}. Run: chmod 600 {path}") from None
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            key = secrets.token_hex(32)
            file.write(key)
        return key
