import pytest

from domain.auto_pause import ENOUGH, Latest, Thresholds, reason_to_pause

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
        "Paused by itself: 60 of the last 200 texts failed, more than the 20% that your workspace allows."
    )


def test_a_threshold_of_all_is_off() -> None:
    off = Thresholds(failed=1, filtered=1, opted_out=1)
    assert reason_to_pause(Latest(200, 200, 200, 200), off) is None
