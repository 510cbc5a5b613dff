"""The contacts' table with 1,000,000 contacts on SQLite and PostgreSQL, against a plain SELECT of a page."""

from random import Random
from typing import Any

from sqlalchemy import insert, text

from bench.measure import Figure, interleaved, table
from bench.workspaces import NOW, completed, delivery, seeded, sent_message
from storage import contact_grid
from storage.contact_grid import Query
from storage.contacts import keys
from storage.database import Database
from storage.tables import AudienceMember, Contact, ContactList, Delivery, Membership, Suppression

PEOPLE = 1_000_000
FIRST = ("Maya", "Liam", "Noor", "Ana", "Kofi", "Ines", "Jun", "Priya", "Omar", "Lena", "Zoë", "Ruth")
LAST = ("Okafor", "Silva", "Chen", "Novak", "Haddad", "Kim", "Rossi", "Meyer", "Patel", "Diaz", "Larsen")
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
CAMPAIGN = 5000
AUDIENCE = 200_000
QUERIES = {
    "first page by name": Query(),
    "last page by name": Query(page=10**9),
    "newest first": Query(sort="added", descending=True),
    "search “maya ok”": Query(search="maya ok"),
    "search “m” (most common)": Query(search="m"),
    "search “larsen zoe”": Query(search="larsen zoe"),
    "search “maya 646 12”": Query(search="maya 646 12"),
    "search for nobody": Query(search="xerxes unheard of"),
    "search a whole number": Query(search="(646) 400-0123"),
    "search an e-mail address": Query(search="noor.kim.77777@"),
    "list of 1,000,000 by name": Query(list_id=1000),
    "list of 1,000,000, last page": Query(list_id=1000, page=10**9),
    "list of 50 by name": Query(list_id=1001),
    "suppressed": Query(standing="suppressed"),
    "invalid": Query(standing="invalid"),
    "time zone of 250,000": Query(timezone="America/Denver"),
    "time zone of 250,000, page 300": Query(timezone="America/Denver", page=300),
    "time zone without anybody": Query(timezone="Asia/Tokyo"),
    "opt-in on record (a third)": Query(consent="given"),
    "no opt-in on record": Query(consent="none"),
    "a field with a value (a quarter)": Query(field="plan", value="gold"),
    "a field that nobody has": Query(field="shoe size"),
    "took part in a campaign of 200,000": Query(campaign_id=CAMPAIGN),
    "got a message of it": Query(campaign_id=CAMPAIGN, outcome="delivered"),
    "got no message of it": Query(campaign_id=CAMPAIGN, outcome="not_delivered"),
    "replied to it": Query(campaign_id=CAMPAIGN, outcome="replied"),
    "search, list and zone": Query(search="maya", list_id=1000, timezone="America/Denver"),
}


def run() -> str:
    """Measure on SQLite, and give the table."""
    db = seeded("contacts")
    fill(db)
    fill_more(db)
    made = measure(db, "SQLite")
    db.close()
    return made


def measure(db: Database, name: str) -> str:
    """The table of one database."""

    def plain() -> None:
        with db.read() as session:
            session.execute(text("SELECT * FROM contact ORDER BY name_key, id LIMIT 25")).all()

    calls = {what: (lambda query=query: contact_grid.page(db, query)) for what, query in QUERIES.items()}
    medians = interleaved({"plain": plain, **calls}, rounds=7)
    base = medians["plain"]
    figures = [Figure(what, medians[what], medians[what] / base) for what in QUERIES]
    baseline = f"a plain SELECT of the first 25 rows, {base:.2f} ms"
    return table(
        f"Contacts page with {PEOPLE:,} contacts on {name} (server time of the rows)", baseline, figures
    )


def fill(db: Database, people: int = PEOPLE) -> None:
    """A million people, all on one list, fifty on another, and a thousand suppressed."""
    random = Random(4)  # noqa: S311
    with db.write() as session:
        session.add(ContactList(id=1000, name="Everyone", size=people, created_at=NOW))
        session.add(ContactList(id=1001, name="Fifty", size=50, created_at=NOW))
    for start in range(0, people, 20_000):
        rows = [_contact(n, random) for n in range(start, min(people, start + 20_000))]
        with db.write() as session:
            connection = session.connection()
            connection.execute(insert(Contact), rows)
            connection.execute(
                insert(Membership), [{"list_id": 1000, "contact_id": row["id"]} for row in rows]
            )
    with db.write() as session:
        connection = session.connection()
        fifty = [{"list_id": 1001, "contact_id": 1_000_000 + n * 17} for n in range(50)]
        connection.execute(insert(Membership), fifty)
        off = [_phone(n * 31) for n in range(1_000)]
        rows = [{"phone": p, "reason": "STOP", "source": "bench", "created_at": NOW} for p in off]
        connection.execute(insert(Suppression), rows)
        connection.execute(text("ANALYZE"))


def fill_more(db: Database, people: int = PEOPLE) -> None:
    """Opt-ins of every third person, a field of every fourth, and a campaign that went to many."""
    with db.write() as session:
        connection = session.connection()
        for statement in (
            "INSERT INTO consent (phone, given_at, source, wording, address, entered_by, entered_by_id, via, "
            "created_at) SELECT phone, created_at, 'shop.example', '', '', 'Ada', 1, 'import', created_at "
            "FROM contact WHERE id % 3 = 0",
            """UPDATE contact SET fields = '{"plan": "gold"}' WHERE id % 4 = 0""",
        ):
            connection.execute(text(statement))
        session.add(completed(CAMPAIGN, AUDIENCE))
        session.flush()
        session.add(sent_message(CAMPAIGN))
        session.flush()
        numbers = range(1_000_000, 1_000_000 + min(AUDIENCE, people))
        for start in range(0, len(numbers), 20_000):
            chunk = [(number, _phone(number - 1_000_000)) for number in numbers[start : start + 20_000]]
            members = [{"campaign_id": CAMPAIGN, "contact_id": who, "phone": phone} for who, phone in chunk]
            connection.execute(insert(AudienceMember), members)
            rows = [delivery(CAMPAIGN, who) | {"contact_id": who, "phone": phone} for who, phone in chunk]
            connection.execute(insert(Delivery), rows)
        connection.execute(text("ANALYZE"))


def _contact(number: int, random: Random) -> dict[str, Any]:
    first, last = random.choice(FIRST), f"{random.choice(LAST)} {random.randint(1000, 9999)}"
    email = f"{first}.{last.split()[0]}.{number}@example.com".lower()
    return {
        "id": 1_000_000 + number,
        "phone": _phone(number),
        "first_name": first,
        "last_name": last,
        "email": email,
        "number_zone": ZONES[number % 4],
        "fields": {},
        "created_at": NOW,
        "invalid_reason": "landline" if number % 1000 == 3 else None,
        **keys(first, last, email),
    }


def _phone(number: int) -> str:
    shuffled = number * 7_919 % 10_000_000  # in no order, as a real file is
    return f"+1{646 + number // 10_000_000}{shuffled:07d}"


if __name__ == "__main__":
    print(run())
