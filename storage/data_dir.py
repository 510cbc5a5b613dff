"""The data directory: ours alone while we run, and home of the secret key."""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from domain.problems import Problem


class DataDirInUse(Problem):
    """Another process already uses this data directory."""


class DataDirUnusable(Problem):
    """The data directory can't be written."""


class KeyExposed(Problem):
    """Others can read the key file."""


_KEY_BYTES = 32


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
            if not path.exists():
                _write_once(path, secrets.token_hex(_KEY_BYTES))
            if path.stat().st_mode & 0o077:
                raise KeyExposed(f"Others can read {path}. Run: chmod 600 {path}")
            key = path.read_text().strip()
            if len(key) < _KEY_BYTES:
                raise DataDirUnusable(f"The key file {path} is cut off. Bring it back from a backup.")
            return key
        except OSError as error:
            raise DataDirUnusable(f"The key file {path} can't be used: {error.strerror}.") from error


def _write_once(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all; one that is there already stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
