"""Who joins the team, how, and as what, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Executable, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from domain import passwords as rules
from domain.access import Actor, Role, RoleForbids
from domain.links import LASTS, LinkWorthless, Purpose
from domain.sessions import SignedOut
from domain.team import AlreadyInTeam, LastAdministrator, MemberNotFound
from storage import api_keys, audit, erasure, joining, sessions, signing_in, team
from storage.database import Database
from storage.joining import Newcomer, SetUpAlready
from storage.signing_in import SignedIn, Visitor, WrongSignIn
from storage.tables import AuditEntry, Contact, OneTimeLink
from tests import arrange
from tests.conftest import NOW

PASSWORD = "correct horse battery"
HERE = Visitor("203.0.113.9", "Firefox on Linux")
ADA = Newcomer("Ada Park", "ada.park@example.com", PASSWORD)


@pytest.fixture
def ada(db: Database) -> Actor:
    token = joining.offer_set_up(db, NOW)
    assert token is not None
    return actor_of(db, joining.set_up(db, token, ADA, HERE, NOW))


def actor_of(db: Database, done: SignedIn) -> Actor:
    return sessions.resume(db, done.token, NOW, HERE.address).actor


def newest(db: Database) -> AuditEntry:
    with db.read() as session:
        return session.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1)).one()


def test_the_first_administrator_needs_the_token_of_the_log(db: Database) -> None:
    assert joining.needs_set_up(db)
    token = joining.offer_set_up(db, NOW)
    assert token is not None
    for wrong in ("", "made up", token[:-1]):
        with pytest.raises(LinkWorthless):
            joining.set_up(db, wrong, ADA, HERE, NOW)
    with pytest.raises(LinkWorthless):
        joining.set_up(db, token, ADA, HERE, NOW + LASTS[Purpose.SETUP])
    with pytest.raises(rules.PasswordTooShort):
        joining.set_up(db, token, Newcomer("Ada", "ada@example.com", "short"), HERE, NOW)
    done = joining.set_up(db, token, ADA, HERE, NOW)
    assert actor_of(db, done).role is Role.ADMIN
    assert not joining.needs_set_up(db)


def test_set_up_is_closed_once_an_administrator_exists(db: Database) -> None:
    first, second = joining.offer_set_up(db, NOW), joining.offer_set_up(db, NOW)
    assert first and second
    joining.set_up(db, first, ADA, HERE, NOW)
    assert joining.offer_set_up(db, NOW) is None
    for token in (first, second):
        with pytest.raises(SetUpAlready):
            joining.set_up(db, token, Newcomer("Eve", "eve@example.com", PASSWORD), HERE, NOW)


def test_of_two_who_set_up_at_once_one_becomes_the_administrator(db: Database) -> None:
    tokens = [joining.offer_set_up(db, NOW) for _ in range(2)]

    def attempt(place: int) -> bool:
        who = Newcomer("Somebody", f"person{place}@example.com", PASSWORD)
        try:
            joining.set_up(db, tokens[place] or "", who, HERE, NOW)
        except (SetUpAlready, LinkWorthless):
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(attempt, range(2))) == [False, True]


def test_who_is_invited_joins_once_with_the_role_of_the_invitation(db: Database, ada: Actor) -> None:
    token = team.invite(db, ada, "Bo@Example.com", Role.MANAGER, NOW)
    (waiting,) = team.invitations(db, ada, NOW)
    assert (waiting.email, waiting.role, waiting.made_by) == ("bo@example.com", Role.MANAGER, "Ada Park")
    assert joining.invitation(db, token, NOW).made_by == "Ada Park"
    bo = actor_of(db, joining.join(db, token, "Bo Lind", PASSWORD, HERE, NOW))
    assert (bo.name, bo.role) == ("Bo Lind", Role.MANAGER)
    with pytest.raises(LinkWorthless):
        joining.join(db, token, "Eve", PASSWORD, HERE, NOW)
    assert team.invitations(db, ada, NOW) == []
    assert [member.name for member in team.members(db, ada)] == ["Ada Park", "Bo Lind"]
    with db.read() as session:
        assert token not in repr(session.scalars(select(OneTimeLink)).all())


def test_an_invitation_ends_after_a_day_is_replaced_and_can_be_taken_back(db: Database, ada: Actor) -> None:
    first = team.invite(db, ada, "bo@example.com", Role.VIEWER, NOW)
    second = team.invite(db, ada, "bo@example.com", Role.VIEWER, NOW)
    with pytest.raises(LinkWorthless):
        joining.invitation(db, first, NOW)
    assert joining.invitation(db, second, NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(LinkWorthless):
        joining.join(db, second, "Bo", PASSWORD, HERE, NOW + timedelta(hours=24))
    (waiting,) = team.invitations(db, ada, NOW)
    team.withdraw(db, ada, waiting.id, NOW)
    with pytest.raises(LinkWorthless):
        joining.join(db, second, "Bo", PASSWORD, HERE, NOW)
    with pytest.raises(AlreadyInTeam):
        team.invite(db, ada, "ADA.park@example.com", Role.VIEWER, NOW)


def test_a_reset_link_works_once_within_an_hour_and_signs_out_everywhere(db: Database, ada: Actor) -> None:
    late = team.reset_link(db, ada, ada.user_id, NOW)
    with pytest.raises(LinkWorthless):
        joining.reset(db, late, "another fine phrase", HERE, NOW + timedelta(hours=1))
    token = team.reset_link(db, ada, ada.user_id, NOW)
    with pytest.raises(LinkWorthless):
        joining.reset_for(db, late, NOW)
    with pytest.raises(LinkWorthless):
        joining.invitation(db, token, NOW)  # a link opens its own door only
    joining.reset(db, token, "another fine phrase", HERE, NOW)
    assert sessions.own(db, ada, NOW) == []
    with pytest.raises(LinkWorthless):
        joining.reset(db, token, "yet another phrase", HERE, NOW)
    with pytest.raises(WrongSignIn):
        signing_in.sign_in(db, ADA.email, PASSWORD, HERE, NOW)
    assert signing_in.sign_in(db, ADA.email, "another fine phrase", HERE, NOW).token


def test_who_is_deactivated_is_out_at_once(db: Database, ada: Actor) -> None:
    token = team.invite(db, ada, "bo@example.com", Role.MANAGER, NOW)
    done = joining.join(db, token, "Bo Lind", PASSWORD, HERE, NOW)
    bo = actor_of(db, done)
    link = team.reset_link(db, ada, bo.user_id, NOW)
    team.deactivate(db, ada, bo.user_id, NOW)
    with pytest.raises(SignedOut):
        sessions.resume(db, done.token, NOW)
    with pytest.raises(WrongSignIn):
        signing_in.sign_in(db, "bo@example.com", PASSWORD, HERE, NOW)
    with pytest.raises(LinkWorthless):
        joining.reset(db, link, "another fine phrase", HERE, NOW)
    team.activate(db, ada, bo.user_id, NOW)
    assert signing_in.sign_in(db, "bo@example.com", PASSWORD, HERE, NOW).token


def test_the_last_administrator_can_neither_go_nor_be_demoted(db: Database, ada: Actor) -> None:
    with pytest.raises(LastAdministrator):
        team.deactivate(db, ada, ada.user_id, NOW)
    with pytest.raises(LastAdministrator):
        team.change_role(db, ada, ada.user_id, Role.MANAGER, NOW)
    bo = arrange.person(db, NOW, "Bo Lind", Role.VIEWER)
    team.change_role(db, ada, bo.user_id, Role.ADMIN, NOW)
    assert (newest(db).before, newest(db).after) == ({"role": "viewer"}, {"role": "admin"})
    team.deactivate(db, ada, ada.user_id, NOW)
    with pytest.raises(LastAdministrator):
        team.deactivate(db, ada, bo.user_id, NOW)


def test_of_two_administrators_who_demote_each_other_one_stays(db: Database, ada: Actor) -> None:
    bo = arrange.person(db, NOW, "Bo Lind")

    def demote(pair: tuple[Actor, Actor]) -> bool:
        try:
            team.change_role(db, pair[0], pair[1].user_id, Role.VIEWER, NOW)
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(demote, [(ada, bo), (bo, ada)])) == [False, True]


def test_an_administrator_signs_a_member_out_everywhere(db: Database, ada: Actor) -> None:
    done = signing_in.sign_in(db, ADA.email, PASSWORD, HERE, NOW)
    assert team.sign_out_everywhere(db, ada, ada.user_id, NOW) == 2
    with pytest.raises(SignedOut):
        sessions.resume(db, done.token, NOW)


@pytest.mark.parametrize("number", [0, -1, 2**40])
def test_nobody_unknown_is_changed(db: Database, ada: Actor, number: int) -> None:
    with pytest.raises(MemberNotFound):
        team.change_role(db, ada, number, Role.VIEWER, NOW)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_only_administrators_see_the_team(db: Database, ada: Actor, role: Role) -> None:
    with pytest.raises(RoleForbids):
        team.members(db, Actor(ada.user_id, "Ada", role))
    with pytest.raises(RoleForbids):
        team.invitations(db, Actor(ada.user_id, "Ada", role), NOW)


def test_a_program_is_no_member(db: Database, ada: Actor) -> None:

    api_keys.create(db, "CRM", Role.ADMIN, NOW)
    assert [member.name for member in team.members(db, ada)] == ["Ada Park"]


def test_the_operator_makes_administrators(db: Database) -> None:
    purpose, token = joining.administrator_link(db, "Ada.Park@example.com", NOW)
    assert purpose is Purpose.INVITE
    ada = actor_of(db, joining.join(db, token, "Ada Park", PASSWORD, HERE, NOW))
    assert ada.role is Role.ADMIN
    bo = arrange.person(db, NOW, "Bo Lind", Role.VIEWER)
    team.deactivate(db, ada, bo.user_id, NOW)
    purpose, token = joining.administrator_link(db, "bo.lind@example.com", NOW)
    assert purpose is Purpose.RESET
    joining.reset(db, token, PASSWORD, HERE, NOW)
    again = signing_in.sign_in(db, "bo.lind@example.com", PASSWORD, HERE, NOW)
    assert actor_of(db, again).role is Role.ADMIN


def test_the_audit_only_grows(db: Database, ada: Actor) -> None:
    rewritten = update(AuditEntry).values(user_name="Nobody")
    changes: list[Executable] = [
        delete(AuditEntry),
        rewritten,
        update(AuditEntry).values(after={"role": "viewer"}),
        update(AuditEntry).values(address=""),
        text("DELETE FROM audit_entry"),
        *([] if db.is_sqlite else [text("TRUNCATE audit_entry")]),
    ]
    for change in changes:
        with pytest.raises(DBAPIError, match="the audit only grows"), db.write() as session:
            session.execute(change)
    assert newest(db).action == "sign in"


def test_an_erased_person_leaves_the_audit_and_the_entry_stays(db: Database, ada: Actor) -> None:
    list_id = arrange.contact_list(db, ada, NOW, ["+12126001000"])
    contact_id = contacts_of(db)
    with db.write() as session:
        after = {"phone": "+12126001000"}
        audit.record(session, ada, NOW, "change", "contact", contact_id, after=after)
    erasure.erase(db, ada, contact_id, NOW)
    with db.read() as session:
        kept = session.scalars(select(AuditEntry).where(col(AuditEntry.kind) == "contact")).all()
    assert list_id
    assert [(row.action, row.after) for row in kept if row.action == "change"] == [("change", erasure.GONE)]


def contacts_of(db: Database) -> int:

    with db.read() as session:
        return session.scalars(select(col(Contact.id))).one() or 0
