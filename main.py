"""SMS Campaigns: the command line and the wiring. The only reader of settings; importing it does nothing."""

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.access import Actor, Role
from domain.masking import masked
from domain.problems import Problem
from domain.settings import TRACER, Settings, WrongSetting, read

log = logging.getLogger("sms")

_COMMAND_LINE = Actor(0, "Command line", Role.ADMIN)


_YOUNG = 50_000
"""New objects between two looks for garbage: a start makes hundreds of thousands, and all of them stay."""


class SenderEnded(Problem):
    """The worker can't send: an error, told above, has ended its sender. Start it again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. A mistake is one plain line on stderr and code 2."""
    command = _parser().parse_args(arguments)
    gc.set_threshold(_YOUNG)
    try:
        settings = read(_environment())
        _log_to_stderr(settings.log_format)
        run: Callable[..., str | None] = command.run
        said = run(settings, **{name: getattr(command, name) for name in command.arguments})
    except Problem as problem:
        print(problem.text, file=sys.stderr)
        return 2
    if said:
        print(said)
    return 0


def serve(settings: Settings) -> str | None:
    """The web, and the sender in the same process."""
    from uvicorn.loops.auto import auto_loop_factory

    from storage import (
        attachments,
        bulk,
        import_files,
        outgoing_webhooks,
        retention,
        saved_filters,
        sessions,
        short_links,
        throttling,
    )
    from storage.attachments import Files

    folder = _data_dir(settings, exclusive=True)
    db, secret = _open(settings, folder)
    end_traces = _trace(settings)
    try:
        _upgrade(db)
        _seal(db)
        short_links.keep_base(db, settings.public_url)
        files = Files(folder.folder / "attachments")
        chores: dict[Any, float] = {
            lambda db, now: attachments.drop_unused(db, files, now): 3600.0,
            lambda db, now: import_files.drop_unneeded(db, folder.folder / "imports", now): 3600.0,
            retention.sweep: 3600.0,
            outgoing_webhooks.sweep: 3600.0,
            sessions.sweep: 3600.0,
            throttling.sweep: 3600.0,
            bulk.work: 0.5,
            saved_filters.count_all: 60.0,
        }
        if settings.demo:
            chores |= _demo(db)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_serve(settings, db, files, secret, chores))
    finally:
        db.close()
        end_traces()
    return None


def worker(settings: Settings) -> None:
    """A sender without a web; any number of them share the lines of one PostgreSQL."""
    from sender.dispatcher import Dispatcher
    from storage import short_links

    if not settings.distributed:
        raise WrongSetting(
            "SMS_DATABASE_URL", "must be a postgresql:// address: a worker shares its database."
        )
    db, secret = _open(settings, _data_dir(settings))
    end_traces = _trace(settings)
    ended = threading.Event()
    for number in _ENDING:
        signal.signal(number, lambda *_: ended.set())
    try:
        _upgrade(db)
        _seal(db)
        short_links.keep_base(db, settings.public_url)
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
    finally:
        db.close()
        end_traces()


def migrate(settings: Settings) -> str:
    """Bring the database to the newest schema."""
    from storage.database import Database

    _data_dir(settings)
    db = Database(settings.database_url)
    try:
        return f"The database is at revision {_upgrade(db)}."
    finally:
        db.close()


def create_api_key(settings: Settings, name: str, role: str) -> str:
    """Make a key for a program; the answer is the key, which can't be read again."""
    from storage import api_keys
    from storage.database import Database

    _data_dir(settings)
    db = Database(settings.database_url)
    try:
        _upgrade(db)
        return api_keys.create(db, name, Role(role), _now())
    finally:
        db.close()


def create_admin(settings: Settings, email: str) -> str:
    """Make an administrator; the answer is a one-time link with which they choose their password."""
    from storage import joining
    from storage.database import Database

    _data_dir(settings)
    db = Database(settings.database_url)
    try:
        _upgrade(db)
        purpose, token = joining.administrator_link(db, email, _now())
        return f"{settings.public_url}/{purpose}/{token}"
    finally:
        db.close()


def copy_database(settings: Settings, url: str, dry_run: bool) -> str:
    """Copy the database into an empty one and hold sending there; `dry_run` only checks and counts."""
    from storage import copying
    from storage.data_dir import DataDir
    from storage.database import Database

    _data_dir(settings, exclusive=True)
    there = read({**_environment(), "SMS_DATABASE_URL": url})
    source, target = Database(settings.database_url), Database(there.database_url)
    lock = DataDir(target.folder) if target.folder and target.folder != source.folder else None
    if lock:
        lock.lock()
    try:
        if dry_run:
            copying.check(source, target)
            for name, rows in copying.counts(source).items():
                _say(f"{name}: {rows:,} rows")
            return "Nothing keeps the database from being copied. Nothing was copied now."
        copied = copying.copy(source, target, _now(), _say)
    finally:
        source.close()
        target.close()
    return (
        f"Copied {copied.rows:,} rows of {copied.tables} tables; all counts and checksums agree. Sending is "
        "held in the copy: start on it with the same secret key and attachments, then release sending on "
        "any page, or run: python main.py release-sending"
    )


def backup(settings: Settings, file: str) -> str:
    """Write everything but the secret key into one new file, whether the program runs or not."""
    from storage import backups
    from storage.database import Database

    data = _data_dir(settings).folder
    db = Database(settings.database_url)
    try:
        made = backups.backup(db, data, Path(file), _now(), log.debug)
    finally:
        db.close()
    missing = f" {made.missing:,} attachments had lost their files." if made.missing else ""
    return (
        f"Backed up {made.rows:,} rows and {made.files:,} files to {file}; the copy passed its checks."
        f"{missing} The secret key is not in it: keep that elsewhere."
    )


def restore(settings: Settings, file: str) -> str:
    """Bring a backup back into an empty database and hold sending there."""
    from storage import backups
    from storage.database import Database

    data = _data_dir(settings, exclusive=True).folder
    db = Database(settings.database_url)
    try:
        moved = backups.restore(db, data, Path(file), _COMMAND_LINE, _now(), log.debug)
    finally:
        db.close()
    return (
        f"Restored {moved.rows:,} rows and {moved.files:,} files; all counts and checksums agree. Sending is "
        "held: start with the same secret key, decide about each message that had begun, then release "
        "sending on any page, or run: python main.py release-sending"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def release_sending(settings: Settings) -> str:
    """After a copy or a restore: let everything that is due be sent again."""
    from storage import holds
    from storage.database import Database

    _data_dir(settings)
    db = Database(settings.database_url)
    try:
        _upgrade(db)
        released = holds.release(db, _COMMAND_LINE, _now())
    finally:
        db.close()
    return "Sending is released." if released else "Sending was not held."


def forget_credentials(settings: Settings) -> str:
    """After the secret key was lost: drop the carrier credentials that nothing can open any more."""
    from storage import credentials

    db, _secret = _open(settings, _data_dir(settings, exclusive=True))
    try:
        _upgrade(db)
        names = credentials.forget_unreadable(db)
    finally:
        db.close()
    if not names:
        return "The secret key opens all carrier credentials, so nothing was dropped."
    return f"Dropped the credentials of {', '.join(names)}. Their lines are blocked until you enter new ones."


def seed_demo(settings: Settings) -> str:
    """Fill an empty database with demo data."""
    from storage import demo
    from storage.database import Database

    _data_dir(settings)
    db = Database(settings.database_url)
    try:
        _upgrade(db)
        filled = demo.seed(db, _now())
    finally:
        db.close()
    return "Demo data added." if filled else "There is data already, so nothing was added."


async def _serve(settings: Settings, db: Any, files: Any, secret: str, chores: Mapping[Any, float]) -> None:
    import uvicorn

    from sender.dispatcher import Dispatcher
    from sender.webhooks import PREFIX, Webhooks
    from storage import demo, joining, workspace
    from storage.importer import Importer
    from ui import health, metrics
    from ui.live import Feed
    from ui.visits import Visits
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

    def owner() -> Actor:
        return workspace.actor(db, demo.OWNER_EMAIL)

    visits = None if settings.demo else Visits(db, _now)
    visitor = visits.actor if visits else owner
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

    class Server(uvicorn.Server):
        """Sends only while it listens, and ends with exit code 0 when it is asked to."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                log.info("the web runs on %s", type(asyncio.get_running_loop()).__module__)
                if dispatcher:
                    await asyncio.to_thread(dispatcher.start)
                gc.freeze()  # what is loaded by now stays: nobody waits while garbage is looked for in it
                print(f"SMS Campaigns is ready on {settings.public_url}", flush=True)
                if visits and (token := await db.run(joining.offer_set_up, _now())):
                    link = f"{settings.public_url}/setup?token={token}"
                    print(f"Nobody can sign in yet. Set the workspace up on {link}", flush=True)

        async def shutdown(self, sockets: Any = None) -> None:
            if dispatcher:
                await asyncio.to_thread(dispatcher.stop)
            await super().shutdown(sockets)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            before = {number: signal.signal(number, self.handle_exit) for number in _ENDING}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    config = uvicorn.Config(
        front,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        ws_max_size=1 << 22,
        server_header=False,
    )
    server = Server(config)
    try:
        await server.serve()
    except SystemExit as error:
        raise Problem(
            f"Port {settings.port} on {settings.host} can't be used. Stop what uses it, or set SMS_PORT."
        ) from error


async def keep_doing(chore: Callable[[Any, datetime], object], seconds: float, db: Any) -> None:
    """Do a chore of the web process again and again, whether it sends or not."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await db.run(chore, _now())
        except Exception:
            log.exception("a chore failed; it is tried again in %.0f s", seconds)


def _carriers(public_url: str) -> Any:
    """What pages and API may know about carriers."""
    from domain.connections import Checked
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


_ENDING = (signal.SIGINT, signal.SIGTERM)


def _demo(db: Any) -> Mapping[Any, float]:
    """Demo data, and the chore that keeps a campaign running."""
    from storage import demo

    demo.seed(db, _now())
    demo.keep_running(db, _now())
    return {demo.keep_running: 10.0}


def _trace(settings: Settings) -> Callable[[], None]:
    """Send traces from now on, where there is somewhere to send them; the answer ends that."""
    if settings.traces_url is None:
        return lambda: None
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class OurSpans(BatchSpanProcessor):
        """Lets no library's own spans out: those name addresses with all that is asked for."""

        def on_end(self, span: ReadableSpan) -> None:
            """Keep what our own rooms measured."""
            if span.instrumentation_scope is not None and span.instrumentation_scope.name == TRACER:
                super().on_end(span)

    provider = TracerProvider(resource=Resource.create({"service.name": "sms-campaigns"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.traces_url}/v1/traces", timeout=5)
    provider.add_span_processor(OurSpans(exporter))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _data_dir(settings: Settings, *, exclusive: bool = False) -> Any:
    from storage.data_dir import DataDir

    folder = DataDir(settings.data_dir)
    if exclusive and not settings.distributed:
        folder.lock()
    return folder


def _open(settings: Settings, folder: Any) -> tuple[Any, str]:
    """The database with the key to its credentials, and the secret itself."""
    from storage.database import Database
    from storage.vault import Vault

    secret: str = settings.secret_key or folder.secret()
    old = [settings.secret_key_old] if settings.secret_key_old else []
    return Database(settings.database_url, Vault(secret, *old)), secret


def _seal(db: Any) -> None:
    from storage import credentials, outgoing_webhooks, two_step

    two_step.seal_all(db)
    outgoing_webhooks.seal_all(db)
    if sealed := credentials.seal_all(db):
        log.info("the credentials of %d carrier accounts were sealed with the newest key", sealed)


def _upgrade(db: Any) -> str:
    from storage.schema import upgrade

    return upgrade(db)


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description="Scheduled SMS campaigns with live results.")
    parser.set_defaults(run=serve, arguments=())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, run, words in (
        ("serve", serve, "run the web and, embedded, the sender (the default)"),
        ("worker", worker, "run a sender without a web (needs PostgreSQL)"),
        ("migrate", migrate, "bring the database to the newest schema"),
        ("seed-demo", seed_demo, "fill an empty database with demo data"),
        ("release-sending", release_sending, "send again after a copy or a restore"),
        (
            "forget-credentials",
            forget_credentials,
            "drop the carrier credentials that a lost secret key had sealed",
        ),
    ):
        commands.add_parser(name, help=words, description=words).set_defaults(run=run)
    words = "copy the database into an empty one, such as from SQLite to PostgreSQL, and hold sending there"
    copying = commands.add_parser("copy-database", help=words, description=words)
    copying.add_argument("url", metavar="URL", help="the empty database: postgresql://… or sqlite:///…")
    copying.add_argument("--dry-run", action="store_true", help="check and count, but copy nothing")
    copying.set_defaults(arguments=("url", "dry_run"), run=copy_database)
    words = "make an administrator and print a one-time link with which they choose their password"
    admin = commands.add_parser("create-admin", help=words, description=words)
    admin.add_argument("--email", required=True, help="the e-mail address that they sign in with")
    admin.set_defaults(arguments=("email",), run=create_admin)
    moves: Sequence[tuple[str, Callable[..., str], str, str]] = (
        ("backup", backup, "write everything but the secret key into a file, at any time", "the new file"),
        ("restore", restore, "bring a backup into an empty database and hold sending there", "the backup"),
    )
    for name, move, words, what in moves:
        moving = commands.add_parser(name, help=words, description=words)
        moving.add_argument("file", metavar="FILE", help=what)
        moving.set_defaults(arguments=("file",), run=move)
    words = "make an API key and print it, this once"
    key = commands.add_parser("create-api-key", help=words, description=words)
    key.add_argument("--name", required=True, help="which program uses it")
    key.add_argument("--role", required=True, choices=("admin", "manager", "viewer"))
    key.set_defaults(arguments=("name", "role"), run=create_api_key)
    return parser


if __name__ == "__main__":
    ended = main()
    gc.freeze()  # nothing is left to look for
    sys.exit(ended)
