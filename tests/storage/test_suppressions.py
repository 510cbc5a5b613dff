"""The suppression list: found, lifted, imported, exported, and checked by every claim."""

import threading
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.opt_outs import Source
from storage import campaigns, contacts, inbound, suppressions
from storage.database import Database
from storage.inbound import Reply
from storage.number_file import rows
from storage.suppressions import NotSuppressed
from storage.tables import AuditEntry, Suppression
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def fill(db: Database, count: int) -> None:
    entries = [
        {
            "phone": f"+1212600{n:04d}",
            "reason": "Asked by phone" if n % 2 else "Replied STOP",
            "source": "team" if n % 2 else "keyword",
            "created_at": NOW + timedelta(minutes=n),
        }
        for n in range(count)
    ]
    with db.write() as session:
        session.execute(insert(Suppression), entries)


def shown(db: Database, **more: object) -> list[str]:
    return [row.phone[-2:] for row in suppressions.page(db, **more).rows]  # type: ignore[arg-type]


def test_the_list_is_searched_filtered_sorted_and_paged(db: Database, actor: Actor) -> None:
    fill(db, 6)
    assert shown(db) == ["05", "04", "03", "02", "01", "00"]
    assert shown(db, sort="phone", descending=False) == ["00", "01", "02", "03", "04", "05"]
    assert shown(db, source="team") == ["05", "03", "01"]
    assert shown(db, search="stop") == ["04", "02", "00"]
    assert shown(db, search="(212) 600-0003") == ["03"]
    assert shown(db, search="03") == []  # two digits are no number
    assert shown(db, search="%") == []
    page = suppressions.page(db, size=4, number=2)
    assert ([row.phone[-2:] for row in page.rows], page.total, page.page) == (["01", "00"], 6, 2)
    assert suppressions.page(db, size=4, number=9).page == 2
    assert [row.phone[-2:] for row in suppressions.after(db, page.rows[0].phone, 4)] == [
        "02",
        "03",
        "04",
        "05",
    ]


def test_an_entry_names_the_person(db: Database, actor: Actor) -> None:
    [phone] = arrange.numbers(1)
    arrange.contact_list(db, actor, NOW, [phone])
    contacts.suppress(db, actor, phone, "Asked", "team", NOW)
    [entry] = suppressions.page(db).rows
    assert (entry.name, entry.contact_id) == ("Maya No 1000", 1)


def test_a_file_is_imported_once_however_often_it_is_read(db: Database, actor: Actor) -> None:
    lines = ["phone,reason", "+14155550100,asked", "+14155550101,", "12,x", "+14155550100,again"]
    contacts.suppress(db, actor, "+14155550101", "By phone", "team", NOW)
    told: list[int] = []
    done = suppressions.import_file(db, actor, rows(lines), "old list.csv", NOW, told.append)
    assert (done.good, done.new, done.wrong, [row.line for row in done.bad]) == (3, 1, 1, [4])
    assert told == [4]
    again = suppressions.import_file(db, actor, rows(lines), "old list.csv", NOW)
    assert again.new == 0
    entry = suppressions.of_number(db, "+14155550100")
    assert (entry.reason, entry.source) == ("asked", "import")
    assert suppressions.of_number(db, "+14155550101").reason == "By phone"
    with db.read() as session:
        last = session.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert last is not None
    assert (last.action, last.after) == ("import suppressions", {"file": "old list.csv", "numbers": 0})


def test_a_long_file_is_imported_in_chunks(db: Database, actor: Actor) -> None:
    lines = [f"+1415{n:07d}" for n in range(2_000_000, 2_000_000 + suppressions.CHUNK + 5)]
    told: list[int] = []
    done = suppressions.import_file(db, actor, rows(lines), "list.csv", NOW, told.append)
    assert done.new == len(lines)
    assert told == [suppressions.CHUNK, len(lines)]
    assert suppressions.page(db).total == len(lines)


def test_only_who_may_edit_changes_the_list(db: Database) -> None:
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    with pytest.raises(RoleForbids):
        suppressions.import_file(db, viewer, [], "x", NOW)
    with pytest.raises(RoleForbids):
        suppressions.lift(db, viewer, "+14155550100", NOW)


def test_a_lifted_number_is_audited(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, "+14155550100", "Asked", "team", NOW)
    suppressions.lift(db, actor, "(415) 555-0100", NOW)
    with pytest.raises(NotSuppressed):
        suppressions.lift(db, actor, "+14155550100", NOW)
    assert [entry[0] for entry in ledger.audit(db)] == ["suppress", "lift suppression"]


def test_a_team_entry_replaces_only_what_was_held(db: Database, actor: Actor) -> None:
    for source, kept in ((Source.PLAIN_WORDS, "team"), (Source.KEYWORD, "keyword")):
        phone = f"+141555501{len(source):02d}"
        contacts.suppress(db, actor, phone, "First", source, NOW)
        contacts.suppress(db, actor, phone, "Second", "team", NOW)
        assert suppressions.of_number(db, phone).source == kept


def test_after_an_opt_out_no_claim_of_any_campaign_takes_the_number(db: Database, actor: Actor) -> None:
    """Six senders claim from three campaigns while people opt out: what counts is the order of commits."""
    phones = arrange.numbers(240)
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, phones)
    messages = []
    for n in range(3):
        campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, name=f"Campaign {n}")
        campaigns.schedule(db, actor, campaign_id, NOW)
        messages += [campaign_id]
    ledger.beat(db, START)
    ids = [ledger.message_ids(db, campaign_id)[0] for campaign_id in messages]
    claims: list[tuple[float, str]] = []  # when the claim was asked for, and whom it took
    opted_out: dict[str, float] = {}  # when the opt-out had been committed
    gate = threading.Barrier(7)

    def send(message_id: int) -> None:
        gate.wait()
        while True:
            asked = monotonic()
            taken = ledger.claim(db, message_id, START, 5)
            if not taken:
                return
            claims.extend((asked, one.phone) for one in taken)

    def opt_out() -> None:
        gate.wait()
        for n, phone in enumerate(phones[::3]):
            inbound.take(db, Reply(1, f"k{n}", phone, "+14155550100", "Stop"), START)
            opted_out[phone] = monotonic()

    threads = [threading.Thread(target=send, args=(ids[n % 3],)) for n in range(6)]
    threads.append(threading.Thread(target=opt_out))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    late = [(phone, asked) for asked, phone in claims if asked > opted_out.get(phone, float("inf"))]
    assert late == []
    skipped = [
        row
        for message_id in ids
        for row in ledger.rows(db, message_id).values()
        if row.state is State.SKIPPED
    ]
    assert {row.phone for row in skipped} <= set(opted_out)
    assert all(row.reason == "opted_out" for row in skipped)
    assert len(claims) + len(skipped) == 3 * len(phones)
    ledger.check_tallies(db)
