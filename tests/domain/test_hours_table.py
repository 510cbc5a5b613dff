from datetime import date

import pytest

from domain.hours_table import (
    BadRegion,
    NoDays,
    NoSource,
    clock,
    days_in_words,
    minute,
    region_in_words,
    rule_of,
)
from domain.problems import Problem
from domain.quiet_hours import DAY, BadWindow, Rule
from domain.quiet_hours_table import DEFAULT_RULES


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((1, 2, 3, 4, 5, 6, 7), "Every day"),
        ((1, 2, 3, 4, 5), "Mon to Fri"),
        ((6, 7), "Sat, Sun"),
        ((7,), "Sun"),
        ((1, 3, 5), "Mon, Wed, Fri"),
    ],
)
def test_days_in_words(days: tuple[int, ...], words: str) -> None:
    assert days_in_words(days) == words


@pytest.mark.parametrize(
    ("text", "found"), [("08:00", 480), ("8 am", 480), ("24:00", DAY), ("21:30", 1290), ("9:30 pm", 1290)]
)
def test_minutes_are_read_as_people_write_them(text: str, found: int) -> None:
    assert minute(text) == found
    assert minute(clock(found)) == found


def test_regions_in_words() -> None:
    assert [region_in_words(region) for region in ("US", "US-FL", "FR")] == ["US", "Florida (US-FL)", "FR"]


def typed(**more: object) -> Rule:
    given: dict[str, object] = {
        "region": "us-fl",
        "days": (5, 1),
        "opens": "8:00",
        "closes": "20:00",
        "since": "2026-07-01",
        "until": "",
        "source": " Statute 501.059 ",
    }
    return rule_of(**(given | more))  # type: ignore[arg-type]


def test_a_rule_is_read() -> None:
    assert typed() == Rule("US-FL", (1, 5), 480, 1200, date(2026, 7, 1), None, "Statute 501.059")
    assert typed(since="", until="2027-01-31").until == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"region": "Florida"}, BadRegion),
        ({"region": "US-XX"}, BadRegion),
        ({"region": ""}, BadRegion),
        ({"days": ()}, NoDays),
        ({"source": " "}, NoSource),
        ({"closes": "8:00"}, BadWindow),
        ({"opens": "late"}, Problem),
        ({"since": "soon"}, Problem),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(wrong: dict[str, object], problem: type[Problem]) -> None:
    with pytest.raises(problem):
        typed(**wrong)


def test_every_rule_that_a_workspace_begins_with_can_be_edited() -> None:
    for rule in DEFAULT_RULES:
        if rule.region:
            times = clock(rule.opens), clock(rule.closes)
            assert rule_of(rule.region, rule.days, *times, "", "", rule.source) == rule
