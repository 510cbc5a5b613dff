import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deliveries import State
from domain.tallies import ORDER, PROBLEMS_FIRST, Tally, number, percent, summary


def test_every_state_has_its_place_in_the_bar_and_in_the_words() -> None:
    assert set(ORDER) == set(State)
    assert {*PROBLEMS_FIRST, State.DELIVERED} == set(State)


def test_the_summary_says_what_was_delivered_then_what_was_not() -> None:
    counts = {State.DELIVERED: 1012, State.QUEUED: 112, State.FAILED: 38}
    assert summary(counts) == "1,012 of 1,162 delivered, 87.1 %. 38 failed, 112 queued."


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "Not started."),
        ({State.DELIVERED: 0}, "Not started."),
        ({State.DELIVERED: 3}, "3 of 3 delivered, 100 %."),
        ({State.QUEUED: 5}, "0 of 5 delivered, 0 %. 5 queued."),
        ({State.UNKNOWN: 1, State.DELIVERED: 1}, "1 of 2 delivered, 50.0 %. 1 unconfirmed."),
        ({State.DELIVERED: 999_999, State.FAILED: 1}, "999,999 of 1,000,000 delivered, >99.9 %. 1 failed."),
    ],
)
def test_the_summary_of(counts: dict[State, int], words: str) -> None:
    assert summary(counts) == words


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "0 %"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (1, 1_000_000, "<0.1 %"),
        (999_999, 1_000_000, ">99.9 %"),
        (9995, 10_000, ">99.9 %"),
        (9994, 10_000, "99.9 %"),
        (5, 10_000, "0.1 %"),
        (4, 10_000, "<0.1 %"),
        (936, 1000, "93.6 %"),
        (1, 2, "50.0 %"),
    ],
)
def test_percent_of(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_a_percentage_never_claims_all_or_nothing_falsely(part: int, rest: int) -> None:
    assert percent(part, part + rest) not in {"0 %", "0.0 %", "100 %", "100.0 %"}


def test_tallies_add_up() -> None:
    both = Tally({State.SENT: 1, State.FAILED: 2}) + Tally({State.SENT: 4})
    assert both.counts == {State.SENT: 5, State.FAILED: 2}
    assert both.total == 7


def test_rows_leave_out_empty_states_and_keep_the_bars_order() -> None:
    tally = Tally({State.FAILED: 1, State.SENT: 0, State.DELIVERED: 3})
    assert [(row.label, row.count, row.share) for row in tally.rows()] == [
        ("Delivered", 3, "75.0 %"),
        ("Failed", 1, "25.0 %"),
    ]


def test_numbers_are_grouped() -> None:
    assert number(12408) == "12,408"
