"""The results page on what needs a person: lines that are held, missed messages, unconfirmed deliveries."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User

from domain.deliveries import State
from domain.messages import MessageState
from domain.outcomes import Outcome, Proof
from domain.pacing import day_in
from storage import campaigns, grid, late_receipts, line_holds, messages, missed
from storage.database import Database
from storage.grid import Query
from storage.tables import Line, LineDay
from tests import ledger
from tests.conftest import NOW
from tests.ui.test_results import START, Stage
from ui.bar import DeliveryBar
from ui.campaign_table import payload
from ui.unconfirmed import SEND_AGAIN


@pytest.fixture
def stage(sqlite_db: Database, tmp_path: Path) -> Stage:
    return Stage(sqlite_db, tmp_path / "files")


def press(user: User, label: str) -> None:
    """The newest button of that name, such as a dialog's."""
    with user:
        button = max(user.find(kind=ui.button, content=label).elements, key=lambda e: e.id)
    button._handle_event({"type": "click", "args": {}, "listener_id": next(iter(button._event_listeners))})


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        ("trip", "The carrier can't be reached; trying again at 12:01 PM UTC."),
        ("slow", "The carrier asked for fewer messages; going on at 12:01 PM UTC."),
        ("cap", "The line's daily cap is used up; going on at 12:00 AM UTC."),
        ("block", "The sign-in was refused."),
    ],
)
async def test_a_line_that_is_held_says_why_and_when_it_goes_on(stage: Stage, hold: str, words: str) -> None:
    campaign_id = stage.scheduled()
    stage.begin()
    match hold:
        case "trip":
            line_holds.trip(stage.db, 1, START)
        case "slow":
            line_holds.too_fast(stage.db, 1, 20.0, 1.0, START)
        case "cap":
            with stage.db.write() as session:
                session.get_one(Line, 1).daily_cap = 2
                session.add(LineDay(line_id=1, day=day_in("UTC", START), segments=2))
        case _:
            line_holds.block(stage.db, 1, words, "20003", START)
    async with stage.open(campaign_id) as user:
        waits = hold != "block"
        await user.should_see("Main number can't send right now." if waits else "Main number is blocked.")
        await user.should_see(words)
    (row,) = grid.page(stage.db, Query(), START).rows
    assert payload(row, START)["trouble"] == (words if waits else f"The line can't send. {words}")
    campaigns.pause(stage.db, stage.actor, campaign_id, START)
    (row,) = grid.page(stage.db, Query(), START).rows
    assert payload(row, START)["trouble"] == ""


async def test_a_missed_message_asks_what_should_become_of_it(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    late = START + timedelta(hours=2)
    stage.world = replace(stage.world, clock=lambda: late)
    missed.notice(stage.db, late)
    async with stage.open(campaign_id) as user:
        await user.should_see("Message 1 was missed.")
        for way_on in ("Send now", "Reschedule", "Skip"):
            await user.should_see(way_on)
        user.find("Send now").click()
        await user.should_see("It goes out at once, to everyone who doesn't have it yet.")
        press(user, "Send now")
        await user.should_see("Message 1 goes out now.")
        await user.should_not_see("Message 1 was missed.")
    (message,) = messages.of_campaign(stage.db, campaign_id)
    assert message.state is MessageState.SCHEDULED
    assert message.begins_at == late


async def test_a_missed_message_can_be_skipped(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    missed.notice(stage.db, START + timedelta(hours=2))
    (row,) = grid.page(stage.db, Query(), START).rows
    assert payload(row, START)["trouble"] == "1 message was missed and must be decided."
    assert payload(row, START)["progress"] is None  # nothing of it gets ready
    async with stage.open(campaign_id) as user:
        user.find("Skip").click()
        await user.should_see("Skip message 1?")
        press(user, "Skip")
        await user.should_see("Message 1 is skipped.")
    (message,) = messages.of_campaign(stage.db, campaign_id)
    assert message.state is MessageState.SKIPPED


async def test_unconfirmed_deliveries_are_left_or_sent_again(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    message_id = stage.begin()
    claimed = ledger.claim(stage.db, message_id, START)
    ledger.settle(stage.db, claimed[:2], START, Outcome(Proof.AMBIGUOUS))
    ledger.settle(stage.db, claimed[2:], START)
    ledger.beat(stage.db, START)
    async with stage.open(campaign_id) as user:
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("2 are unconfirmed.")
        user.find(SEND_AGAIN).click()
        await user.should_see("Send message 1 again to 2 people?")
        await user.should_see("they will get it twice")
        user.find("Leave").click()
        await user.should_not_see("they will get it twice")
        assert list(ledger.states(stage.db, message_id).values()).count(State.UNKNOWN) == 2
        user.find(SEND_AGAIN).click()
        await user.should_see("they will get it twice")
        press(user, SEND_AGAIN)
        await user.should_see("2 deliveries are queued to be sent again.")
        await user.should_not_see("2 are unconfirmed.")
    states = list(ledger.states(stage.db, message_id).values())
    assert states.count(State.QUEUED) == 2


async def test_a_stopped_campaign_does_not_offer_to_send_again(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    message_id = stage.begin()
    ledger.settle(stage.db, ledger.claim(stage.db, message_id, START, 1), START, Outcome(Proof.AMBIGUOUS))
    campaigns.stop(stage.db, stage.actor, campaign_id, START)
    async with stage.open(campaign_id) as user:
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("1 is unconfirmed.")
        await user.should_not_see(SEND_AGAIN)


async def test_no_receipt_after_three_days_is_a_line_of_its_own(stage: Stage) -> None:
    campaign_id = stage.scheduled()
    message_id = stage.begin()
    ledger.send(stage.db, message_id, START)
    late_receipts.give_up(stage.db, NOW + timedelta(days=4))
    async with stage.open(campaign_id) as user:
        with user:
            (bar,) = user.find(kind=DeliveryBar).elements
        tally = bar.props["tally"]
        assert tally["words"] == "0 of 3 delivered, 0 %. 3 without a receipt after 72 h."
        user.find(kind=DeliveryBar).trigger("toggle")
        await user.should_see("No receipt after 72 h")
        await user.should_see("never said what became of them.")
