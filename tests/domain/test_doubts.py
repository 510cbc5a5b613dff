"""What a look at the carrier proves about an attempt in doubt, and what a person may order."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain import doubts
from domain.campaigns import Status
from domain.doubts import NotSendingAgain, Verdict, judge, may_queue, next_look
from domain.messages import MessageState

CLAIMED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = CLAIMED + timedelta(minutes=10)
HERE = ("one",)
SEVERAL = ("one", "two")


@pytest.mark.parametrize(
    ("sightings", "exact", "age", "missing", "expected"),
    [
        (None, True, 10, None, Verdict.OPEN),
        (None, False, 10, 1, Verdict.OPEN),
        (HERE, True, 1, None, Verdict.FOUND),
        (HERE, False, 1, None, Verdict.FOUND),
        (SEVERAL, True, 10, None, Verdict.FOUND),
        (SEVERAL, False, 10, 1, Verdict.OPEN),
        ((), True, 4.9, None, Verdict.OPEN),  # the carrier may still be taking it
        ((), False, 4.9, None, Verdict.OPEN),
        ((), True, 5, None, Verdict.ABSENT),
        ((), False, 5, None, Verdict.MISSING),
        ((), False, 10, 5.1, Verdict.MISSING),  # two looks less than five minutes apart
        ((), False, 10, 5, Verdict.ABSENT),
    ],
)
def test_only_what_is_certain_is_settled(
    sightings: tuple[str, ...] | None, exact: bool, age: float, missing: float | None, expected: Verdict
) -> None:
    now = CLAIMED + timedelta(minutes=age)
    since = None if missing is None else CLAIMED + timedelta(minutes=missing)
    assert judge(sightings, exact=exact, claimed_at=CLAIMED, missing_since=since, now=now) is expected


def test_the_looks_prove_an_absence_within_a_quarter_of_an_hour_and_then_become_rare() -> None:
    when, since, verdicts = CLAIMED + doubts.FIRST_LOOK_AFTER, None, []
    for looks in range(1, 4):
        verdict = judge((), exact=False, claimed_at=CLAIMED, missing_since=since, now=when)
        since = (since or when) if verdict is Verdict.MISSING else None
        verdicts.append(verdict)
        when += next_look(looks)
    assert verdicts == [Verdict.OPEN, Verdict.MISSING, Verdict.ABSENT]
    pauses = [next_look(looks) for looks in range(1, 100)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("campaign", "message", "archived"), list(product(Status, MessageState, (False, True)))
)
def test_what_people_ended_stays_ended(campaign: Status, message: MessageState, archived: bool) -> None:
    ended = archived or campaign in (Status.STOPPED, Status.DRAFT)
    ended = ended or message in (MessageState.CANCELED, MessageState.SKIPPED)
    assert may_queue(campaign, message, archived=archived) == (not ended)


@pytest.mark.parametrize(("campaign", "message"), list(product(Status, MessageState)))
def test_sending_again_is_for_campaigns_that_send(campaign: Status, message: MessageState) -> None:
    sends = campaign in (Status.RUNNING, Status.PAUSED, Status.COMPLETED)
    allowed = sends and message not in (MessageState.CANCELED, MessageState.SKIPPED)
    assert doubts.may_send_again(campaign, message, archived=False) == allowed
    assert not doubts.may_send_again(campaign, message, archived=True)
    if allowed:
        doubts.check_send_again(campaign, message)
    else:
        with pytest.raises(NotSendingAgain, match=r"can't be sent again now: the .+\."):
            doubts.check_send_again(campaign, message)
