"""What a line may be, and what its caps leave."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import Actor, Role, may_use_line
from domain.line_kinds import LABELS, KindMismatch, LineKind, check, guess
from domain.line_presets import PRESETS, named, of_kind
from domain.pacing import WINDOW_SECONDS, day_ends, day_in, minute_left, minute_spend
from domain.phones import BadNumber
from domain.problems import Problem
from domain.zones import zone

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+14155550100", LineKind.LONG_CODE),
        ("+4915112345678", LineKind.LONG_CODE),
        ("+18005550100", LineKind.TOLL_FREE),
        ("+18885550100", LineKind.TOLL_FREE),
        ("+19005550100", LineKind.LONG_CODE),
        ("71234", LineKind.SHORT_CODE),
        ("HarborPine", LineKind.ALPHANUMERIC),
    ],
)
def test_a_number_looks_like_a_kind_and_fits_it(number: str, kind: LineKind) -> None:
    assert guess(number) is kind
    assert check(kind, f" {number} ") == number


def test_only_a_long_code_can_be_10dlc() -> None:
    assert check(LineKind.TEN_DLC, "(415) 555-0100") == "+14155550100"
    for number in ("71234", "HarborPine", "+18005550100"):
        with pytest.raises(KindMismatch):
            check(LineKind.TEN_DLC, number)


@pytest.mark.parametrize("kind", LineKind)
def test_a_kind_refuses_the_numbers_of_the_others_and_says_what_it_wants(kind: LineKind) -> None:
    for number in ("+14155550100", "+18005550100", "71234", "HarborPine"):
        if guess(number) is kind or (kind is LineKind.TEN_DLC and guess(number) is LineKind.LONG_CODE):
            continue
        with pytest.raises(KindMismatch) as caught:
            check(kind, number)
        assert caught.value.text.startswith(f"“{number}” is not a ")
        assert caught.value.text.endswith(".")
    assert LABELS[kind]


def test_what_is_no_number_is_refused_as_one() -> None:
    with pytest.raises(BadNumber):
        check(LineKind.LONG_CODE, "+1 23")


@given(number=st.text(max_size=20), kind=st.sampled_from(LineKind))
def test_any_text_is_taken_or_refused_in_words(number: str, kind: LineKind) -> None:
    try:
        assert check(kind, number)
    except Problem as problem:
        assert problem.text.endswith(".")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_whole_and_says_who_says_so(preset: object) -> None:
    found = next(one for one in PRESETS if one is preset)
    assert named(found.name) is found
    assert found in of_kind(found.kind)
    assert found.rate > 0
    assert found.source
    assert zone(found.day_zone)
    assert found.minute_cap is None or found.minute_cap == found.rate * WINDOW_SECONDS
    assert (found.daily_cap is None) is (found.day_zone == "UTC")


def test_the_published_figures() -> None:
    assert {name: named(name).minute_cap for name in ("ten_dlc_75", "ten_dlc_50", "ten_dlc_25")} == {
        "ten_dlc_75": 4_500,
        "ten_dlc_50": 2_400,
        "ten_dlc_25": 240,
    }
    assert [preset.rate for preset in of_kind(LineKind.TOLL_FREE)] == [3, 20]
    assert named("long_code").rate == 1
    assert named("ten_dlc_75").daily_cap == 200_000
    assert named("ten_dlc_75").day_zone == "America/Los_Angeles"


@given(steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=60), cap=st.integers(1, 100))
def test_no_sixty_seconds_ever_hold_more_than_the_cap(steps: list[tuple[float, int]], cap: int) -> None:
    now, claims = NOON, []
    spent: dict[str, int] = {}
    for pause, wanted in steps:
        now += timedelta(seconds=pause)
        taken = min(wanted, minute_left(spent, now, cap))
        spent = minute_spend(spent, now, taken)
        claims.append((int(now.timestamp()), taken))
        assert len(spent) <= WINDOW_SECONDS
    for second, _ in claims:
        assert sum(taken for at, taken in claims if second <= at < second + WINDOW_SECONDS) <= cap


def test_room_comes_back_as_the_window_moves_on() -> None:
    spent = minute_spend({}, NOON, 10)
    assert minute_left(spent, NOON + timedelta(seconds=59), 10) == 0
    assert minute_left(spent, NOON + timedelta(seconds=60), 10) == 10


def test_a_clock_that_is_set_back_holds_a_line_for_no_longer_than_the_window() -> None:
    spent = minute_spend({}, NOON, 10)
    assert minute_left(spent, NOON - timedelta(hours=1), 10) == 10


@pytest.mark.parametrize(
    ("hour", "day"), [(7, "2026-11-24"), (8, "2026-11-25")], ids=["before midnight Pacific", "after it"]
)
def test_a_day_begins_where_the_line_says(hour: int, day: str) -> None:
    now = datetime(2026, 11, 25, hour, 30, tzinfo=UTC)
    assert day_in("America/Los_Angeles", now) == day
    assert day_in("UTC", now) == "2026-11-25"


@pytest.mark.parametrize(
    ("zone", "now", "ends"),
    [
        ("UTC", datetime(2026, 11, 25, 23, 59, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)),
        (
            "America/New_York",
            datetime(2026, 11, 25, 4, 59, tzinfo=UTC),
            datetime(2026, 11, 25, 5, tzinfo=UTC),
        ),
        ("America/New_York", datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
    ids=["a minute before", "in its own zone", "a day of 25 hours"],
)
def test_a_day_ends_at_its_midnight(zone: str, now: datetime, ends: datetime) -> None:
    assert day_ends(zone, now) == ends


@pytest.mark.parametrize(
    ("role", "restricted", "chosen", "may"),
    [
        (Role.ADMIN, True, False, True),
        (Role.MANAGER, False, False, True),
        (Role.MANAGER, True, False, False),
        (Role.MANAGER, True, True, True),
        (Role.VIEWER, True, False, False),
    ],
)
def test_who_may_send_from_a_line(role: Role, restricted: bool, chosen: bool, may: bool) -> None:
    assert may_use_line(Actor(1, "Ada", role), restricted=restricted, chosen=chosen) is may
