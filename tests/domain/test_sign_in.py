from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import passwords, team
from domain.sessions import ABSOLUTE, HALFWAY, HOME, IDLE, has_ended, safe_next
from domain.throttling import MOST, WINDOW, Attempts, Scope, TooManyAttempts, one_more

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("correct horse battery", None),
        ("ünïcode läuft auch so", None),
        ("short", passwords.PasswordTooShort),
        ("x" * 201, passwords.PasswordTooLong),
        ("aaaaaaaaaaaaaaaa", passwords.PasswordTooPlain),
        ("abababababababab", passwords.PasswordTooPlain),
        ("MAYA@example.com 1", passwords.PasswordTellsWhoYouAre),
        ("maya-is-my-name", passwords.PasswordTellsWhoYouAre),
    ],
)
def test_a_password_must_be_hard_to_guess(password: str, wrong: type[Exception] | None) -> None:
    if wrong is None:
        passwords.check(password, "maya@example.com", "Maya")
    else:
        with pytest.raises(wrong):
            passwords.check(password, "maya@example.com", "Maya")


@pytest.mark.parametrize(
    ("age", "idle", "halfway", "over"),
    [
        (SECOND, SECOND, False, False),
        (ABSOLUTE - SECOND, SECOND, False, False),
        (ABSOLUTE, SECOND, False, True),
        (IDLE, IDLE - SECOND, False, False),
        (IDLE, IDLE, False, True),
        (HALFWAY - SECOND, HALFWAY - SECOND, True, False),
        (HALFWAY, SECOND, True, True),
    ],
)
def test_a_session_ends_by_age_and_by_idleness(
    age: timedelta, idle: timedelta, halfway: bool, over: bool
) -> None:
    assert has_ended(NOW - age, NOW - idle, NOW, halfway=halfway) is over


@pytest.mark.parametrize("path", ["/", "/inbox", "/campaigns/sms?q=a&page=2", "/contacts/7#notes"])
def test_one_is_led_back_to_a_page_of_ours(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "inbox",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/\n/evil.example",
        "/a\r\nset-cookie: x=y",
        " /inbox",
        "/" + "a" * 2_000,
    ],
)
def test_one_is_never_led_elsewhere(elsewhere: str) -> None:
    assert safe_next(elsewhere) == HOME


@given(st.text())
def test_whatever_is_asked_for_the_way_leads_to_one_slash(wanted: str) -> None:
    path = safe_next(wanted)
    assert path.startswith("/")
    assert path[1:2] not in ("/", "\\")


@pytest.mark.parametrize("scope", Scope)
def test_a_window_lets_so_many_attempts_through_and_then_none(scope: Scope) -> None:
    counted: Attempts | None = None
    for _ in range(MOST[scope]):
        counted = one_more(counted, scope, NOW)
    assert counted == Attempts(MOST[scope], NOW)
    with pytest.raises(TooManyAttempts, match="in 1 minute"):
        one_more(counted, scope, NOW + WINDOW - SECOND)
    with pytest.raises(TooManyAttempts, match="in 15 minutes"):
        one_more(counted, scope, NOW)
    assert one_more(counted, scope, NOW + WINDOW) == Attempts(1, NOW + WINDOW)
    assert one_more(counted, scope, NOW - SECOND) == Attempts(1, NOW - SECOND)  # the clock was set back


def test_an_account_is_known_by_its_address_however_it_is_typed() -> None:
    assert team.email("  Maya@Example.COM ") == "maya@example.com"
    with pytest.raises(team.EmailMissing):
        team.email(" ")
    with pytest.raises(team.NotAnEmail):
        team.email("maya")


def test_a_name_is_tidied() -> None:
    assert team.person_name("  Maya \u202e Lee ") == "Maya Lee"
    with pytest.raises(team.PersonNameMissing):
        team.person_name("\u200b")
    with pytest.raises(team.PersonNameTooLong):
        team.person_name("x" * 81)


@pytest.mark.parametrize(("administrators", "refused"), [({1}, True), ({1, 2}, False), ({2}, False)])
def test_the_last_administrator_stays(administrators: set[int], refused: bool) -> None:
    if refused:
        with pytest.raises(team.LastAdministrator):
            team.keep_an_administrator(administrators, 1)
    else:
        team.keep_an_administrator(administrators, 1)
