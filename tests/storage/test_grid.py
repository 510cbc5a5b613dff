"""The SMS tab's table: search, filters, sorting and pages."""

from datetime import timedelta

import pytest

from domain.access import Actor, Role
from domain.deliveries import State
from domain.details import Details
from storage import campaigns, grid
from storage.database import Database
from storage.grid import Query
from tests import arrange, ledger
from tests.conftest import NOW

NAMES = ["Alpha", "beta 100%", "Gamma_x", "delta", "Epsilon ÉTÉ"]


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def shown(db: Database, actor: Actor) -> list[int]:
    """Five campaigns by two people on two lines and two lists; the last two have no start."""
    other = arrange.person(db, NOW, "bo lind", Role.MANAGER)
    lines = [arrange.line(db, NOW, label=label) for label in ("Main", "Support")]
    lists = [
        arrange.contact_list(db, actor, NOW, arrange.numbers(3), name) for name in ("vips", "All people")
    ]
    made = []
    for place, name in enumerate(NAMES):
        who = (actor, other)[place % 2]
        line_id, list_id = lines[place % 2], lists[place // 3]
        if place < 3:
            start = NOW + timedelta(days=place + 1)
            texts = ["Hello"] * (place + 1)
            made.append(arrange.draft(db, who, NOW, line_id, list_id, name=name, texts=texts, first=start))
        else:
            form = Details(name, "sms", line_id, list_id, who.user_id, acknowledged=True)
            made.append(campaigns.create(db, who, form, "UTC", NOW))
    campaigns.schedule(db, actor, made[0], NOW)
    campaigns.archive(db, actor, made[1], NOW)
    return made


EVERY = ("draft", "scheduled", "archived")


def found(db: Database, query: Query) -> list[str]:
    return [row.name for row in grid.page(db, query, NOW).rows]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", NAMES),
        ("ALPHA", ["Alpha"]),
        ("%", ["beta 100%"]),
        ("_", ["Gamma_x"]),
        ("été", ["Epsilon ÉTÉ"]),
        ("100 beta", ["beta 100%"]),
        ("  a  ", ["Alpha", "beta 100%", "Gamma_x", "delta"]),
        ("nothing", []),
        ("\\", []),
        ("'; DROP TABLE campaign; --", []),
        ("\x00alpha\ud800", ["Alpha"]),
    ],
)
def test_the_search_finds_words_of_the_name(
    db: Database, shown: list[int], search: str, names: list[str]
) -> None:
    assert sorted(found(db, Query(search=search, statuses=EVERY))) == sorted(names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query(), ["Alpha", "Gamma_x", "delta", "Epsilon ÉTÉ"]),
        (Query(statuses=("archived",)), ["beta 100%"]),
        (Query(statuses=("draft",)), ["Gamma_x", "delta", "Epsilon ÉTÉ"]),
        (Query(statuses=("scheduled", "archived")), ["Alpha", "beta 100%"]),
        (Query(statuses=("running",)), []),
        (Query(statuses=("nonsense",)), []),
        (Query(statuses=EVERY, line_id=2), ["beta 100%", "delta"]),
        (Query(statuses=EVERY, line_id=99), []),
        (Query(statuses=EVERY, start_from=NOW + timedelta(days=2)), ["beta 100%", "Gamma_x"]),
        (Query(statuses=EVERY, start_before=NOW + timedelta(days=2)), ["Alpha"]),
        (
            Query(
                statuses=EVERY,
                start_from=NOW + timedelta(days=2),
                start_before=NOW + timedelta(days=3),
                line_id=2,
                search="beta",
            ),
            ["beta 100%"],
        ),
    ],
)
def test_the_filters_narrow_what_is_shown(
    db: Database, shown: list[int], query: Query, names: list[str]
) -> None:
    assert sorted(found(db, query)) == sorted(names)
    assert grid.page(db, query, NOW).total == len(names)


ORDER: dict[grid.Column, list[list[int]]] = {
    "status": [[2], [3, 4, 5], [1]],
    "name": [[1], [2], [4], [5], [3]],
    "start": [[1], [2], [3]],
    "created_by": [[1, 3, 5], [2, 4]],
    "messages": [[4, 5], [1], [2], [3]],
    "list": [[4, 5], [1, 2, 3]],
}
"""Ids in ascending order; those in one bracket tie, and then the older comes first."""


@pytest.mark.parametrize("column", ORDER)
@pytest.mark.parametrize("descending", [False, True])
def test_every_header_sorts_both_ways_with_ties_in_order(
    db: Database, shown: list[int], column: grid.Column, descending: bool
) -> None:
    query = Query(statuses=EVERY, sort=column, descending=descending)
    ids = [row.id for row in grid.page(db, query, NOW).rows]
    ascending = [number for tied in ORDER[column] for number in tied]
    expected = ascending[::-1] if descending else ascending
    if column == "start":  # those without a start come last, whichever way
        expected += [5, 4] if descending else [4, 5]
    assert ids == expected
    paged = [
        row.id
        for number in (1, 2, 3)
        for row in grid.page(
            db, Query(statuses=EVERY, sort=column, descending=descending, page=number, size=2), NOW
        ).rows
    ]
    assert paged == ids


@pytest.mark.parametrize(
    ("page", "size", "number", "count"),
    [
        (1, 2, 1, 2),
        (2, 2, 2, 2),
        (9, 2, 2, 2),
        (0, 2, 1, 2),
        (-3, 3, 1, 3),
        (2, 3, 2, 1),
        (1, 0, 1, 1),
    ],
)
def test_a_page_past_the_end_is_the_last_one(
    db: Database, shown: list[int], page: int, size: int, number: int, count: int
) -> None:
    made = grid.page(db, Query(page=page, size=size), NOW)
    assert (made.page, len(made.rows), made.total) == (number, count, 4)


def test_an_empty_grid_has_one_empty_page(db: Database) -> None:
    assert grid.page(db, Query(page=3), NOW) == grid.Page((), 0, 1)


def test_a_running_campaign_shows_the_sum_of_its_messages(db: Database, actor: Actor) -> None:
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(5), texts=("One", "Two"))
    first, _second = ledger.message_ids(db, campaign_id)
    start = ledger.start_of(NOW)
    ledger.send(db, first, start, 2)
    assert grid.rows_of(db, [campaign_id], start)[0].tally == {State.SENT: 2, State.QUEUED: 3}
    ledger.send(db, first, start)
    ledger.beat(db, start + timedelta(hours=1))
    assert grid.rows_of(db, [campaign_id, 999], start)[0].tally == {State.SENT: 5, State.QUEUED: 5}
    campaigns.stop(db, actor, campaign_id, start)
    assert grid.rows_of(db, [campaign_id], start)[0].tally == {}
