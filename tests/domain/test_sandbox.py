import pytest

from domain.deliveries import State
from domain.sandbox import Answer, behaviour, delay, final_state


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("0001", State.FAILED),
        ("0003", State.UNDELIVERED),
        ("0005", State.SENT),
        ("0006", State.UNDELIVERED),
        ("0007", State.UNDELIVERED),
        ("0010", State.FAILED),
        ("0029", State.DELIVERED),
        ("0050", State.UNKNOWN),
        ("0060", State.UNKNOWN),
        ("0077", State.DELIVERED),
        ("0078", State.DELIVERED),
        ("0002", State.DELIVERED),
        ("4321", State.DELIVERED),
    ],
)
def test_a_number_ends_where_its_last_four_digits_say(ending: str, state: State) -> None:
    assert final_state(f"+1555010{ending}") is state


def test_only_the_last_four_digits_count() -> None:
    assert behaviour("+15550010001").answer is Answer.REFUSE
    assert behaviour("+15550001000").answer is Answer.ACCEPT


def test_stop_and_the_question_come_after_a_delivery() -> None:
    assert behaviour("+15550100077").reply == "STOP"
    assert (behaviour("+15550100078").reply or "").endswith("?")
    assert behaviour("+15550100079").reply is None


def test_the_delay_is_the_same_each_time_and_spreads_over_the_whole_span() -> None:
    delays = [delay(f"+1555010{n:04}") for n in range(2000)]
    assert delays == [delay(f"+1555010{n:04}") for n in range(2000)]
    assert 0 <= min(delays) < 0.1
    assert 2.9 < max(delays) < 3
    assert 1.4 < sum(delays) / len(delays) < 1.6


def test_no_delay_at_all_is_possible() -> None:
    assert delay("+15550104321", most=0) == 0
