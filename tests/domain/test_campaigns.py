"""The transition table against product.md D1, written down here a second time and independently."""

from itertools import product

import pytest

from domain.access import Actor, Role, permitted
from domain.campaigns import BECOMES, Action, ActionRefused, Standing, Status, actions, allows, check

EVERY = [
    Standing(status, archived, started, restarting, movable)
    for status in Status
    for archived, started, restarting, movable in product((False, True), repeat=4)
    if not (started and status is Status.DRAFT)  # nothing of a draft has ever begun
]


def expected(action: Action, s: Standing) -> bool:
    """What D1, S8, S12, S14, S15 and D9 say, one sentence a line."""
    if action is Action.CLONE:
        return True  # any can be cloned
    if action is Action.UNARCHIVE:
        return s.archived
    if action is Action.VIEW:
        return s.started  # once it runs or was started and stopped
    if s.archived:
        return False  # hidden: nothing of it changes
    match action:
        case Action.EDIT | Action.DELETE:
            return s.status is Status.DRAFT
        case Action.SCHEDULE:
            return s.status is Status.DRAFT or (s.status is Status.STOPPED and s.restarting)
        case Action.EDIT_SCHEDULE:  # single unsent messages, once scheduled or while rebuilding
            live = s.status in (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
            return s.movable and (live or (s.status is Status.STOPPED and s.restarting))
        case Action.PAUSE:
            return s.status is Status.RUNNING
        case Action.RESUME:
            return s.status is Status.PAUSED
        case Action.STOP:
            return s.status in (Status.SCHEDULED, Status.RUNNING, Status.PAUSED)
        case Action.RESTART:
            return s.status is Status.STOPPED
        case Action.ARCHIVE:
            return s.status in (Status.DRAFT, Status.STOPPED, Status.COMPLETED)
    raise AssertionError(action)


@pytest.mark.parametrize("action", Action)
def test_an_action_is_allowed_exactly_where_the_contract_says(action: Action) -> None:
    wrong = [standing for standing in EVERY if allows(action, standing) != expected(action, standing)]
    assert wrong == []


@pytest.mark.parametrize("standing", EVERY)
def test_the_menu_the_check_and_the_table_agree(standing: Standing) -> None:
    assert actions(standing) == [action for action in Action if expected(action, standing)]
    for action in Action:
        if expected(action, standing):
            check(action, standing)
            continue
        with pytest.raises(ActionRefused) as refused:
            check(action, standing)
        text = refused.value.text
        assert text.startswith(f"{action.value} is not possible: ")
        assert text.endswith(".")
        why = text.removeprefix(f"{action.value} is not possible: ")
        assert len(why.split()) >= 4
        assert "archived" in why or not standing.archived


@pytest.mark.parametrize(
    ("action", "standing", "why"),
    [
        (Action.ARCHIVE, Standing(Status.RUNNING), "the campaign is running. Stop it first."),
        (Action.EDIT, Standing(Status.SCHEDULED), "the campaign is scheduled, so its details are locked."),
        (Action.SCHEDULE, Standing(Status.STOPPED), "the campaign is stopped. Restart it first."),
        (Action.EDIT_SCHEDULE, Standing(Status.STOPPED), "the campaign is stopped. Restart it first."),
        (Action.EDIT_SCHEDULE, Standing(Status.RUNNING, movable=False), "every message's time has come."),
        (
            Action.VIEW,
            Standing(Status.SCHEDULED),
            "the campaign has not started, so there is nothing to show yet.",
        ),
        (Action.STOP, Standing(Status.COMPLETED), "the campaign is completed."),
        (
            Action.STOP,
            Standing(Status.DRAFT, archived=True),
            "the campaign is archived. Unarchive it first.",
        ),
    ],
)
def test_a_refusal_says_why(action: Action, standing: Standing, why: str) -> None:
    with pytest.raises(ActionRefused) as refused:
        check(action, standing)
    assert refused.value.text == f"{action.value} is not possible: {why}"


def test_an_action_leads_where_the_contract_says() -> None:
    assert BECOMES == {
        Action.SCHEDULE: Status.SCHEDULED,
        Action.PAUSE: Status.PAUSED,
        Action.RESUME: Status.RUNNING,
        Action.STOP: Status.STOPPED,
    }


@pytest.mark.parametrize("status", Status)
def test_an_archived_campaign_shows_as_archived_and_keeps_its_status(status: Status) -> None:
    assert Standing(status).shown == status.value
    assert Standing(status, archived=True).shown == "archived"
    assert status.label == status.value.capitalize()


@pytest.mark.parametrize("may_send", [True, False])
@pytest.mark.parametrize("role", Role)
def test_a_role_takes_the_actions_that_are_its_own(role: Role, may_send: bool) -> None:
    given = set(permitted(Actor(1, "Ada Park", role), Action, may_send=may_send))
    sends = {Action.SCHEDULE, Action.RESUME, Action.RESTART}
    everything = set(Action) if may_send else set(Action) - sends
    assert given == ({Action.VIEW} if role is Role.VIEWER else everything)
