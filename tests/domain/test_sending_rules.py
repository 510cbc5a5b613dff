"""The small rules of sending: the ladder, proofs, pacing, schedules, messages."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import times
from domain.campaigns import Status
from domain.deliveries import BESIDE, FINAL, LABELS, MEANINGS, RANK, State, may_replace, may_replace_late
from domain.messages import BEGUN, ENDED, UNBEGUN, UNDECIDED, MessageState, may_edit_content, may_move
from domain.outcomes import MAX_ATTEMPTS, Outcome, Proof, backoff, next_state
from domain.pacing import BURST_SECONDS, recovering, reserve, slower
from domain.schedules import (
    MINUTE,
    Planned,
    TooEarly,
    check_sequence,
    claim_size,
    earliest_after,
    lasting,
    next_minute,
    utc,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
states = st.sampled_from(State)
PROVES_SENT = {State.SENT, State.DELIVERED, State.UNDELIVERED}


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_a_word_of_the_carrier_only_leads_up(old: State, new: State) -> None:
    if old in BESIDE:
        assert may_replace(old, new) == (new in PROVES_SENT)
    elif new in BESIDE or old is new:
        assert not may_replace(old, new)
    elif new is State.DELIVERED:
        assert may_replace(old, new)
    else:
        assert may_replace(old, new) == (RANK[new] > RANK[old])


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_the_word_on_an_earlier_attempt_counts_when_it_arrived_or_nothing_was_sent_since(
    old: State, new: State
) -> None:
    waits = old in BESIDE or old is State.QUEUED
    expected = may_replace(old, new) and (new is State.DELIVERED or (waits and new in PROVES_SENT))
    assert may_replace_late(old, new) == expected


@given(states, st.lists(states))
def test_however_often_words_are_repeated_the_result_is_the_same(start: State, words: list[State]) -> None:
    def after(state: State, said: list[State]) -> State:
        for word in said:
            state = word if may_replace(state, word) else state
        return state

    once = after(start, words)
    if start not in BESIDE:  # from there only what proves a sending counts, the first time
        assert after(once, words) in (once, State.DELIVERED)
    assert after(after(once, words), words) == after(once, words)
    assert RANK.get(once, 0) >= RANK.get(start, 0)
    if start not in BESIDE and State.DELIVERED in words:
        assert once is State.DELIVERED


def test_any_order_with_a_delivered_ends_delivered() -> None:
    for order in permutations((State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.UNKNOWN)):
        state = State.SENDING
        for word in order:
            state = word if may_replace(state, word) else state
        assert state is State.DELIVERED


def test_every_state_has_its_words() -> None:
    assert set(LABELS) == set(MEANINGS) == set(State)
    assert set(RANK) == set(State) - BESIDE
    assert BESIDE < FINAL


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("proof", "ends"),
    [
        (Proof.ACCEPTED, State.SENT),
        (Proof.REFUSED, State.FAILED),
        (Proof.AMBIGUOUS, State.UNKNOWN),
        (Proof.NOT_SENT, State.QUEUED),
        (Proof.TOO_FAST, State.QUEUED),
        (Proof.LINE_BLOCKED, State.QUEUED),
    ],
)
def test_only_what_is_proved_not_accepted_may_be_tried_again(proof: Proof, ends: State) -> None:
    assert next_state(State.SENDING, Outcome(proof), 1, NOW, LATER) is ends


@pytest.mark.parametrize("proof", [Proof.NOT_SENT, Proof.TOO_FAST, Proof.LINE_BLOCKED])
def test_nothing_is_tried_again_past_its_expiry(proof: Proof) -> None:
    assert next_state(State.SENDING, Outcome(proof), 1, LATER, LATER) is State.EXPIRED


def test_the_last_attempt_that_was_not_sent_fails() -> None:
    assert next_state(State.SENDING, Outcome(Proof.NOT_SENT), MAX_ATTEMPTS, NOW, LATER) is State.FAILED
    assert next_state(State.SENDING, Outcome(Proof.TOO_FAST), MAX_ATTEMPTS, NOW, LATER) is State.QUEUED


@pytest.mark.parametrize("old", [state for state in State if state is not State.SENDING])
@pytest.mark.parametrize("proof", list(Proof))
def test_what_went_on_without_us_is_only_ever_raised(old: State, proof: Proof) -> None:
    new = next_state(old, Outcome(proof), 1, NOW, LATER)
    assert new is old or may_replace(old, new)


@given(st.integers(1, 60), st.floats(0, 1))
def test_the_wait_doubles_up_to_five_minutes_with_a_fifth_of_jitter(attempt: int, jitter: float) -> None:
    middle = min(300.0, 2.0 * 2**attempt)
    assert middle * 0.8 <= backoff(attempt, jitter) <= middle * 1.2 + 1e-9
    assert backoff(1, 0.5) == 4.0


@given(
    rate=st.floats(0.1, 1000),
    texts=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 11)), min_size=1, max_size=60),
)
def test_no_window_ever_holds_more_than_its_rate_and_one_burst(
    rate: float, texts: list[tuple[float, int]]
) -> None:
    now, free, sent = 1000.0, 0.0, []
    for pause, segments in texts:
        now += pause
        free, wait = reserve(free, now, segments, rate)
        assert wait >= 0
        sent.append((now + wait, segments))
    sent.sort()
    longest = max(BURST_SECONDS, max(segments for _pause, segments in texts) / rate)
    for first in range(len(sent)):
        total = 0
        for moment, segments in sent[first:]:
            total += segments
            window = moment - sent[first][0]
            assert total <= rate * (window + longest) * (1 + 1e-6) + 1e-6


@given(st.floats(0, 1e6), st.integers(1, 10))
def test_a_line_without_a_rate_never_waits(now: float, segments: int) -> None:
    assert reserve(0.0, now, segments, None)[1] == 0.0


@given(st.floats(0.5, 200), st.integers(20, 200))
def test_a_busy_line_uses_its_rate(rate: float, texts: int) -> None:
    free, last = -10.0, 0.0
    for _ in range(texts):
        free, wait = reserve(free, 0.0, 1, rate)
        last = wait
    assert last == pytest.approx(max(0.0, texts / rate - BURST_SECONDS), abs=1e-6)


def test_a_slowed_line_recovers_up_to_its_rate_and_no_further() -> None:
    assert slower(10, 10) == pytest.approx(7)
    assert slower(1.1, 10) == 1
    assert recovering(7, 10, 2) == pytest.approx(8)
    assert recovering(7, 10, 500) == 10


@pytest.mark.parametrize(
    ("rate", "size"), [(None, 128), (0, 128), (0.1, 1), (0.5, 1), (0.6, 2), (10, 20), (64, 128), (1e9, 128)]
)
def test_a_claim_takes_what_two_seconds_can_send(rate: float | None, size: int) -> None:
    assert claim_size(rate) == size


@given(st.integers(-5, 10**7), st.integers(0, 20), st.none() | st.floats(0.01, 1e4))
def test_a_message_lasts_as_long_as_its_segments_take(people: int, segments: int, rate: float | None) -> None:
    lasts = lasting(people, segments, rate)
    if not rate or people <= 0:
        assert lasts == timedelta(0)
    else:
        assert lasts.total_seconds() == pytest.approx(people * max(1, segments) / rate, abs=1e-3)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_the_next_minute_is_full_and_not_before(moment: datetime) -> None:
    full = next_minute(moment)
    assert (full.second, full.microsecond) == (0, 0)
    assert timedelta(0) <= full - moment < MINUTE


plans = st.builds(
    lambda first, spread, lasts: (first, first + timedelta(seconds=spread), timedelta(seconds=lasts)),
    moments,
    st.integers(0, 90_000),
    st.integers(0, 90_000),
)


@given(st.lists(plans, max_size=5), moments)
def test_what_is_accepted_is_in_order_and_ahead_and_the_earliest_time_is_always_accepted(
    raw: list[tuple[datetime, datetime, timedelta]], now: datetime
) -> None:
    sequence = [Planned(place, *values) for place, values in enumerate(raw, start=1)]
    try:
        check_sequence(sequence, now, str)
    except TooEarly as refused:
        wrong = sequence[refused.position - 1]
        assert wrong.first < refused.earliest
        assert refused.earliest > now
        assert str(refused.earliest) in refused.text
        moved = Planned(wrong.position, refused.earliest, refused.earliest, wrong.lasts)
        check_sequence([*sequence[: refused.position - 1], moved], now, str)
        return
    assert all(message.first > now for message in sequence)
    for before, after in pairwise(sequence):
        assert after.first >= before.ends
        assert after.first >= before.first + MINUTE


def test_the_earliest_time_of_a_first_message_is_the_next_full_minute() -> None:
    assert earliest_after(None, NOW) == NOW + MINUTE
    assert earliest_after(None, NOW + timedelta(seconds=1)) == NOW + MINUTE
    assert earliest_after(None, NOW - timedelta(microseconds=1)) == NOW


def test_what_has_begun_is_not_checked_but_holds_back_the_next() -> None:
    begun = Planned(1, NOW - timedelta(hours=1), NOW - timedelta(hours=1), timedelta(hours=2), begun=True)
    late = Planned(2, NOW + timedelta(minutes=59), NOW + timedelta(minutes=59), timedelta(0))
    with pytest.raises(TooEarly) as refused:
        check_sequence([begun, late], NOW, times.reader("Asia/Kathmandu"))
    assert refused.value.earliest == NOW + timedelta(hours=1)
    assert "Mon, Nov 23, 2026, 6:45 PM GMT+5:45" in refused.value.text


def test_an_instant_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(("campaign", "message"), list(product(Status, MessageState)))
def test_content_changes_in_a_draft_and_in_what_a_pause_left_unsent(
    campaign: Status, message: MessageState
) -> None:
    paused = campaign is Status.PAUSED and message in UNBEGUN | BEGUN | UNDECIDED
    assert may_edit_content(campaign, message) == (campaign is Status.DRAFT or paused)


@pytest.mark.parametrize(
    ("campaign", "message", "come", "restarting"),
    list(product(Status, MessageState, (False, True), (False, True))),
)
def test_a_message_moves_until_its_time_has_come(
    campaign: Status, message: MessageState, come: bool, restarting: bool
) -> None:
    missed = message is MessageState.MISSED
    live = missed or (message is MessageState.SCHEDULED and not come)
    expected = {
        Status.DRAFT: True,
        Status.SCHEDULED: live,
        Status.RUNNING: live,
        Status.PAUSED: message not in ENDED,
        Status.STOPPED: restarting and message in UNBEGUN | {MessageState.CANCELED},
        Status.COMPLETED: False,
    }[campaign]
    assert may_move(campaign, message, time_has_come=come, restarting=restarting) == expected
    assert not set(UNBEGUN) & set(BEGUN)
    assert set(MessageState) == UNBEGUN | BEGUN | UNDECIDED | ENDED
