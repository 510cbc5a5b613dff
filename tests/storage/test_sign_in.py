"""Signing in and out, and the sessions that come of it, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import col, select

from domain.access import Actor, Role
from domain.sessions import ABSOLUTE, HALFWAY, IDLE, SignedOut
from domain.throttling import MOST, WINDOW, Scope, TooManyAttempts
from storage import campaigns, passwords, sessions, signing_in, team, throttling, two_step
from storage.database import Database
from storage.signing_in import Visitor, WrongCode, WrongSignIn
from storage.tables import AuditEntry, BrowserSession, Login, RecoveryCode, SignInAttempts
from tests import arrange
from tests.conftest import NOW

PASSWORD = "correct horse battery"
VISITOR = Visitor("203.0.113.9", "Firefox on Linux")
EMAIL = "ada.park@example.com"


@pytest.fixture
def ada(db: Database) -> Actor:
    actor = arrange.person(db, NOW)
    arrange.password(db, actor, PASSWORD, NOW)
    return actor


def signed_in(db: Database, actor: Actor, visitor: Visitor = VISITOR) -> tuple[str, Actor]:
    done = signing_in.sign_in(db, EMAIL, PASSWORD, visitor, NOW)
    return done.token, sessions.resume(db, done.token, NOW, visitor.address).actor


def test_the_right_password_signs_in_and_the_cookie_is_kept_as_a_hash(db: Database, ada: Actor) -> None:
    done = signing_in.sign_in(db, "  ADA.Park@example.com ", PASSWORD, VISITOR, NOW)
    found = sessions.resume(db, done.token, NOW, "203.0.113.9")
    assert (found.actor, found.actor.address, found.halfway) == (
        Actor(ada.user_id, ada.name, Role.ADMIN, "203.0.113.9"),
        "203.0.113.9",
        False,
    )
    with db.read() as session:
        row = session.scalars(select(BrowserSession)).one()
        kept = session.get_one(Login, ada.user_id).password_hash
        entry = session.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert done.token not in repr(row)
    assert len(done.token) == 43
    assert (row.browser, row.address) == ("Firefox on Linux", "203.0.113.9")
    assert kept.startswith("$argon2id$v=19$")
    assert entry is not None
    assert (entry.action, entry.user_id, entry.address) == ("sign in", ada.user_id, "203.0.113.9")


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "wrong horse battery"), ("nobody@example.com", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_account_are_answered_the_same(
    db: Database, ada: Actor, email: str, password: str
) -> None:
    with pytest.raises(WrongSignIn) as said:
        signing_in.sign_in(db, email, password, VISITOR, NOW)
    assert said.value.text == WrongSignIn().text


@pytest.mark.usefixtures("real_passwords")
def test_an_unknown_account_costs_as_much_work() -> None:
    """The same algorithm with the same parameters runs for both."""
    real = passwords.hashed(PASSWORD).rsplit("$", 2)[0]
    assert real == "$argon2id$v=19$m=65536,t=3,p=1"
    assert passwords.NOBODYS.rsplit("$", 2)[0] == real
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches("nonsense", PASSWORD)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_an_account_is_throttled_whether_it_exists_or_not(db: Database, ada: Actor, email: str) -> None:
    for place in range(MOST[Scope.ACCOUNT]):
        with pytest.raises(WrongSignIn):
            signing_in.sign_in(db, email, "wrong", Visitor(f"203.0.113.{place}", ""), NOW)
    with pytest.raises(TooManyAttempts):
        signing_in.sign_in(db, email, PASSWORD, Visitor("203.0.113.99", ""), NOW)
    later = NOW + WINDOW
    if email == EMAIL:
        assert signing_in.sign_in(db, email, PASSWORD, VISITOR, later).token


def test_an_address_is_throttled_over_all_accounts(db: Database, ada: Actor) -> None:
    by = [throttling.keys(f"{n}@example.com", VISITOR.address) for n in range(MOST[Scope.ADDRESS])]
    for keys in by:
        throttling.take(db, keys, NOW)
    with pytest.raises(TooManyAttempts):
        signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
    assert signing_in.sign_in(db, EMAIL, PASSWORD, Visitor("198.51.100.1", ""), NOW).token


def test_attempts_at_the_same_time_are_all_counted(db: Database) -> None:
    keys = throttling.keys("ada", "203.0.113.9")

    def attempt(_: int) -> bool:
        try:
            throttling.take(db, keys, NOW)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(24))) == MOST[Scope.ACCOUNT]


def test_a_success_gives_the_attempts_back(db: Database, ada: Actor) -> None:
    for _ in range(3):
        for _ in range(MOST[Scope.ACCOUNT] - 1):
            throttling.take(db, throttling.keys(EMAIL, "198.51.100.7"), NOW)
        signed_in(db, ada)
    throttling.sweep(db, NOW + WINDOW)
    with db.read() as session:
        assert session.scalars(select(SignInAttempts)).all() == []


def test_signing_in_again_gives_a_new_cookie_and_the_old_one_is_worthless(db: Database, ada: Actor) -> None:
    first, _ = signed_in(db, ada)
    second, _ = signed_in(db, ada, Visitor("203.0.113.9", "Firefox on Linux", first))
    assert first != second
    with pytest.raises(SignedOut):
        sessions.resume(db, first, NOW)
    signing_in.sign_out(db, second)
    with pytest.raises(SignedOut):
        sessions.resume(db, second, NOW)


@pytest.mark.parametrize("made_up", ["", "x", "a" * 43, "\ud800", "' OR 1=1 --"])
def test_a_made_up_cookie_opens_nothing(db: Database, ada: Actor, made_up: str) -> None:
    with pytest.raises(SignedOut):
        sessions.resume(db, made_up, NOW)


def test_a_session_ends_idle_or_old_and_use_prolongs_it(db: Database, ada: Actor) -> None:
    token, actor = signed_in(db, ada)
    with pytest.raises(SignedOut):
        sessions.resume(db, token, NOW + IDLE)
    assert sessions.alive(db, [actor.session_id or 0], NOW + IDLE) == {}
    now = NOW
    while now < NOW + ABSOLUTE - IDLE:
        now += IDLE - timedelta(seconds=1)
        sessions.resume(db, token, now)
    with pytest.raises(SignedOut):
        sessions.resume(db, token, NOW + ABSOLUTE)
    sessions.sweep(db, NOW + ABSOLUTE)
    assert sessions.own(db, ada, NOW) == []


def test_one_sees_and_ends_ones_own_sessions_only(db: Database, ada: Actor) -> None:
    _, here = signed_in(db, ada)
    token, there = signed_in(db, ada, Visitor("198.51.100.1", "Safari on iPhone"))
    bo = arrange.person(db, NOW, "Bo Lind", Role.VIEWER)
    assert [found.browser for found in sessions.own(db, here, NOW)] == [
        "Safari on iPhone",
        "Firefox on Linux",
    ]
    sessions.end(db, bo, there.session_id or 0, NOW)
    assert sessions.resume(db, token, NOW).actor == ada
    sessions.end(db, here, there.session_id or 0, NOW)
    with pytest.raises(SignedOut):
        sessions.resume(db, token, NOW)
    signed_in(db, ada)
    assert sessions.end_others(db, here, NOW) == 1
    assert [found.id for found in sessions.own(db, here, NOW)] == [here.session_id]


async def test_a_verb_is_refused_once_the_session_is_gone(db: Database, ada: Actor) -> None:
    list_id, line_id = arrange.contact_list(db, ada, NOW, arrange.numbers(1)), arrange.line(db, NOW)
    campaign_id = arrange.draft(db, ada, NOW, line_id, list_id)
    _, here = signed_in(db, ada)
    await db.run(campaigns.archive, here, campaign_id, NOW)
    sessions.end(db, here, here.session_id or 0, NOW)
    with pytest.raises(SignedOut):
        await db.run(campaigns.unarchive, here, campaign_id, NOW)


async def test_a_verb_is_refused_once_the_role_is_another(db: Database, ada: Actor) -> None:
    arrange.person(db, NOW, "Bo Lind")
    _, here = signed_in(db, ada)
    team.change_role(db, here, ada.user_id, Role.VIEWER, NOW)
    with pytest.raises(SignedOut):
        await db.run(team.members, here)


def test_a_new_password_ends_every_other_session(db: Database, ada: Actor) -> None:
    _, here = signed_in(db, ada)
    there, _ = signed_in(db, ada)
    with pytest.raises(team.PasswordWrong):
        team.change_password(db, here, "not it at all", "another fine phrase", NOW)
    team.change_password(db, here, PASSWORD, "another fine phrase", NOW)
    with pytest.raises(SignedOut):
        sessions.resume(db, there, NOW)
    assert [found.id for found in sessions.own(db, here, NOW)] == [here.session_id]
    with pytest.raises(WrongSignIn):
        signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
    assert signing_in.sign_in(db, EMAIL, "another fine phrase", VISITOR, NOW)


def code(secret: str, seconds: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(NOW.timestamp()) + seconds)


@pytest.fixture
def secret(db: Database, ada: Actor) -> str:
    return two_step.offer(db, ada).secret


@pytest.fixture
def recovery(db: Database, ada: Actor, secret: str) -> list[str]:
    return two_step.turn_on(db, ada, code(secret, -30), NOW)


def test_the_second_step_counts_once_it_was_proved(db: Database, ada: Actor, secret: str) -> None:
    assert not signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW).halfway
    with pytest.raises(two_step.CodeDoesNotMatch):
        two_step.turn_on(db, ada, "000000" if code(secret) != "000000" else "000001", NOW)
    codes = two_step.turn_on(db, ada, code(secret), NOW)
    assert len(set(codes)) == two_step.CODES
    assert two_step.standing(db, ada) == two_step.Standing(True, two_step.CODES)
    with pytest.raises(two_step.TwoStepIsOn):
        two_step.offer(db, ada)
    with db.read() as session:
        login = session.get_one(Login, ada.user_id)
        hashes = {row.code_hash for row in session.scalars(select(RecoveryCode))}
    assert secret not in repr(login)
    assert not hashes & {*codes, *(text.replace("-", "") for text in codes)}


def test_halfway_is_not_signed_in_and_a_code_works_once(
    db: Database, ada: Actor, secret: str, recovery: list[str]
) -> None:
    half = signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
    assert half.halfway
    assert sessions.resume(db, half.token, NOW).halfway
    assert sessions.own(db, ada, NOW) == []
    back = Visitor(VISITOR.address, VISITOR.browser, half.token)
    with pytest.raises(SignedOut):
        signing_in.confirm(db, code(secret), back, NOW + HALFWAY)
    done = signing_in.confirm(db, code(secret), back, NOW)
    assert not sessions.resume(db, done.token, NOW).halfway
    with pytest.raises(SignedOut):
        sessions.resume(db, half.token, NOW)
    again = signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
    with pytest.raises(WrongCode):
        signing_in.confirm(db, code(secret), Visitor("", "", again.token), NOW)


def test_a_recovery_code_works_once_however_it_is_typed(
    db: Database, ada: Actor, recovery: list[str]
) -> None:
    for place, fine in enumerate((True, False)):
        half = signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
        visitor = Visitor("", "", half.token)
        typed = f" {recovery[0].upper().replace('-', ' ')} " if place else recovery[0]
        if fine:
            assert signing_in.confirm(db, typed, visitor, NOW).token
        else:
            with pytest.raises(WrongCode):
                signing_in.confirm(db, typed, visitor, NOW)
    assert two_step.standing(db, ada).codes == two_step.CODES - 1


def test_guessing_codes_is_throttled(db: Database, ada: Actor, secret: str, recovery: list[str]) -> None:
    half = signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW)
    for place in range(MOST[Scope.ACCOUNT]):
        with pytest.raises(WrongCode):
            signing_in.confirm(db, "nonsense", Visitor(f"203.0.113.{place}", "", half.token), NOW)
    with pytest.raises(TooManyAttempts):
        signing_in.confirm(db, code(secret), Visitor("203.0.113.77", "", half.token), NOW)


def test_the_second_step_can_be_turned_off_with_a_code_or_by_an_administrator(
    db: Database, ada: Actor, secret: str, recovery: list[str]
) -> None:
    with pytest.raises(two_step.CodeDoesNotMatch):
        two_step.turn_off(db, ada, "000", NOW)
    fresh = two_step.renew_codes(db, ada, recovery[0], NOW)
    assert not set(fresh) & set(recovery)
    two_step.turn_off(db, ada, code(secret), NOW)
    assert two_step.standing(db, ada) == two_step.Standing(False, 0)
    again = two_step.offer(db, ada).secret
    two_step.turn_on(db, ada, code(again, 30), NOW)
    two_step.turn_off_for(db, arrange.person(db, NOW, "Bo Lind"), ada.user_id, NOW)
    assert not signing_in.sign_in(db, EMAIL, PASSWORD, VISITOR, NOW).halfway
