"""What can be taken out, chunk by chunk: contacts, suppressions, results, an import's bad rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from domain import access
from domain.access import Actor, Permission
from domain.audience import LeftOut, in_words
from domain.contacts import full_name
from domain.deliveries import LABELS
from domain.opt_outs import source_words
from domain.why import why, why_left_out
from storage import contact_export, import_files, imports, ledger, results, sheets, suppressions
from storage.contact_grid import Query
from storage.database import Database
from storage.ledger import Place
from storage.tables import AudienceMember, Contact

CHUNK = 2_000
Rows = list[tuple[Any, ...]]
SUPPRESSION_COLUMNS = ("Phone", "Reason", "Source", "Since (UTC)")
RESULT_COLUMNS = (
    *("Message", "Phone", "Name", "State", "Reason", "Error code", "Attempts", "Carrier's message ID"),
    *("Due (UTC)", "Sent (UTC)", "Finished (UTC)", "Why"),
)


class Coded(NamedTuple):
    """A value that programs know by a code, and people by words."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows, and from where on to read the next; None when these were the last."""

    rows: Rows
    next: Any


def contacts_part(db: Database, actor: Actor, query: Query, fields: Sequence[str], after: int | None) -> Part:
    """The contacts that a view finds, in the order in which they were added."""
    access.check(actor, Permission.VIEW)
    found = contact_export.part(db, query, fields, after or 0, CHUNK)
    return Part([row for _, row in found], found[-1][0] if len(found) == CHUNK else None)


def suppressions_part(
    db: Database, actor: Actor, after: str | None, *, search: str = "", source: str = ""
) -> Part:
    """The numbers never to text that a view finds, in their order."""
    access.check(actor, Permission.VIEW)
    found = suppressions.after(db, after or "", CHUNK, search=search, source=source)
    rows: Rows = [(s.phone, s.reason, Coded(s.source, source_words(s.source)), s.created_at) for s in found]
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
    names = _names(db, [d.contact_id for d, _ in found])
    deliveries: Rows = [
        (
            positions.get(d.message_id, ""),
            d.phone,
            names.get(d.contact_id) if d.phone else LeftOut.ERASED.words,
            Coded(d.state.value, LABELS[d.state]),
            in_words(d.reason or ""),
            d.code,
            d.attempts,
            d.carrier_message_id,
            d.due_at,
            d.sent_at,
            d.finished_at,
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
        members = session.scalars(query).all()
    names = _names(db, [m.contact_id for m in members])
    return [
        (
            m.contact_id,
            "",
            m.phone,
            names.get(m.contact_id) if m.phone else LeftOut.ERASED.words,
            Coded("left out", "Left out"),
            in_words(m.left_out or ""),
            *[""] * 6,
            why_left_out(m.left_out or ""),
        )
        for m in members
    ]


def _names(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """How those of them who are contacts still are called."""
    query = select(col(Contact.id), col(Contact.first_name), col(Contact.last_name))
    with db.read() as session:
        found = session.execute(query.where(col(Contact.id).in_(ids)))
        return {contact_id: full_name(first, last) for contact_id, first, last in found}
