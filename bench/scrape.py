"""What /metrics reads at 1,000,000 deliveries and at 10,000 campaigns against a small workspace."""

from bench.measure import Figure, interleaved, table
from bench.workspaces import NOW, seeded, with_campaigns, with_deliveries
from storage import measures
from storage.database import Database

DELIVERIES = 1_000_000
CAMPAIGNS = 10_000


def run() -> str:
    """Measure, and give the table."""
    small, (large, _ids), many = seeded("scrape"), with_deliveries((DELIVERIES,)), with_campaigns(CAMPAIGNS)
    dbs: dict[str, Database] = {
        "the demo": small,
        f"{DELIVERIES:,} deliveries": large,
        f"{CAMPAIGNS:,} campaigns": many,
    }
    calls = {name: (lambda db=db: measures.read(db, NOW)) for name, db in dbs.items()}
    medians = interleaved(calls, rounds=15)
    base = medians["the demo"]
    figures = [Figure(name, medians[name], medians[name] / base) for name in list(dbs)[1:]]
    for db in dbs.values():
        db.close()
    return table("A scrape of /metrics (server time of its figures)", f"the demo's, {base:.2f} ms", figures)
