"""Opening the results page of 1,000,000 deliveries against one of 100: the tallies make it the same."""

from sqlalchemy import text

from bench.measure import Figure, interleaved, table
from bench.workspaces import NOW, with_deliveries
from domain.deliveries import State
from storage import people, results

SMALL, LARGE = 100, 1_000_000


def run() -> str:
    """Measure, and give the table."""
    db, ids = with_deliveries((SMALL, LARGE))

    def counted() -> None:
        query = "SELECT state, count(*) FROM delivery WHERE message_id = :message GROUP BY state"
        with db.read() as session:
            session.execute(text(query), {"message": ids[LARGE]}).all()

    calls = {
        "small": lambda: results.overview(db, ids[SMALL], NOW),
        "large": lambda: results.overview(db, ids[LARGE], NOW),
        "people": lambda: people.people(db, ids[LARGE], states=(State.FAILED,)),
        "people, far": lambda: people.people(db, ids[LARGE], states=(State.DELIVERED,), after=900_000),
        "counted": counted,
    }
    medians = interleaved(calls)
    base = medians["small"]
    figures = [
        Figure(f"results of {LARGE:,} deliveries", medians["large"], medians["large"] / base),
        Figure("first page of the failed people", medians["people"], medians["people"] / base),
        Figure("a page of people far behind", medians["people, far"], medians["people, far"] / base),
        Figure("counting the deliveries instead", medians["counted"], medians["counted"] / base, "not done"),
    ]
    db.close()
    return table(
        "Results page (server time of its data)", f"results of {SMALL} deliveries, {base:.2f} ms", figures
    )
