"""The SMS tab's server side with 10,000 campaigns: a page, a sort, a search; against a plain SELECT."""

from sqlalchemy import text

from bench.measure import Figure, interleaved, table
from bench.workspaces import NOW, with_campaigns
from storage import grid
from storage.grid import Query

CAMPAIGNS = 10_000


def run() -> str:
    """Measure, and give the table."""
    db = with_campaigns(CAMPAIGNS)
    queries = {
        "first page": Query(),
        "last page": Query(page=400),
        "sort by name": Query(sort="name", descending=False),
        "sort by creator": Query(sort="created_by"),
        "sort by status": Query(sort="status"),
        "search “café 9”": Query(search="café 9"),
        "filter by status and line": Query(statuses=("running", "archived"), line_id=2),
    }

    def plain() -> None:
        with db.read() as session:
            session.execute(
                text("SELECT * FROM campaign WHERE archived = 0 ORDER BY start_at DESC, id DESC LIMIT 25")
            ).all()

    calls = {name: (lambda query=query: grid.page(db, query, NOW)) for name, query in queries.items()}
    medians = interleaved({"plain": plain, **calls}, rounds=15)
    base = medians["plain"]
    figures = [Figure(name, medians[name], medians[name] / base) for name in queries]
    db.close()
    baseline = f"a plain SELECT of the first 25 rows, {base:.2f} ms"
    return table(f"SMS tab with {CAMPAIGNS:,} campaigns (server time of the rows)", baseline, figures)
