"""How a program comes to its database: the data directory, the secret key and the newest schema."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from domain.settings import Settings
from storage import credentials, outgoing_webhooks, schema, short_links, two_step
from storage.data_dir import DataDir
from storage.database import Database
from storage.vault import Vault

log = logging.getLogger(__name__)


def data_dir(settings: Settings, *, exclusive: bool = False) -> DataDir:
    """The data directory; with `exclusive` ours alone, where the database lies in it.

    Raises `DataDirInUse` or `DataDirUnusable`.
    """
    folder = DataDir(settings.data_dir)
    if exclusive and not settings.distributed:
        folder.lock()
    return folder


@contextmanager
def database(settings: Settings, *, exclusive: bool = False, upgraded: bool = True) -> Iterator[Database]:
    """The database without the key to its credentials, brought to the newest schema unless told otherwise."""
    data_dir(settings, exclusive=exclusive)
    db = Database(settings.database_url)
    try:
        if upgraded:
            schema.upgrade(db)
        yield db
    finally:
        db.close()


@contextmanager
def unlocked(settings: Settings, folder: DataDir) -> Iterator[tuple[Database, str]]:
    """The database on the newest schema with the key to its credentials, and the secret itself."""
    secret = settings.secret_key or folder.secret()
    old = [settings.secret_key_old] if settings.secret_key_old else []
    db = Database(settings.database_url, Vault(secret, *old))
    try:
        schema.upgrade(db)
        yield db, secret
    finally:
        db.close()


def ready(settings: Settings, db: Database) -> None:
    """Before a program works on its database: seal with the newest key, and keep where links lead to."""
    two_step.seal_all(db)
    outgoing_webhooks.seal_all(db)
    if sealed := credentials.seal_all(db):
        log.info("the credentials of %d carrier accounts were sealed with the newest key", sealed)
    short_links.keep_base(db, settings.public_url)
