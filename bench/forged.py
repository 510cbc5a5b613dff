"""How long pages take while somebody sends 10,000 forged webhook calls a minute, and how many are applied."""

import secrets
import statistics
import time
from collections import Counter
from datetime import UTC, datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlmodel import col

from bench import served
from bench.latency import loads, p95
from bench.measure import Bar, report
from bench.workspaces import seeded
from storage.database import Database
from storage.tables import CarrierAccount, Delivery, ReceiptInbox

ROUNDS = 5
A_SECOND = 10_000 / 60
PATH = "/campaigns/sms"


def run() -> str:
    """Measure in turns, and give the table."""
    db = seeded("forged")
    token, attempts = _account(db), _attempts(db)
    idle: list[float] = []
    busy: list[float] = []
    rates: list[float] = []
    statuses: Counter[int] = Counter()
    before = _applied(db)
    with served.serving(db) as program:
        for number in range(ROUNDS + 1):
            quiet = p95(loads(program, PATH))
            flood = Flood(program.port, token, attempts)
            flood.start()
            full = p95(loads(program, PATH))
            sent, seconds = flood.stop()
            if number:
                idle.append(quiet)
                busy.append(full)
                rates.append(sent.total() / seconds)
                statuses += sent
    applied = _applied(db) - before
    db.close()
    return _table(idle, busy, rates, statuses, applied)


def _table(
    idle: list[float], busy: list[float], rates: list[float], statuses: Counter[int], applied: int
) -> str:
    quiet, full, rate = statistics.median(idle), statistics.median(busy), statistics.median(rates)
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    return report(
        "Pages while forged webhooks come in",
        f"p95 of the SMS tab, {ROUNDS} turns; {rate * 60:,.0f} forged calls a minute: half with a wrong "
        f"signature, half to addresses that don't exist. Answers: {answers}.",
        ["page", "idle", "meanwhile", "ratio"],
        [["the SMS tab", f"{quiet * 1000:.0f} ms", f"{full * 1000:.0f} ms", f"{full / quiet:.2f}"]],
        [
            Bar("times the idle p95 of the SMS tab", full / quiet, 2, at_least=False),
            Bar("forged receipts applied", applied, 0, at_least=False),
            Bar("forged calls a minute", rate * 60, 9_500),
        ],
    )


class Flood:
    """Calls that no carrier made, at a steady rate, from a process of its own."""

    def __init__(self, port: int, token: str, attempts: list[str]) -> None:
        context = get_context("spawn")
        self._told, theirs = context.Pipe()
        arguments = (port, token, attempts, theirs)
        self._process = context.Process(target=_flood, args=arguments, daemon=True)

    def start(self) -> None:
        self._process.start()
        assert self._told.recv() == "begun"

    def stop(self) -> tuple[Counter[int], float]:
        """The statuses that it was answered with, and for how long it went on."""
        self._told.send("end")
        statuses, seconds = self._told.recv()
        self._process.join()
        return Counter(statuses), float(seconds)


def _flood(port: int, token: str, attempts: list[str], told: Connection) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    statuses: Counter[int] = Counter()
    told.send("begun")
    began = time.monotonic()
    while not told.poll():
        number = statuses.total()
        if number >= (time.monotonic() - began) * A_SECOND:
            time.sleep(0.002)
            continue
        path = f"/webhooks/twilio/{token if number % 2 else secrets.token_hex(16)}/status?"
        path += urlencode({"a": attempts[number % len(attempts)]})
        body = urlencode({"MessageSid": f"SM{number}", "MessageStatus": "delivered"})
        connection.request("POST", path, body, FORGED)
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
    told.recv()
    told.send((dict(statuses), time.monotonic() - began))


FORGED = {"x-twilio-signature": "Zm9yZ2Vk", "content-type": "application/x-www-form-urlencoded"}


def _account(db: Database) -> str:
    """A Twilio account; the token of its webhooks."""
    token = secrets.token_hex(16)
    with db.write() as session:
        settings = {"account_sid": "AC1", "auth_token": secrets.token_hex(16)}
        row = CarrierAccount(
            name="Twilio", kind="twilio", token=token, settings=settings, created_at=datetime.now(UTC)
        )
        session.add(row)
    return token


def _attempts(db: Database) -> list[str]:
    """Attempts that there were, where there are any: a forger may know them."""
    with db.read() as session:
        query = select(col(Delivery.attempt_id)).where(col(Delivery.attempt_id).is_not(None)).limit(500)
        return [found or "" for found in session.scalars(query)] or ["1-00"]


def _applied(db: Database) -> int:
    with db.read() as session:
        query = select(func.count()).where(col(ReceiptInbox.body).contains("MessageSid"))
        return session.scalar(query) or 0
