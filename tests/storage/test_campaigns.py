"""What people do with campaigns, from the first save to the last archive."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.access import Actor, Role, RoleForbids
from domain.campaigns import Action, ActionRefused, Status
from domain.details import ChoiceGone, Details, DetailsLocked, DetailsMissing, NameTaken
from domain.messages import MessageState
from domain.names import NameTooLong
from domain.problems import Problem
from domain.schedules import TooEarly
from domain.zones import UnknownZone
from storage import campaigns, grid, messages, results, workspace
from storage.database import Database
from storage.found import CampaignNotFound
from storage.messages import Change
from storage.sequence import MessageNotReady, NoMessages
from storage.tables import Campaign, Message, User
from tests import arrange, ledger
from tests.conftest import NOW


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


@pytest.fixture
def form(db: Database, actor: Actor) -> Details:
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(3))
    return Details("Spring sale", "sms", line_id, list_id, actor.user_id, acknowledged=True)


def campaign_of(db: Database, campaign_id: int) -> Campaign:
    with db.read() as session:
        return session.get_one(Campaign, campaign_id)


def renamed(form: Details, name: str) -> Details:
    return Details(name, form.channel, form.line_id, form.list_id, form.owner_id, acknowledged=True)


def with_texts(db: Database, actor: Actor, form: Details, *texts: str, first: datetime | None = None) -> int:
    return arrange.draft(db, actor, NOW, form.line_id or 0, form.list_id or 0, texts=texts, first=first)


def test_a_saved_campaign_is_a_draft_with_who_acknowledged_what(
    db: Database, actor: Actor, form: Details
) -> None:
    workspace.keep_form(db, actor, campaigns.NEW_FORM, {"name": "Spr"}, NOW)
    campaign = campaign_of(db, campaigns.create(db, actor, renamed(form, "  Spring \t sale "), "UTC", NOW))
    assert (campaign.name, campaign.status, campaign.created_by_id) == (
        "Spring sale",
        Status.DRAFT,
        actor.user_id,
    )
    assert campaign.acknowledged_at == NOW
    assert "opt-in approval" in campaign.acknowledgment
    assert workspace.kept_form(db, actor, campaigns.NEW_FORM) == {}
    assert ledger.audit(db)[-1] == ("create", "campaign", campaign.id)


@pytest.mark.parametrize(
    "name", ["Spring sale", "SPRING SALE", " spring   sale", "Ｓｐｒｉｎｇ sale", "Spri\u200bng sale"]
)
def test_a_name_is_taken_however_it_is_written(db: Database, actor: Actor, form: Details, name: str) -> None:
    first = campaigns.create(db, actor, form, "UTC", NOW)
    other = campaigns.create(db, actor, renamed(form, "Autumn"), "UTC", NOW)
    with pytest.raises(NameTaken):
        campaigns.create(db, actor, renamed(form, name), "UTC", NOW)
    with pytest.raises(NameTaken):
        campaigns.save_details(db, actor, other, renamed(form, name), NOW)
    assert not campaigns.name_is_free(db, name)
    assert campaigns.name_is_free(db, name, except_id=first)
    campaigns.save_details(db, actor, first, renamed(form, name), NOW)


def test_two_people_cannot_save_the_same_name_at_once(db: Database, actor: Actor, form: Details) -> None:
    said: list[str] = []
    gate = threading.Barrier(4)

    def create() -> None:
        gate.wait()
        try:
            campaigns.create(db, actor, form, "UTC", NOW)
            said.append("saved")
        except NameTaken:
            said.append("taken")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["saved", "taken", "taken", "taken"]


@pytest.mark.parametrize("field", ["line_id", "list_id", "owner_id"])
def test_a_choice_that_is_gone_is_refused(db: Database, actor: Actor, form: Details, field: str) -> None:
    values: dict[str, Any] = {name: getattr(form, name) for name in ("line_id", "list_id", "owner_id")}
    values[field] = 987
    gone = Details(
        "Other", "sms", values["line_id"], values["list_id"], values["owner_id"], acknowledged=True
    )
    with pytest.raises(ChoiceGone):
        campaigns.create(db, actor, gone, "UTC", NOW)
    draft = campaigns.create(db, actor, form, "UTC", NOW)
    with pytest.raises(ChoiceGone):
        campaigns.save_details(db, actor, draft, gone, NOW)


def test_an_owner_who_has_left_can_not_be_chosen(db: Database, actor: Actor, form: Details) -> None:
    with db.write() as session:
        session.execute(update(User).where(col(User.id) == actor.user_id).values(active=False))
    with pytest.raises(ChoiceGone):
        campaigns.create(db, actor, form, "UTC", NOW)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"name": " "}, DetailsMissing),
        ({"acknowledged": False}, DetailsMissing),
        ({"name": "x" * 121}, NameTooLong),
    ],
)
def test_incomplete_details_are_refused(
    db: Database, actor: Actor, form: Details, wrong: dict[str, Any], problem: type[Problem]
) -> None:
    values: dict[str, Any] = {"acknowledged": True, "name": form.name} | wrong
    with pytest.raises(problem):
        campaigns.create(
            db,
            actor,
            Details(values["name"], "sms", form.line_id, form.list_id, form.owner_id, values["acknowledged"]),
            "UTC",
            NOW,
        )


def test_a_zone_that_does_not_exist_is_refused(db: Database, actor: Actor, form: Details) -> None:
    with pytest.raises(UnknownZone):
        campaigns.create(db, actor, form, "Mars/Olympus", NOW)
    draft = campaigns.create(db, actor, form, "UTC", NOW)
    with pytest.raises(UnknownZone):
        campaigns.set_zone(db, actor, draft, "Mars/Olympus", NOW)


def test_another_zone_keeps_the_wall_clock_and_moves_the_instants(
    db: Database, actor: Actor, form: Details
) -> None:
    draft = with_texts(db, actor, form, "Hello", first=datetime(2026, 11, 30, 9, 30, tzinfo=UTC))
    campaigns.set_zone(db, actor, draft, "America/New_York", NOW)
    message = messages.of_campaign(db, draft)[0]
    assert (message.local_date, message.local_time) == ("2026-11-30", "09:30")
    assert message.send_at == datetime(2026, 11, 30, 14, 30, tzinfo=UTC)
    assert campaign_of(db, draft).start_at == message.send_at
    assert ledger.audit(db)[-1] == ("edit", "campaign", draft)


@pytest.mark.parametrize(
    "verb", ["schedule", "pause", "resume", "stop", "restart", "archive", "unarchive", "delete", "clone"]
)
def test_a_viewer_changes_nothing(db: Database, actor: Actor, form: Details, verb: str) -> None:
    draft = with_texts(db, actor, form, "Hello")
    viewer = arrange.person(db, NOW, "Eve Quist", Role.VIEWER)
    with pytest.raises(RoleForbids):
        getattr(campaigns, verb)(db, viewer, draft, NOW)
    with pytest.raises(RoleForbids):
        campaigns.create(db, viewer, renamed(form, "Other"), "UTC", NOW)
    with pytest.raises(RoleForbids):
        campaigns.save_details(db, viewer, draft, form, NOW)
    with pytest.raises(RoleForbids):
        campaigns.set_zone(db, viewer, draft, "UTC", NOW)
    assert campaign_of(db, draft).status is Status.DRAFT


@pytest.mark.parametrize("number", [0, -1, 999, 2**31, 2**70])
def test_a_campaign_that_does_not_exist_is_not_found(db: Database, actor: Actor, number: int) -> None:
    with pytest.raises(CampaignNotFound):
        campaigns.stop(db, actor, number, NOW)
    with pytest.raises(CampaignNotFound):
        results.overview(db, number, NOW)


def test_details_are_locked_once_scheduled(db: Database, actor: Actor, form: Details) -> None:
    draft = with_texts(db, actor, form, "Hello")
    campaigns.save_details(db, actor, draft, renamed(form, "Better name"), NOW)
    assert ledger.audit(db)[-1] == ("edit", "campaign", draft)
    campaigns.schedule(db, actor, draft, NOW)
    with pytest.raises(DetailsLocked):
        campaigns.save_details(db, actor, draft, form, NOW)
    with pytest.raises(DetailsLocked):
        campaigns.set_zone(db, actor, draft, "Europe/Paris", NOW)
    assert campaign_of(db, draft).name == "Better name"


def test_scheduling_needs_a_message(db: Database, actor: Actor, form: Details) -> None:
    draft = campaigns.create(db, actor, form, "UTC", NOW)
    with pytest.raises(NoMessages) as refused:
        campaigns.schedule(db, actor, draft, NOW)
    assert refused.value.text == "Add a message first."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(text=" \n ", local_date="2026-11-30", local_time="09:30"), "Write a text or add"),
        (Change(text="x" * 1601, local_date="2026-11-30", local_time="09:30"), "at most 1,600"),
        (Change(text="Hi"), "Choose a send date and a send time."),
        (Change(text="Hi", local_date="2026-11-30"), "Choose a send date and a send time."),
        (Change(text="Hi", local_time="09:30"), "Choose a send date and a send time."),
        (Change(text="Hi", local_date="tomorrow", local_time="09:30"), "Write the date as"),
        (Change(text="Hi", local_date="2026-02-30", local_time="09:30"), "not in the calendar"),
        (Change(text="Hi", local_date="2026-11-30", local_time="25:00"), "not a time of day"),
    ],
)  # fmt: skip
def test_a_message_that_is_not_ready_keeps_the_campaign_a_draft(
    db: Database, actor: Actor, form: Details, change: Change, words: str
) -> None:
    draft = with_texts(db, actor, form, "Fine")
    messages.add(db, actor, draft, NOW, change)
    with pytest.raises(MessageNotReady) as refused:
        campaigns.schedule(db, actor, draft, NOW)
    assert refused.value.text.startswith("Message 2: ")
    assert words in refused.value.text
    assert campaign_of(db, draft).status is Status.DRAFT
    assert [m.state for m in messages.of_campaign(db, draft)] == [MessageState.DRAFT] * 2


@pytest.mark.parametrize("minutes", [0, -1, -60 * 24 * 400])
def test_a_time_that_has_passed_is_refused_with_the_earliest_possible_one(
    db: Database, actor: Actor, form: Details, minutes: int
) -> None:
    draft = with_texts(db, actor, form, "Hello", first=NOW + timedelta(minutes=minutes))
    with pytest.raises(TooEarly) as refused:
        campaigns.schedule(db, actor, draft, NOW)
    assert refused.value.text == (
        "This time has already passed. The earliest possible time is Mon, Nov 23, 2026, 12:01 PM UTC."
    )


def test_a_time_in_a_gap_goes_out_after_it(db: Database, actor: Actor, form: Details) -> None:
    draft = with_texts(db, actor, form, "Hello", first=datetime(2027, 3, 14, 2, 30, tzinfo=UTC))
    campaigns.set_zone(db, actor, draft, "America/New_York", NOW)
    campaigns.schedule(db, actor, draft, NOW)
    assert messages.of_campaign(db, draft)[0].send_at == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_a_later_message_may_not_begin_before_the_earlier_one_has_ended(db: Database, actor: Actor) -> None:
    line_id = arrange.line(db, NOW, rate=1.0)
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(300))
    first = NOW + timedelta(hours=1)
    draft = arrange.draft(
        db, actor, NOW, line_id, list_id, texts=("a" * 161, "Again"), first=first, apart=timedelta(minutes=9)
    )
    with pytest.raises(TooEarly) as refused:  # 300 people × 2 segments at 1 a second: ten minutes
        campaigns.schedule(db, actor, draft, NOW)
    assert refused.value.text == (
        "Message 1 is expected to be sent until Mon, Nov 23, 2026, 1:10 PM UTC, and message 2 may not begin "
        "before. The earliest possible time is Mon, Nov 23, 2026, 1:10 PM UTC."
    )
    second = ledger.message_ids(db, draft)[1]
    messages.save(db, actor, second, Change(local_time="13:10"), NOW)
    campaigns.schedule(db, actor, draft, NOW)
    assert campaign_of(db, draft).status is Status.SCHEDULED


def test_scheduling_twice_is_refused_and_says_why(db: Database, actor: Actor, form: Details) -> None:
    draft = with_texts(db, actor, form, "Hello")
    campaigns.schedule(db, actor, draft, NOW)
    with pytest.raises(ActionRefused, match="the campaign is scheduled"):
        campaigns.schedule(db, actor, draft, NOW)
    assert [entry for entry in ledger.audit(db) if entry[0] == "schedule"] == [
        ("schedule", "campaign", draft)
    ]


def test_an_archived_campaign_is_hidden_and_comes_back_as_it_was(
    db: Database, actor: Actor, form: Details
) -> None:
    draft = with_texts(db, actor, form, "Hello")
    message_id = ledger.message_ids(db, draft)[0]
    campaigns.archive(db, actor, draft, NOW)
    assert grid.page(db, grid.Query(), NOW).total == 0
    assert grid.page(db, grid.Query(statuses=("archived",)), NOW).rows[0].status == "archived"
    for verb in (campaigns.schedule, campaigns.delete, campaigns.archive):
        with pytest.raises(ActionRefused, match=r"archived\. Unarchive it first"):
            verb(db, actor, draft, NOW)
    for touch in (
        lambda: campaigns.save_details(db, actor, draft, form, NOW),
        lambda: campaigns.set_zone(db, actor, draft, "Europe/Paris", NOW),
        lambda: messages.add(db, actor, draft, NOW),
        lambda: messages.save(db, actor, message_id, Change(text="x"), NOW),
        lambda: messages.reorder(db, actor, message_id, 1, NOW),
        lambda: messages.remove(db, actor, message_id, NOW),
    ):
        with pytest.raises(ActionRefused, match=r"archived\. Unarchive it first"):
            touch()
    campaigns.unarchive(db, actor, draft, NOW)
    assert grid.page(db, grid.Query(), NOW).rows[0].status == "draft"
    with pytest.raises(ActionRefused, match="not archived"):
        campaigns.unarchive(db, actor, draft, NOW)
    assert [entry[0] for entry in ledger.audit(db)[-2:]] == ["archive", "unarchive"]


def test_only_a_draft_is_deleted_and_then_all_of_it(db: Database, actor: Actor, form: Details) -> None:
    draft = with_texts(db, actor, form, "Hello", "Again")
    campaigns.delete(db, actor, draft, NOW)
    with pytest.raises(CampaignNotFound):
        results.overview(db, draft, NOW)
    assert messages.of_campaign(db, draft) == []
    assert ledger.audit(db)[-1] == ("delete", "campaign", draft)
    scheduled = with_texts(db, actor, form, "Hello")
    campaigns.schedule(db, actor, scheduled, NOW)
    with pytest.raises(ActionRefused):
        campaigns.delete(db, actor, scheduled, NOW)


def test_a_clone_is_a_draft_with_the_texts_and_without_times(
    db: Database, actor: Actor, form: Details
) -> None:
    original = with_texts(db, actor, form, "Hello", "Again")
    second = ledger.message_ids(db, original)[1]
    messages.save(db, actor, second, Change(recipient_local=True, expire_after_minutes=90), NOW)
    campaigns.schedule(db, actor, original, NOW)
    cleo = arrange.person(db, NOW, "Cleo Marsh", Role.MANAGER)
    copy = campaign_of(db, campaigns.clone(db, cleo, original, NOW))
    assert (copy.name, copy.status, copy.message_count) == ("Spring sale (copy)", Status.DRAFT, 2)
    assert (copy.created_by_id, copy.owner_id, copy.start_at) == (cleo.user_id, actor.user_id, None)
    made = messages.of_campaign(db, copy.id or 0)
    assert [(m.text, m.local_date, m.local_time, m.send_at, m.state) for m in made] == [
        ("Hello", None, None, None, MessageState.DRAFT),
        ("Again", None, None, None, MessageState.DRAFT),
    ]
    assert (made[1].recipient_local, made[1].expire_after_minutes) == (True, 90)
    with pytest.raises(MessageNotReady):
        campaigns.schedule(db, actor, copy.id or 0, NOW)


def test_clones_of_any_name_are_named_apart(db: Database, actor: Actor, form: Details) -> None:
    original = campaigns.create(db, actor, renamed(form, "Z" * 120), "UTC", NOW)
    names = {campaign_of(db, campaigns.clone(db, actor, original, NOW)).name for _ in range(4)}
    assert len(names) == 4
    assert max(map(len, names)) <= 120
    spaced = campaigns.create(db, actor, renamed(form, "a" * 112 + " bcdefgh"), "UTC", NOW)
    assert "  " not in campaign_of(db, campaigns.clone(db, actor, spaced, NOW)).name


@pytest.mark.parametrize(
    "action", [a for a in Action if a in (Action.PAUSE, Action.RESUME, Action.STOP, Action.RESTART)]
)
def test_a_draft_refuses_what_needs_more_and_nothing_changes(
    db: Database, actor: Actor, form: Details, action: Action
) -> None:
    draft = with_texts(db, actor, form, "Hello")
    before = ledger.audit(db)
    with pytest.raises(ActionRefused, match="the campaign is draft"):
        getattr(campaigns, action.value.split()[0].lower())(db, actor, draft, NOW)
    assert ledger.audit(db) == before
    assert campaign_of(db, draft).status is Status.DRAFT


def test_the_grid_and_the_page_offer_the_same_actions(db: Database, actor: Actor, form: Details) -> None:
    draft = with_texts(db, actor, form, "Hello")

    def offered(now: datetime) -> tuple[Action, ...]:
        page = results.overview(db, draft, now).actions
        assert grid.rows_of(db, [draft], now)[0].actions == page
        return page

    assert offered(NOW) == (Action.EDIT, Action.SCHEDULE, Action.CLONE, Action.ARCHIVE, Action.DELETE)
    campaigns.schedule(db, actor, draft, NOW)
    assert offered(NOW) == (Action.EDIT_SCHEDULE, Action.STOP, Action.CLONE)
    assert offered(NOW + timedelta(minutes=1)) == (Action.STOP, Action.CLONE)
    ledger.beat(db, ledger.start_of(NOW))
    assert offered(NOW + timedelta(minutes=1)) == (Action.VIEW, Action.PAUSE, Action.STOP, Action.CLONE)
    campaigns.stop(db, actor, draft, NOW)
    assert offered(NOW) == (Action.VIEW, Action.RESTART, Action.CLONE, Action.ARCHIVE)
    campaigns.restart(db, actor, draft, NOW)
    assert Action.EDIT_SCHEDULE in offered(NOW)
    message_id = ledger.message_ids(db, draft)[0]
    messages.save(db, actor, message_id, Change(local_date="2026-12-01", local_time="9:00"), NOW)
    campaigns.schedule(db, actor, draft, NOW)
    assert offered(NOW) == (Action.VIEW, Action.EDIT_SCHEDULE, Action.STOP, Action.CLONE)
    with db.read() as session:
        assert session.get_one(Message, message_id).state is MessageState.SCHEDULED
