"""The backup's file: a ZIP of the database, the files that it names, and a manifest that proves them."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from domain.problems import Problem

FORMAT = 1
DATABASE = "sms.db"
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class NotABackup(Problem):
    """This file is not a backup that this program made, or it is cut off."""


class BackupDamaged(Problem):
    """The backup is damaged: a part of it is not what it was when it was made. Take another one."""


class BackupExists(Problem):
    """There is a file of that name already. Name a new one."""


class FolderMissing(Problem):
    """There is no such folder for the backup. Make it, or see whether its disk is mounted."""


class BackupUnwritable(Problem):
    """The backup could not be written."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the backup holds: the rows of each table, and the SHA-256 of each member."""

    made_at: datetime
    rows: Mapping[str, int]
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


@contextmanager
def written(file: Path) -> Iterator[Path]:
    """A file that only we can read and that appears under its name once all of it is on disk, or never."""
    draft = file.with_name(f"{file.name}.part")
    if file.exists():
        raise BackupExists(f"There is a file {file} already. Name a new one.")
    if not file.parent.exists():  # making it would fill the wrong disk when the right one is not mounted
        raise FolderMissing(f"There is no folder {file.parent}. Make it, or see whether its disk is mounted.")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            yield draft
            with draft.open("rb") as done:
                os.fsync(done.fileno())
            _name(draft, file)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
    except OSError as error:
        raise BackupUnwritable(f"The backup {file} could not be written: {error.strerror}.") from error


def _name(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)  # unlike a rename it never overwrites
    except FileExistsError as error:
        raise BackupExists(f"There is a file {file} already. Name a new one.") from error


def pack(file: Path, manifest: Manifest, members: Mapping[str, Path]) -> None:
    """Write the members and the manifest, noting the checksum of each."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in members.items():
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                manifest.members[name] = _copy(source, target)
        told = {**asdict(manifest), "made_at": manifest.made_at.isoformat()}
        archive.writestr(_MANIFEST, json.dumps(told, indent=1))


def unpack(file: Path, folder: Path | None) -> Manifest:
    """Prove every member by its checksum and, given a folder, write it there; returns the manifest.

    Raises `NotABackup` or `BackupDamaged`.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            for name, kept in manifest.members.items():
                with archive.open(name) as source, _open(folder, name) as target:
                    if _copy(source, target) != kept:
                        raise BackupDamaged
            return manifest
    except zipfile.BadZipFile as error:
        raise (BackupDamaged if zipfile.is_zipfile(file) else NotABackup) from error
    except zlib.error as error:
        raise BackupDamaged from error
    except (KeyError, ValueError, TypeError, EOFError, NotImplementedError, RuntimeError) as error:
        raise NotABackup from error
    except OSError as error:
        raise NotABackup(f"The backup {file} can't be unpacked: {error.strerror}.") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    told = json.loads(archive.read(_MANIFEST))
    manifest = Manifest(**{**told, "made_at": datetime.fromisoformat(told["made_at"])})
    if manifest.format != FORMAT or DATABASE not in manifest.members:
        raise NotABackup
    if not all(_is_plain(name) for name in manifest.members):
        raise NotABackup
    return manifest


def _is_plain(name: str) -> bool:
    """Whether a member stays inside the folder that it is unpacked to."""
    return len(Path(name).parts) <= 2 and not Path(name).is_absolute() and ".." not in Path(name).parts


def _open(folder: Path | None, name: str) -> IO[bytes]:
    if folder is None:
        return Path(os.devnull).open("wb")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    return path.open("xb")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
