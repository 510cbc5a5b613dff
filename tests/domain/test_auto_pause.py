from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auto_pause import ENOUGH, LOOKED_AT, Latest, Thresholds, latest_of, reason_to_pause

USUAL = Thresholds(failed=0.2, filtered=0.1, opted_out=0.05)


@pytest.mark.parametrize(
    ("latest", "words"),
    [
        (Latest(200, 0, 0, 0), None),
        (Latest(200, 40, 20, 10), None),  # at the thresholds, not above
        (Latest(200, 41, 0, 0), "failed"),
        (Latest(200, 21, 21, 0), "filtered by carriers"),
        (Latest(200, 0, 0, 11), "opt-out"),
        (Latest(ENOUGH - 1, 49, 49, 49), None),  # too few to tell
        (Latest(ENOUGH, 11, 0, 0), "failed"),
    ],
)
def test_it_pauses_above_a_threshold_and_says_why(latest: Latest, words: str | None) -> None:
    reason = reason_to_pause(latest, USUAL)
    assert (reason is None) if words is None else (reason is not None and words in reason)


def test_the_words_name_both_numbers() -> None:
    assert reason_to_pause(Latest(200, 60, 0, 0), USUAL) == (
        "Paused by itself: 60 of the last 200 texts failed, more than the 20 % that your workspace allows."
    )


def test_a_threshold_is_named_as_it_was_chosen() -> None:
    reason = reason_to_pause(Latest(200, 0, 0, 6), Thresholds(opted_out=0.025))
    assert reason is not None
    assert "6 of the last 200 texts led to an opt-out, more than the 2.5 % that" in reason


def test_a_threshold_of_all_is_off() -> None:
    off = Thresholds(failed=1, filtered=1, opted_out=1)
    assert reason_to_pause(Latest(200, 200, 200, 200), off) is None


def test_only_the_latest_deliveries_count() -> None:
    marks = deque([Latest()])
    assert latest_of(marks, Latest(100, 90)) == Latest(100, 90)
    assert latest_of(marks, Latest(300, 95)) == Latest(200, 5)
    assert latest_of(marks, Latest(350, 95)) == Latest(250, 5)
    assert latest_of(marks, Latest(600, 100)) == Latest(250, 5)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_the_looked_at_are_the_fewest_that_are_enough(steps: list[int]) -> None:
    marks, total, totals = deque([Latest()]), 0, [0]
    for step in steps:
        total += step
        looked_at = latest_of(marks, Latest(total)).finished
        known = [total - earlier for earlier in totals]
        assert looked_at == min((n for n in known if n >= LOOKED_AT), default=total)
        totals.append(total)
    assert len(marks) <= LOOKED_AT + 2
