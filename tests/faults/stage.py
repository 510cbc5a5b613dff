"""The stage of a fault: a database, a carrier that journals, a campaign that is due, the program on them.

A fault prepares a stage, lets the program send, does its harm, waits for the end, and lets the stage check
what must hold whatever happened: nobody sent to twice, nobody lost without a trace, every row where it may
end, tallies equal to a recount, the database sound.
"""

import atexit
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update
from sqlmodel import col

from domain.access import Actor
from domain.campaigns import Status
from domain.deliveries import FINAL, State
from storage import campaigns, results
from storage.database import Database
from storage.schema import upgrade
from storage.tables import CarrierAccount, Delivery, Line, Message
from tests import arrange, ledger, postgres, scratch, wait
from tests.faults.carrier import Sink
from tests.faults.program import Program

BATCH = 128
"""What one claim takes at most, and a kill leaves in doubt."""

ENDED = FINAL | {State.SENT, State.UNKNOWN}

_numbers = count(1)


@cache
def _server() -> postgres.OwnServer:
    """The durable PostgreSQL of all stages."""
    return postgres.OwnServer()


@cache
def _template(kind: str) -> str:
    """The file, or the name, of a database with all tables: a copy costs less than twenty migrations."""
    if kind == "sqlite":
        folder = tempfile.mkdtemp(prefix="sms-template-", dir=scratch.folder())
        atexit.register(shutil.rmtree, folder)
        name = str(Path(folder) / "sms.db")
        db = Database(f"sqlite:///{name}")
    else:
        name = "template_fault"
        db = Database(_server().database(name))
    upgrade(db)
    arrange.any_hour(db)
    db.close()
    return name


QUICK_CIRCUIT = {"domain.circuit:FIRST_REST": 1.0, "domain.circuit:LONGEST_REST": 2.0}
"""Constants with which a carrier in trouble is tried again in seconds."""

HURRIED = {
    "sender.engine.cluster:HEARTBEAT_SECONDS": 0.5,
    "sender.engine.cluster:STALLED_SECONDS": 3.0,
    "sender.tick:CARE_EVERY": 2,
    "sender.tick:RECOVER_EVERY": 2,
    "storage.deliveries:STALE_AFTER": 5.0,
}
"""Constants with which a dead worker and its claims are found in seconds, not in minutes; for faults that are
not about how long that takes, and whose carrier answers sooner."""


@dataclass
class Campaign:
    """A running campaign of one message on a line of its own."""

    id: int
    message_id: int
    line_id: int
    token: str  # of its carrier account's webhooks
    text: str
    phones: Sequence[str]


@dataclass
class Counts:
    """What a campaign came to."""

    people: int
    sent: int  # by the carrier's journal
    twice: int
    lost: int  # neither sent nor unconfirmed nor otherwise accounted for
    states: Counter[State]
    false: int  # called sent by us and not by the carrier's journal, or the other way round

    @property
    def unknown(self) -> int:
        return self.states[State.UNKNOWN]

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.people} people, {self.sent} sent to, {self.twice} twice, {self.lost} lost; {ends}"


@dataclass
class Stage:
    """See above; `kind` is sqlite or postgres. `empty`: without even a table."""

    folder: Path
    kind: str
    carrier: Sink
    empty: bool = False
    programs: list[Program] = field(default_factory=list)
    _made: int = 0

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.db = self.another(self.data, migrated=not self.empty)
        if not self.empty:
            self.actor: Actor = arrange.person(self.db, self.now)

    def another(self, folder: Path, *, migrated: bool = False) -> Database:
        """An empty database, with tables or without; on SQLite in that folder."""
        folder.mkdir(parents=True, exist_ok=True)
        template = _template(self.kind) if migrated else None
        if self.kind == "sqlite":
            file = folder / "sms.db"
            if template:
                shutil.copy(template, file)
            return Database(f"sqlite:///{file}")
        return Database(_server().database(f"fault_{next(_numbers)}", template))

    def move(self, db: Database, folder: Path) -> None:
        """From now on the programs work there."""
        self.db.close()
        self.db, self.data = db, folder

    @property
    def url(self) -> str:
        return self.db.url

    def close(self) -> None:
        """End every program; of PostgreSQL only our connections."""
        for program in self.programs:
            program.end()
        self.db.close()

    def program(self, *command: str, fault: dict[str, Any] | None = None, **settings: str) -> Program:
        """`main.py serve` (or another command) on this stage's database, not started yet."""
        settings.setdefault("SMS_SECRET_KEY", "k" * 32)
        if self.kind == "postgres":
            settings["SMS_DATABASE_URL"] = self.url
            fault = {"set": HURRIED, **(fault or {})}
        folder = self.data if self.kind == "sqlite" else self.folder / f"program{len(self.programs)}"
        made = Program(folder, settings, arguments=command, fault=fault)
        self.programs.append(made)
        return made

    def web(self, fault: dict[str, Any] | None = None) -> Program:
        """Who takes receipts and shows pages: on SQLite the one process, so it is the sender too."""
        if self.kind == "sqlite":
            return self.program(fault=fault)
        return self.program(fault=fault, SMS_SENDER="off")

    def beside(self, web: Program) -> list[Program]:
        """The senders beside that web, if any; receipts go to it."""
        return [] if self.kind == "sqlite" else self.senders(SMS_PUBLIC_URL=web.url)

    def senders(self, fault: dict[str, Any] | None = None, **settings: str) -> list[Program]:
        """Who sends: the one process on SQLite, two workers on PostgreSQL; not started yet."""
        if self.kind == "sqlite":
            return [self.program(fault=fault, **settings)]
        return [self.program("worker", fault=fault, **settings) for _ in range(2)]

    def campaign(
        self, people: int, rate: float | None = None, *, due: datetime | None = None, **more: Any
    ) -> Campaign:
        """A scheduled campaign on a new line, due at once."""
        now = datetime.now(UTC)
        self._made += 1
        base_url = more.pop("base_url", self.carrier.url)
        kind, settings = more.pop("kind", "sandbox"), more.pop("settings", {})
        line_id = arrange.line(self.db, now, label=f"Line {self._made}", rate=rate, base_url=base_url, **more)
        phones = arrange.numbers(people * self._made)[-people:]
        list_id = arrange.contact_list(self.db, self.actor, now, phones, f"List {self._made}")
        name, words = f"Campaign {self._made}", f"Hello from {self._made}. Reply STOP to end."
        campaign_id = arrange.draft(self.db, self.actor, now, line_id, list_id, name=name, texts=[words])
        campaigns.schedule(self.db, self.actor, campaign_id, now)
        message_id = ledger.message_ids(self.db, campaign_id)[0]
        with self.db.write() as session:
            begins = due or now
            session.execute(
                update(Message).where(col(Message.id) == message_id).values(send_at=begins, begins_at=begins)
            )
            newest = select(CarrierAccount).order_by(col(CarrierAccount.id).desc()).limit(1)
            account = session.scalars(newest).one()
            account.kind, account.settings = kind, {**account.settings, **settings}
            token = account.token
        return Campaign(campaign_id, message_id, line_id, token, words, phones)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def set_rate(self, campaign: Campaign, rate: float | None) -> None:
        """Segments a second on the campaign's line from its next pump on."""
        with self.db.write() as session:
            session.execute(update(Line).where(col(Line.id) == campaign.line_id).values(rate=rate))

    def states(self, campaign: Campaign) -> Counter[State]:
        return Counter(ledger.states(self.db, campaign.message_id).values())

    def attempts(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """The deliveries whose last attempt is one of these."""
        with self.db.read() as session:
            query = select(Delivery).where(col(Delivery.attempt_id).in_(ids))
            return {row.attempt_id or "": row for row in session.scalars(query)}

    def completed(self, campaign: Campaign) -> bool:
        overview = results.overview(self.db, campaign.id, datetime.now(UTC))
        return overview.standing.status is Status.COMPLETED

    def wait_until_settled(self, campaign: Campaign, seconds: float = 60) -> None:
        """Until nobody is being sent to just now."""
        wait.until(lambda: not self.states(campaign)[State.SENDING], seconds, "the outcomes")

    def wait_for_end(self, campaign: Campaign, seconds: float = 120) -> None:
        wait.until(lambda: self.completed(campaign), seconds, "the campaign's end")

    def check(self, campaign: Campaign, most_unknown: int = 0) -> Counts:
        """What must hold at the end of every fault; gives the figures."""
        counts = self.count(campaign)
        ledger.check_tallies(self.db)
        self.check_soundness()
        assert counts.twice == 0, self.carrier.twice[:5]
        assert counts.lost == 0
        assert counts.false == 0
        assert counts.unknown <= most_unknown
        assert set(counts.states) <= ENDED, counts.states
        assert counts.people == len(campaign.phones)
        return counts

    def count(self, campaign: Campaign) -> Counts:
        """The ledger beside the carrier's journal."""
        rows = ledger.rows(self.db, campaign.message_id)
        phones = set(campaign.phones)
        journal = {entry.to: entry for entry in self.carrier.sent if entry.text == campaign.text}
        sent = (State.SENT, State.DELIVERED, State.UNDELIVERED)
        explained = FINAL - {State.DELIVERED, State.UNDELIVERED} | {State.UNKNOWN}
        return Counts(
            people=len(rows),
            sent=len(journal),
            twice=sum(1 for _to, text in self.carrier.twice if text == campaign.text),
            lost=sum(1 for phone in phones if phone not in journal and rows[phone].state not in explained),
            states=Counter(row.state for row in rows.values()),
            false=sum(
                1
                for phone, row in rows.items()
                if row.state is not State.UNKNOWN and (row.state in sent) != (phone in journal)
            ),
        )

    def check_soundness(self) -> None:
        """The database's own checks."""
        if self.kind == "sqlite":
            with sqlite3.connect(self.url.removeprefix("sqlite:///")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            return
        with self.db.read() as session:  # every table by its pages and by its index
            for way in ("enable_indexscan", "enable_seqscan"):
                session.execute(text(f"SET LOCAL {way} = off"))
            total = session.scalar(text("SELECT count(*) FROM delivery"))
            session.execute(text("SET LOCAL enable_seqscan = on"))
            session.execute(text("SET LOCAL enable_indexonlyscan = off"))
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
            assert session.scalar(text("SELECT count(*) FROM delivery")) == total
