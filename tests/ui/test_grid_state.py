from datetime import UTC, datetime

import pytest

from ui.grid_state import LAST_BEFORE_FIRST, GridState, read
from ui.pace import Pace


def parameters(address: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(address).query))


def test_the_plain_view_has_the_plain_address() -> None:
    assert GridState().address == "/campaigns/sms"
    assert read({}) == GridState()


@pytest.mark.parametrize(
    "state",
    [
        GridState(search="spring & summer 50 %"),
        GridState(statuses=("draft", "archived"), line_id=3),
        GridState(first_day="2026-11-01", last_day="2026-11-30"),
        GridState(first_day="next week"),
        GridState(sort="name", descending=False, page=4, size=100),
        GridState(sort="start", descending=False),
    ],
)
def test_a_view_is_found_again_by_its_address(state: GridState) -> None:
    assert read(parameters(state.address)) == state


@pytest.mark.parametrize(
    "address",
    [
        "?status=flying&line=x&sort=password&page=-1&size=9999",
        "?line=0&page=0&size=0&sort=",
        "?page=99999999999999999999&line=٣",
    ],
)
def test_what_makes_no_sense_in_an_address_is_left_out(address: str) -> None:
    assert read(parameters(address)) == GridState()


def test_a_click_on_the_same_header_turns_the_order_round() -> None:
    by_name = GridState(page=3).sorted_by("name")
    assert (by_name.sort, by_name.descending, by_name.page) == ("name", False, 1)
    assert by_name.sorted_by("name").descending


def test_numbers_and_dates_begin_with_the_largest() -> None:
    assert GridState(sort="name", descending=False).sorted_by("messages").descending


def test_days_are_whole_days_in_the_browsers_zone() -> None:
    query = GridState(first_day="2026-11-01", last_day="2026-11-01").query("America/New_York")
    assert query.start_from == datetime(2026, 11, 1, 4, tzinfo=UTC)  # clocks go back on this day
    assert query.start_before == datetime(2026, 11, 2, 5, tzinfo=UTC)


def test_a_day_that_is_none_is_explained_and_filters_nothing() -> None:
    state = GridState(first_day="2026-02-30", last_day="2026-11-01")
    assert "not in the calendar" in state.problems()[0]
    assert state.query("UTC").start_from is None
    assert state.query("UTC").start_before is not None


def test_days_in_the_wrong_order_are_explained() -> None:
    state = GridState(first_day="2026-11-02", last_day="2026-11-01")
    assert state.problems() == ("", LAST_BEFORE_FIRST)


@pytest.mark.parametrize(
    ("done", "words"),
    [((0, 40, 80), "40/s"), ((0, 0, 1), "30/min"), ((5, 5, 5), ""), ((0, 2400, 4800), "2,400/s")],
)
def test_the_pace_is_told_as_people_read_it(done: tuple[int, ...], words: str) -> None:
    pace = Pace()
    for second, count in enumerate(done):
        pace.note(7, second, count)
    assert pace.words(7) == words


def test_the_pace_is_not_guessed_from_one_look_and_forgets_what_is_long_ago() -> None:
    pace = Pace()
    pace.note(7, 0, 0)
    assert pace.words(7) == ""
    pace.note(7, 100, 5000)
    assert pace.words(7) == ""
