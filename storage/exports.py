"""What can be taken out, chunk by chunk: contacts, suppressions, results, an import's bad rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from domain import access
from domain.access import Actor, Permission
from domain.audience import in_words
from domain.why import why, why_left_out
from storage import contact_grid, import_files, imports, ledger, results, sheets, suppressions
from storage.contact_grid import Query
from storage.database import Database
from storage.ledger import Place
from storage.tables import AudienceMember

CHUNK = 2_000
Rows = list[tuple[Any, ...]]
CONTACT_COLUMNS = ("Phone", "First name", "Last name", "E-mail", "Time zone", "Invalid", "Added", "Fields")
SUPPRESSION_COLUMNS = ("Phone", "Reason", "Source", "Since")
RESULT_COLUMNS = (
    *("Message", "Phone", "State", "Reason", "Error code", "Attempts", "Carrier's message ID"),
    *("Due", "Sent", "Finished", "Why"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows, and from where on to read the next; None when these were the last."""

    rows: Rows
    next: Any


def contacts_part(db: Database, actor: Actor, query: Query, after: int | None) -> Part:
    """The contacts that a view finds, in the order in which they were added."""
    access.check(actor, Permission.VIEW)
    found = contact_grid.after(db, query, after or 0, CHUNK)
    rows: Rows = [
        (
            c.phone,
            c.first_name,
            c.last_name,
            c.email,
            c.timezone or c.number_zone,
            c.invalid_reason,
            _time(c.created_at),
            json.dumps(c.fields, ensure_ascii=False) if c.fields else "",
        )
        for c in found
    ]
    return Part(rows, found[-1].id if len(found) == CHUNK else None)


def suppressions_part(db: Database, actor: Actor, after: str | None) -> Part:
    """The numbers never to text, in their order."""
    access.check(actor, Permission.VIEW)
    found = suppressions.after(db, after or "", CHUNK)
    rows: Rows = [(s.phone, s.reason, s.source, _time(s.created_at)) for s in found]
    return Part(rows, found[-1].phone if len(found) == CHUNK else None)


def results_part(
    db: Database, actor: Actor, campaign_id: int, after: tuple[str, Any] | None, now: datetime
) -> Part:
    """Every person of a campaign: who was left out with the reason, then each delivery."""
    access.check(actor, Permission.VIEW)
    stage, place = after or ("left out", None)
    if stage == "left out":
        rows = _left_out(db, campaign_id, place or 0)
        following = ("left out", rows[-1][0]) if len(rows) == CHUNK else ("sent", Place())
        return Part([row[1:] for row in rows], following)
    found = ledger.after(db, campaign_id, place or Place(), CHUNK)
    seen = results.overview(db, campaign_id, now)
    positions = {m.id: m.position for m in seen.messages}
    deliveries: Rows = [
        (
            positions.get(d.message_id, ""),
            d.phone,
            d.state.value,
            in_words(d.reason or ""),
            d.code,
            d.attempts,
            d.carrier_message_id,
            _time(d.due_at),
            _time(d.sent_at),
            _time(d.finished_at),
            why(d.state, d.reason or "", seen.carrier_kind, d.code, d.attempts),
        )
        for d, _ in found
    ]
    return Part(deliveries, ("sent", found[-1][1]) if len(found) == CHUNK else None)


def import_problems(db: Database, actor: Actor, job_id: int, folder: Path) -> Iterator[Rows]:
    """The rows of an import's file that could not be read, each with its number and its problem."""
    access.check(actor, Permission.VIEW)
    job = imports.job(db, job_id)
    source = sheets.rows(import_files.fetch(db, folder, job.stored_name), job.form)
    yield [("Row", "Problem", *next(source, []))]
    reached, body = 1, source
    after = 0
    while found := imports.problems(db, job_id, after, CHUNK):
        rows: Rows = []
        for place, reason in found:
            for row in body:
                reached += 1
                if reached == place:
                    rows.append((place, reason, *row))
                    break
        yield rows
        after = found[-1][0]


def _left_out(db: Database, campaign_id: int, after: int) -> Rows:
    member = AudienceMember
    query = (
        select(member)
        .where(
            col(member.campaign_id) == campaign_id,
            col(member.left_out).is_not(None),
            col(member.contact_id) > after,
        )
        .order_by(col(member.contact_id))
        .limit(CHUNK)
    )
    with db.read() as session:
        return [
            (
                m.contact_id,
                "",
                m.phone,
                "left out",
                in_words(m.left_out or ""),
                *[""] * 6,
                why_left_out(m.left_out or ""),
            )
            for m in session.scalars(query)
        ]


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
