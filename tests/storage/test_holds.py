from datetime import timedelta

import pytest

from domain.access import Role, RoleForbids
from domain.holds import Cause, Hold
from storage import audiences, campaigns, holds, lines
from storage.database import Database
from tests import arrange, ledger
from tests.conftest import NOW

PHONES = arrange.numbers(3)


def hold(db: Database, cause: Cause = Cause.COPIED) -> None:
    with db.write() as session:
        holds.place(session, cause, NOW)


def test_nothing_is_held_at_first(db: Database) -> None:
    assert holds.current(db) is None


def test_while_held_no_claim_takes_anything_and_afterwards_all_goes_on(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, PHONES)
    (message_id,) = ledger.message_ids(db, campaign_id)
    begun = ledger.start_of(NOW)
    assert len(ledger.claim(db, message_id, begun, limit=1)) == 1
    hold(db)
    assert lines.with_work(db, begun) == []
    assert ledger.claim(db, message_id, begun) == []
    assert holds.release(db, actor, begun)
    assert len(lines.with_work(db, begun)) == 1
    assert len(ledger.claim(db, message_id, begun)) == 2


def test_while_held_no_message_begins(db: Database) -> None:
    actor = arrange.person(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, arrange.line(db, NOW), list_id)
    campaigns.schedule(db, actor, campaign_id, NOW)
    hold(db)
    due = ledger.start_of(NOW) + timedelta(minutes=1)
    assert audiences.begin_due(db, due) == []
    holds.release(db, actor, due)
    assert audiences.begin_due(db, due) == ledger.message_ids(db, campaign_id)


@pytest.mark.parametrize("cause", Cause)
def test_the_hold_says_why_and_since_when(db: Database, cause: Cause) -> None:
    hold(db, cause)
    found = holds.current(db)
    assert found == Hold(cause, NOW)
    assert "people get the same text twice" in found.why


def test_a_later_hold_replaces_the_one_before(db: Database) -> None:
    hold(db, Cause.COPIED)
    hold(db, Cause.RESTORED)
    assert holds.current(db) == Hold(Cause.RESTORED, NOW)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_only_administrators_release(db: Database, role: Role) -> None:
    hold(db)
    with pytest.raises(RoleForbids):
        holds.release(db, arrange.person(db, NOW, role=role), NOW)
    assert holds.current(db) is not None
    assert ledger.audit(db) == []


def test_a_release_is_audited_once(db: Database) -> None:
    actor = arrange.person(db, NOW)
    hold(db)
    assert holds.release(db, actor, NOW)
    assert not holds.release(db, actor, NOW)
    assert holds.current(db) is None
    assert ledger.audit(db) == [("release sending", "setting", 0)]
