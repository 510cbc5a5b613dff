"""Contacts, the people behind a number, replies, forms and the data directory."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.deliveries import State
from domain.keywords import Kind
from domain.phones import BadNumber
from storage import campaigns, contacts, inbound, workspace
from storage.contacts import Added, Entry, ListNameTaken, ListNotFound
from storage.data_dir import DataDir, DataDirInUse, DataDirUnusable, KeyExposed
from storage.database import Database
from storage.inbound import Reply
from storage.people import people as behind
from storage.tables import Contact, ContactList, Inbound, Suppression, User
from storage.workspace import NobodySignedIn
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def contact(db: Database, phone: str) -> Contact:
    with db.read() as session:
        return session.scalars(select(Contact).where(col(Contact.phone) == phone)).one()


def test_every_bad_row_is_reported_and_the_rest_goes_in(db: Database, actor: Actor) -> None:
    list_id = contacts.create_list(db, actor, "Leads", NOW)
    entries = [
        Entry("(212) 555-0100", "Ana\x00\ud800", fields={"city": "Oslo"}),
        Entry("12"),
        Entry("+442079460000", timezone="Mars/Olympus"),
        Entry("+12125550100", "Anna"),
        Entry("+442079460001", timezone="Europe/London"),
        Entry(""),
    ]
    added = contacts.add(db, actor, list_id, entries, NOW)
    assert (added.added, added.updated) == (2, 0)
    assert [bad.index for bad in added.invalid] == [1, 2, 5]
    assert all(bad.reason for bad in added.invalid)
    assert contact(db, "+12125550100").first_name == "Anna"
    assert contact(db, "+12125550100").number_zone == "America/New_York"
    with db.read() as session:
        assert session.get_one(ContactList, list_id).size == 2
    assert contacts.add(db, actor, list_id, [], NOW) == Added(0, 0, ())


def test_who_is_known_is_updated_and_never_emptied(db: Database, actor: Actor) -> None:
    first = contacts.create_list(db, actor, "Leads", NOW)
    second = contacts.create_list(db, actor, "Buyers", NOW)
    known = Entry("+12125550100", "Ana", "Silva", "ana@example.com", "Europe/Lisbon", {"city": "Porto"})
    contacts.add(db, actor, first, [known], NOW)
    added = contacts.add(db, actor, second, [Entry("+12125550100", last_name="Costa")], NOW)
    assert (added.added, added.updated) == (1, 0)
    assert contacts.add(db, actor, first, [Entry("+1 212 555 0100")], NOW).updated == 1
    row = contact(db, "+12125550100")
    assert (row.first_name, row.last_name, row.email) == ("Ana", "Costa", "ana@example.com")
    assert (row.timezone, row.fields) == ("Europe/Lisbon", {"city": "Porto"})


def test_lists_have_names_of_their_own_and_must_exist(db: Database, actor: Actor) -> None:
    contacts.create_list(db, actor, "Leads", NOW)
    with pytest.raises(ListNameTaken):
        contacts.create_list(db, actor, "Leads", NOW)
    with pytest.raises(ListNotFound):
        contacts.add(db, actor, 99, [Entry("+12125550100")], NOW)
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    with pytest.raises(RoleForbids):
        contacts.add(db, viewer, 1, [], NOW)
    with pytest.raises(RoleForbids):
        contacts.suppress(db, viewer, "+12125550100", "x", "team", NOW)


def test_a_suppression_keeps_its_first_reason(db: Database, actor: Actor) -> None:
    contacts.suppress(db, actor, "(212) 555-0100", "Asked by phone", "team", NOW)
    contacts.suppress(db, actor, "+12125550100", "Again", "import", NOW)
    with db.read() as session:
        assert session.get_one(Suppression, "+12125550100").reason == "Asked by phone"
    assert [entry[0] for entry in ledger.audit(db)] == ["suppress"]
    with pytest.raises(BadNumber):
        contacts.suppress(db, actor, "nobody", "x", "team", NOW)


def people(db: Database, actor: Actor) -> int:
    line_id = arrange.line(db, NOW)
    list_id = contacts.create_list(db, actor, "Leads", NOW)
    names = [
        ("Zoë", "Okafor"),
        ("Éric", "Ward"),
        ("Ana", "O'Neil"),
        ("100%", "Sure"),
        ("Kim", "Chen"),
        ("", ""),
    ]
    entries = [Entry(f"+1212555010{n}", first, last) for n, (first, last) in enumerate(names)]
    contacts.add(db, actor, list_id, entries, NOW)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    return ledger.message_ids(db, campaign_id)[0]


@pytest.mark.parametrize(
    ("search", "endings"),
    [
        ("", "012345"),
        ("zoë", "0"),
        ("ZOË", "0"),
        ("éric", "1"),
        ("Éric ward", "1"),
        ("ward eric", ""),
        ("okafor zoë", "0"),
        ("o'neil", "2"),
        ("%", "3"),
        ("_", ""),
        ("0104", "4"),
        ("212 555 0104", "4"),
        ("+1 (212) 555-0104", "4"),
        ("kim 0104", "4"),
        ("kim 0101", ""),
        ("\x00kim", "4"),
    ],
)
def test_people_are_found_by_name_and_number(db: Database, actor: Actor, search: str, endings: str) -> None:
    message_id = people(db, actor)
    rows = behind(db, message_id, search=search).rows
    assert "".join(row.phone[-1] for row in rows) == endings


@pytest.mark.parametrize("limit", [1, 2, 4, 6, 50, 0, 9_999])
def test_the_pages_cover_everybody_once(db: Database, actor: Actor, limit: int) -> None:
    message_id = people(db, actor)
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = behind(db, message_id, after=after, limit=limit)
        assert len(page.rows) <= max(1, limit)
        seen += [row.phone for row in page.rows]
        after = page.next
    assert sorted(seen) == [f"+1212555010{n}" for n in range(6)]


def test_people_are_listed_by_state_and_code(db: Database, actor: Actor) -> None:
    message_id = people(db, actor)
    ledger.send(db, message_id, START, 2)
    assert len(behind(db, message_id, states=[State.SENT]).rows) == 2
    assert len(behind(db, message_id, states=[State.QUEUED, State.SENT]).rows) == 6
    assert behind(db, message_id, states=[State.SENT], code="e1").rows == ()


def reply(text: str, key: str, phone: str = "+12125550100") -> Reply:
    return Reply(1, key, phone, "+14155550100", text)


def test_a_stop_is_heard_once_and_a_start_undoes_it(db: Database, actor: Actor) -> None:
    arrange.line(db, NOW)

    def suppressed() -> bool:
        with db.read() as session:
            return session.get(Suppression, "+12125550100") is not None

    assert inbound.take(db, reply("Stop.", "1"), NOW) is Kind.STOP
    assert suppressed()
    assert inbound.take(db, reply("start", "2"), NOW) is Kind.START
    assert not suppressed()
    assert inbound.take(db, reply("Stop.", "1"), NOW) is Kind.STOP  # the carrier repeats itself
    assert not suppressed()
    assert inbound.take(db, reply("please stop this bill", "3"), NOW) is Kind.REPLY
    assert not suppressed()
    contacts.suppress(db, actor, "+12125550100", "Asked by phone", "team", NOW)
    inbound.take(db, reply("STOP", "4"), NOW)
    inbound.take(db, reply("START", "5"), NOW)
    assert suppressed()  # what a person of the team did stays
    with db.read() as session:
        kinds = session.scalars(select(col(Inbound.kind)).order_by(col(Inbound.id))).all()
    assert kinds == ["stop", "start", "reply", "stop", "start"]


def test_a_stop_in_the_middle_of_a_campaign_holds_from_the_next_claim_on(db: Database, actor: Actor) -> None:
    message_id = people(db, actor)
    ledger.claim(db, message_id, START, 2)
    inbound.take(db, reply("arrêt", "1", "+12125550104"), NOW)
    assert "+12125550104" not in {one.phone for one in ledger.claim(db, message_id, START)}
    assert ledger.states(db, message_id)["+12125550104"] is State.SKIPPED


def test_an_unsaved_form_is_kept_for_each_person(db: Database, actor: Actor) -> None:
    other = arrange.person(db, NOW, "Bo Lind")
    assert workspace.kept_form(db, actor, "campaign") == {}
    workspace.keep_form(db, actor, "campaign", {"name": "Spr"}, NOW)
    workspace.keep_form(db, actor, "campaign", {"name": "Spring\x00\ud800", "line": None}, NOW)
    workspace.keep_form(db, other, "campaign", {"name": "Other"}, NOW)
    assert workspace.kept_form(db, actor, "campaign")["line"] is None
    workspace.drop_form(db, actor, "campaign")
    workspace.drop_form(db, actor, "campaign")
    assert workspace.kept_form(db, actor, "campaign") == {}
    assert workspace.kept_form(db, other, "campaign") == {"name": "Other"}


def test_the_choices_are_those_of_today(db: Database, actor: Actor) -> None:
    arrange.person(db, NOW, "Bo Lind")
    arrange.line(db, NOW, label="Support")
    arrange.contact_list(db, actor, NOW, arrange.numbers(3))
    with db.write() as session:
        session.execute(update(User).where(col(User.name) == "Bo Lind").values(active=False))
    choices = workspace.choices(db)
    assert [(line.label, line.note) for line in choices.lines] == [("Support", "+14155550100")]
    assert [(item.label, item.note) for item in choices.lists] == [("Spring leads", "3")]
    assert [owner.label for owner in choices.owners] == ["Ada Park"]
    assert not workspace.has_campaigns(db)
    assert workspace.actor(db, "ada.park@example.com").role is Role.ADMIN
    for gone in ("bo.lind@example.com", "nobody@example.com"):
        with pytest.raises(NobodySignedIn):
            workspace.actor(db, gone)


def test_a_data_directory_is_for_one_process(tmp_path: Path) -> None:
    mine = DataDir(tmp_path / "data")
    mine.lock()
    code = (
        "import sys; from pathlib import Path; from storage.data_dir import DataDir\n"
        "try: DataDir(Path(sys.argv[1])).lock()\nexcept Exception as e: print(type(e).__name__)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert said.stdout.strip() == "DataDirInUse"
    with pytest.raises(DataDirInUse, match="SMS_DATA_DIR"):
        DataDir(tmp_path / "data").lock()


def test_the_key_is_made_once_and_only_we_can_read_it(tmp_path: Path) -> None:
    folder = DataDir(tmp_path / "data")
    key = folder.secret()
    path = tmp_path / "data" / "secret.key"
    assert len(key) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert folder.secret() == DataDir(tmp_path / "data").secret() == key
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret.key"]
    path.chmod(0o640)
    with pytest.raises(KeyExposed, match="chmod 600"):
        folder.secret()


def test_an_empty_key_is_no_key(tmp_path: Path) -> None:
    folder = DataDir(tmp_path / "data")
    (tmp_path / "data" / "secret.key").touch(0o600)
    with pytest.raises(DataDirUnusable):
        folder.secret()


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DataDirUnusable):
        DataDir(tmp_path / "data" / "deeper")
