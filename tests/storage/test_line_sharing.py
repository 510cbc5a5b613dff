"""The review names the campaigns that send on the same line at the same time."""

from datetime import timedelta

import pytest

from domain.access import Actor
from storage import campaigns, review
from storage.database import Database
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
PEOPLE = 120


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def draft(db: Database, actor: Actor, name: str, line_id: int, minutes: int) -> int:
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(PEOPLE), name)
    first = START + timedelta(minutes=minutes)
    return arrange.draft(db, actor, NOW, line_id, list_id, name=name, first=first)


@pytest.mark.parametrize(
    ("minutes", "shared"), [(0, ()), (8, ("Other",)), (9, ("Other",)), (11, ("Other",)), (12, ()), (60, ())]
)
def test_those_at_the_same_time_are_named(
    db: Database, actor: Actor, minutes: int, shared: tuple[str, ...]
) -> None:
    """Each takes two minutes; ours begins ten minutes after the start."""
    line_id = arrange.line(db, NOW, rate=1.0)
    campaigns.schedule(db, actor, draft(db, actor, "Other", line_id, minutes), NOW)
    campaigns.schedule(db, actor, draft(db, actor, "Elsewhere", arrange.line(db, NOW, rate=1.0), 10), NOW)
    draft(db, actor, "Only a draft", line_id, 10)
    ours = draft(db, actor, "Ours", line_id, 10)
    assert review.review(db, ours, NOW).line.shared_with == shared


def test_a_line_without_a_limit_is_shared_with_nobody(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW)
    campaigns.schedule(db, actor, draft(db, actor, "Other", line_id, 10), NOW)
    assert review.review(db, draft(db, actor, "Ours", line_id, 10), NOW).line.shared_with == ()


def test_another_campaign_on_the_line_makes_a_review_anew(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW, rate=1.0)
    ours, other = draft(db, actor, "Ours", line_id, 10), draft(db, actor, "Other", line_id, 10)
    before = review.fingerprint(db, ours)[0]
    campaigns.schedule(db, actor, other, NOW)
    assert review.fingerprint(db, ours)[0] != before
