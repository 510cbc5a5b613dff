"""The circuit breaker: when a carrier is left alone, for how long, and what counts as its trouble."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import circuit
from domain.circuit import Calls, Mode, Word
from domain.outcomes import Outcome, Proof

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FINE, BAD = Outcome(Proof.ACCEPTED, "c"), Outcome(Proof.NOT_SENT)
GARBLED = Outcome(Proof.AMBIGUOUS, garbled=True)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(Proof.ACCEPTED), Word.FINE),
        (Outcome(Proof.REFUSED), Word.FINE),
        (Outcome(Proof.NOT_SENT), Word.TROUBLE),
        (Outcome(Proof.AMBIGUOUS), Word.TROUBLE),
        (Outcome(Proof.AMBIGUOUS, garbled=True), Word.NOTHING),
        (Outcome(Proof.TOO_FAST), Word.NOTHING),
        (Outcome(Proof.LINE_BLOCKED), Word.NOTHING),
    ],
)
def test_what_an_outcome_says_about_the_carrier(outcome: Outcome, expected: Word) -> None:
    assert circuit.word(outcome) is expected
    assert circuit.failed(outcome) == (expected is Word.TROUBLE)


def after(outcomes: list[tuple[float, Outcome]]) -> Calls:
    calls = Calls()
    for at, outcome in outcomes:
        calls = circuit.noted(calls, outcome, at)
    return calls


def test_ten_failures_within_half_a_minute_open_it_among_any_number_that_are_fine() -> None:
    mixed = [(place * 0.03, BAD if place % 100 == 0 else FINE) for place in range(1000)]
    assert circuit.must_open(after(mixed), 30.0)
    assert not circuit.must_open(after(mixed[:900]), 27.0)
    assert not circuit.must_open(after(mixed), 30.1)


def test_half_of_the_last_twenty_open_it_however_slow_they_come() -> None:
    slow = [(place * 60.0, BAD if place % 2 else FINE) for place in range(21)]
    assert circuit.must_open(after(slow), 21 * 60.0)
    fewer = [(place * 60.0, BAD if place % 3 == 0 else FINE) for place in range(40)]
    assert not circuit.must_open(after(fewer), 40 * 60.0)


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from([FINE, BAD, GARBLED]))))
def test_it_opens_exactly_as_the_rule_says(steps: list[tuple[float, Outcome]]) -> None:
    calls, at, failures, weighed = Calls(), 0.0, [], []
    for gap, outcome in steps:
        at += gap
        calls = circuit.noted(calls, outcome, at)
        if not outcome.garbled:
            weighed.append(outcome is BAD)
            failures += [at] if outcome is BAD else []
        lately = sum(1 for failure in failures if at - failure <= 30)
        assert circuit.must_open(calls, at) == (lately >= 10 or sum(weighed[-20:]) >= 10)


def test_three_answers_in_a_row_that_nobody_understands_are_an_alarm() -> None:
    assert circuit.is_garbled(after([(0, GARBLED)] * 3))
    assert not circuit.is_garbled(after([(0, GARBLED)] * 2))
    assert not circuit.is_garbled(after([(0, GARBLED), (0, GARBLED), (0, FINE), (0, GARBLED)]))
    assert circuit.noted(Calls(), FINE, 1.0) is not None


def test_calls_that_are_all_fine_leave_nothing_to_remember() -> None:
    calls = Calls()
    assert circuit.noted(calls, FINE, 1.0) is calls


def test_each_failed_probe_doubles_the_rest_up_to_ten_minutes() -> None:
    rests = [circuit.rest(trips).total_seconds() for trips in range(1, 9)]
    assert rests == [30, 60, 120, 240, 480, 600, 600, 600]
    assert circuit.rest(10_000) == timedelta(minutes=10)


def test_after_its_rest_it_is_half_open() -> None:
    assert circuit.mode(None, NOW) is Mode.CLOSED
    assert circuit.mode(NOW + timedelta(seconds=1), NOW) is Mode.OPEN
    assert circuit.mode(NOW, NOW) is Mode.HALF_OPEN
