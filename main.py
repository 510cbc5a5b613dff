"""SMS Campaigns: the command line and the wiring. The only reader of settings; importing it does nothing."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from domain.access import Role
from domain.masking import masked
from domain.problems import Problem
from domain.settings import Settings, WrongSetting, read

if TYPE_CHECKING:  # each command imports only what it needs
    from domain.connections import Checked
    from storage.attachments import Files
    from storage.data_dir import DataDir
    from storage.database import Database
    from ui.world import Carriers

    Chore = Callable[[Database, datetime], object]

log = logging.getLogger("sms")


_YOUNG = 50_000
"""New objects between two looks for garbage: a start makes hundreds of thousands, and all of them stay."""


_SOON = 30.0
"""Seconds after the start in which no rare chore keeps the first visitors waiting."""


class SenderEnded(Problem):
    """The worker can't send: an error, told above, has ended its sender. Start it again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. A mistake is one plain line on stderr and code 2."""
    command = _parser().parse_args(arguments)
    gc.set_threshold(_YOUNG)
    try:
        settings = read(_environment())
        _log_to_stderr(settings.log_format)
        run: Callable[[Settings, argparse.Namespace], str | None] = command.run
        said = run(settings, command)
    except Problem as problem:
        print(problem.text, file=sys.stderr)
        return 2
    if said:
        print(said)
    return 0


def serve(settings: Settings) -> None:
    """The web, and the sender in the same process."""
    from uvicorn.loops.auto import auto_loop_factory

    from storage import demo, opening
    from storage.attachments import Files

    folder = opening.data_dir(settings, exclusive=True)
    with _traced(settings), opening.unlocked(settings, folder) as (db, secret):
        opening.ready(settings, db)
        if settings.demo:
            demo.seed(db, _now())
            demo.keep_running(db, _now())
        files = Files(folder.folder / "attachments")
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_serve(settings, db, files, secret, _chores(settings, folder, files)))


def worker(settings: Settings) -> None:
    """A sender without a web; any number of them share the lines of one PostgreSQL."""
    from sender.dispatcher import Dispatcher
    from storage import opening

    if not settings.distributed:
        raise WrongSetting(
            "SMS_DATABASE_URL", "must be a postgresql:// address: a worker shares its database."
        )
    ended = threading.Event()
    folder = opening.data_dir(settings)
    with _traced(settings), opening.unlocked(settings, folder) as (db, secret):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        opening.ready(settings, db)
        dispatcher = Dispatcher(db, _now, settings.public_url, secret)
        dispatcher.start()
        gc.freeze()
        if dispatcher.runs:
            print("The worker is ready.", flush=True)
        while dispatcher.runs and not ended.wait(1.0):
            pass
        if not dispatcher.runs:
            raise SenderEnded
        dispatcher.stop()


def _chores(settings: Settings, folder: DataDir, files: Files) -> Mapping[Chore, float]:
    """What the web process does again and again, and the seconds between."""
    from storage import (
        attachments,
        bulk,
        demo,
        import_files,
        retention,
        saved_filters,
        sessions,
        throttling,
        webhook_log,
    )

    chores: dict[Chore, float] = {
        lambda db, now: attachments.drop_unused(db, files, now): 3600.0,
        lambda db, now: import_files.drop_unneeded(db, folder.folder / "imports", now): 3600.0,
        retention.sweep: 3600.0,
        webhook_log.sweep: 3600.0,
        sessions.sweep: 3600.0,
        throttling.sweep: 3600.0,
        bulk.work: 0.5,
        bulk.forget: 5.0,
        saved_filters.count_all: 60.0,
    }
    return chores | ({demo.keep_running: 10.0} if settings.demo else {})


async def _serve(
    settings: Settings, db: Database, files: Files, secret: str, chores: Mapping[Chore, float]
) -> None:
    from sender.dispatcher import Dispatcher
    from sender.webhooks import PREFIX, Webhooks
    from storage import demo, joining, workspace
    from storage.importer import Importer
    from ui import health, metrics, server
    from ui.live import Feed
    from ui.visits import DemoOwner, Visits
    from ui.web import web_app
    from ui.world import World

    feed = Feed(db)
    dispatcher = (
        Dispatcher(db, _now, settings.public_url, secret, demo=settings.demo) if settings.sender else None
    )

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        feed.start()
        if visits:
            visits.start()
        importer.start()
        kept = [asyncio.create_task(keep_doing(chore, every, db)) for chore, every in chores.items()]
        yield
        for task in kept:
            task.cancel()
        feed.stop()
        if visits:
            visits.stop()
        await asyncio.to_thread(importer.stop)

    visits = None if settings.demo else Visits(db, _now)
    visitor = visits.actor if visits else DemoOwner(partial(workspace.actor, db, demo.OWNER_EMAIL))
    carriers = _carriers(settings.public_url)
    world = World(db, _now, files, visitor, feed, secret, settings.demo, carriers, settings.public_url)
    importer = Importer(db, world.imports, _now)
    late_by = (lambda: dispatcher.late_by) if dispatcher else None
    webhooks = Webhooks(db, _now, settings.public_url)
    machines = [
        health.router(db, _now, late_by),
        metrics.router(db, _now, settings.metrics_token, lambda: webhooks.answered, demo=settings.demo),
    ]
    pages = web_app(world, settings.public_url, machines, lifespan, visits)

    async def front(scope: Any, receive: Any, send: Any) -> None:
        """Carriers' calls go past the page framework."""
        to_webhooks = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (webhooks if to_webhooks else pages)(scope, receive, send)

    async def listening() -> None:
        """Nothing is sent before carriers' receipts can come in."""
        log.info("the web runs on %s", type(asyncio.get_running_loop()).__module__)
        if dispatcher:
            await asyncio.to_thread(dispatcher.start)
        gc.freeze()  # what is loaded by now stays: nobody waits while garbage is looked for in it
        print(f"SMS Campaigns is ready on {settings.public_url}", flush=True)
        _collect_garbage_seldom()
        if visits and (token := await db.run(joining.offer_set_up, _now())):
            link = f"{settings.public_url}/setup?token={token}"
            print(f"Nobody can sign in yet. Set the workspace up on {link}", flush=True)

    async def ending() -> None:
        if dispatcher:
            await asyncio.to_thread(dispatcher.stop)

    await server.serve(front, settings, listening, ending)


def _collect_garbage_seldom() -> None:
    """Spare pages the pauses of the collector, which grow with all that lives.

    What is here after the start stays for good and is never looked at again; a full look at the rest comes
    after some two million new objects, which are many page loads.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


async def keep_doing(chore: Chore, seconds: float, db: Database) -> None:
    """Do a chore of the web process again and again, whether it sends or not.

    A rare one is done soon after the start, too: a program that is ended every evening might never get to it.
    """
    pause = min(seconds, _SOON)
    while True:
        await asyncio.sleep(pause)
        pause = seconds
        try:
            await db.run(chore, _now())
        except Exception:
            log.exception("a chore failed; it is tried again in %.0f s", seconds)


def _carriers(public_url: str) -> Carriers:
    """What pages and API may know about carriers."""
    from sender.carriers import checking
    from sender.carriers.checking import SECONDS
    from sender.carriers.registry import adapter, kinds
    from sender.transport import open_transport
    from sender.webhooks import PREFIX
    from ui.world import Carriers

    def check(kind: str, given: Mapping[str, str]) -> None:
        adapter(kind, {"base_url": "http://127.0.0.1", **given} if kind == "sandbox" else given)

    async def test(kind: str, given: Mapping[str, str]) -> Checked:
        if kind == "sandbox" and not given.get("base_url"):
            return Checked(True, "The sandbox of this program needs no connection.")
        transport = open_transport(total_timeout=SECONDS)
        try:
            return await checking.check(adapter(kind, given), transport)
        finally:
            await transport.aclose()

    def webhook(kind: str, token: str, what: str) -> str:
        return f"{public_url}{PREFIX}{kind}/{token}/{what}"

    return Carriers(kinds(), check, webhook, test)


def _traced(settings: Settings) -> AbstractContextManager[None]:
    """Send traces meanwhile, where there is somewhere to send them."""
    if settings.traces_url is None:
        return nullcontext()
    from sender.traces import exported

    return exported(settings.traces_url)


def _now() -> datetime:
    return datetime.now(UTC)


def _environment() -> dict[str, str]:
    from dotenv import dotenv_values

    kept = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**kept, **os.environ}


def _log_to_stderr(form: str) -> None:
    handler = logging.StreamHandler()
    if form == "json":
        handler.setFormatter(_Json())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(_Masked())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("apscheduler", "httpx", "alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Masked(logging.Filter):
    """Lets no phone number, key or token through, not in a traceback either."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the record anew; everything is let through."""
        record.msg, record.args = masked(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time, level, logger and text, with the traceback where there is one."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_text:
            line["traceback"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command on one plain line."""

    def error(self, message: str) -> NoReturn:
        """End with code 2."""
        self.exit(2, f"{self.prog}: {message} (help: {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    from storage import commands

    parser = _Parser(prog="main.py", description="Scheduled SMS campaigns with live results.")
    parser.set_defaults(run=lambda settings, _given: serve(settings))
    known = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(
        name: str, words: str, run: Callable[[Settings, argparse.Namespace], str | None]
    ) -> argparse.ArgumentParser:
        added = known.add_parser(name, help=words, description=words)
        added.set_defaults(run=run)
        return added

    command(
        "serve",
        "run the web and, embedded, the sender (the default)",
        lambda settings, _given: serve(settings),
    )
    command(
        "worker",
        "run a sender without a web (needs PostgreSQL)",
        lambda settings, _given: worker(settings),
    )
    command(
        "migrate",
        "bring the database to the newest schema",
        lambda settings, _given: commands.migrate(settings),
    )
    command(
        "seed-demo",
        "fill an empty database with demo data",
        lambda settings, _given: commands.seed_demo(settings, _now()),
    )
    command(
        "release-sending",
        "send again after a copy or a restore",
        lambda settings, _given: commands.release_sending(settings, _now()),
    )
    command(
        "forget-credentials",
        "drop the carrier credentials that a lost secret key had sealed",
        lambda settings, _given: commands.forget_credentials(settings),
    )
    copying = command(
        "copy-database",
        "copy the database into an empty one, such as from SQLite to PostgreSQL, and hold sending there",
        lambda settings, given: commands.copy_database(
            settings,
            read({**_environment(), "SMS_DATABASE_URL": given.url}).database_url,
            _now(),
            partial(print, file=sys.stderr, flush=True),
            dry_run=given.dry_run,
        ),
    )
    copying.add_argument("url", metavar="URL", help="the empty database: postgresql://… or sqlite:///…")
    copying.add_argument("--dry-run", action="store_true", help="check and count, but copy nothing")
    admin = command(
        "create-admin",
        "make an administrator and print a one-time link with which they choose their password",
        lambda settings, given: commands.create_admin(settings, given.email, _now()),
    )
    admin.add_argument("--email", required=True, help="the e-mail address that they sign in with")
    backup = command(
        "backup",
        "write everything but the secret key into a file, at any time",
        lambda settings, given: commands.backup(settings, given.file, _now()),
    )
    backup.add_argument("file", metavar="FILE", help="the new file")
    restore = command(
        "restore",
        "bring a backup into an empty database and hold sending there",
        lambda settings, given: commands.restore(settings, given.file, _now()),
    )
    restore.add_argument("file", metavar="FILE", help="the backup")
    key = command(
        "create-api-key",
        "make an API key and print it, this once",
        lambda settings, given: commands.create_api_key(settings, given.name, Role(given.role), _now()),
    )
    key.add_argument("--name", required=True, help="which program uses it")
    key.add_argument("--role", required=True, choices=[role.value for role in Role])
    return parser


if __name__ == "__main__":
    ended = main()
    gc.freeze()  # nothing is left to look for
    sys.exit(ended)
