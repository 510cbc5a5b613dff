"""The ledger against a small model: whatever happens in whatever order, nobody is accepted twice."""

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.campaigns import ActionRefused, Status
from domain.deliveries import State, may_replace
from domain.doubts import SETTLES_WITHIN
from domain.messages import MessageState
from domain.outcomes import Outcome, Proof
from storage import audiences, campaigns, contacts, deliveries, doubts, messages, receipts, results
from storage.database import Database
from storage.deliveries import Claimed
from storage.doubts import Look, Sighted
from storage.messages import Change
from storage.receipts import Arrived
from tests import arrange, ledger
from tests.conftest import NOW

PHONES = arrange.numbers(9)
START = ledger.start_of(NOW)


WORDS = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)


class Ledger(RuleBasedStateMachine):
    """One campaign of two messages; the clock goes on a second with each step."""

    template: Path
    happened: ClassVar[Counter[str]] = Counter()  # over all runs, so that the machine can't be an idle one

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sms-machine-"))
        shutil.copy(self.template, self.folder / "sms.db")
        self.db = Database(f"sqlite:///{self.folder / 'sms.db'}")
        self.now = NOW
        self.actor = arrange.person(self.db, NOW)
        line_id = arrange.line(self.db, NOW)
        list_id = arrange.contact_list(self.db, self.actor, NOW, PHONES)
        self.campaign_id = arrange.draft(
            self.db, self.actor, NOW, line_id, list_id, texts=("One", "Two"), apart=timedelta(minutes=2)
        )
        campaigns.schedule(self.db, self.actor, self.campaign_id, NOW)
        self.ids = ledger.message_ids(self.db, self.campaign_id)
        self.flying: list[tuple[int, Claimed]] = []  # claimed, not yet settled
        self.tried: list[Claimed] = []
        self.accepted: dict[tuple[int, str], str] = {}  # (message, phone) → the attempt the carrier took
        self.doubtful: set[tuple[int, str]] = set()  # never to be sent again
        self.taken: set[str] = set()  # attempts in doubt that the carrier has all the same
        self.out: set[str] = set()
        self.said: list[Arrived] = []

    @initialize(planned=st.sampled_from([True, True, False]))
    def begin(self, planned: bool) -> None:
        """Mostly in the middle of sending: few random walks would come there by themselves."""
        if planned:
            self.now = START
            ledger.beat(self.db, self.now)

    def teardown(self) -> None:
        self.happened["accepted"] += len(self.accepted)
        self.db.close()
        shutil.rmtree(self.folder)

    @property
    def status(self) -> Status:
        return results.overview(self.db, self.campaign_id, self.now).standing.status

    @rule(seconds=st.sampled_from([1, 30, 90, 600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(size=st.integers(1, 4), chunks=st.integers(1, 12))
    def tick(self, size: int, chunks: int) -> None:
        audiences.begin_due(self.db, self.now)
        for message_id in audiences.unplanned(self.db):
            for _ in range(chunks):
                audiences.plan_chunk(self.db, message_id, self.now, size)
        audiences.finish(self.db, self.now)
        audiences.cancel_rest(self.db, self.now, size)

    @rule(which=st.sampled_from([0, 0, 0, 1]), limit=st.integers(1, 5))
    def claim(self, which: int, limit: int) -> None:
        message_id = self.ids[which]
        for one in ledger.claim(self.db, message_id, self.now, limit):
            self.happened["claimed"] += 1
            who = (message_id, one.phone)
            assert self.status is Status.RUNNING
            assert one.phone not in self.out
            assert who not in self.accepted
            assert who not in self.doubtful
            assert all(other.id != one.id for _message, other in self.flying)
            self.flying.append((message_id, one))
            self.tried.append(one)

    @precondition(lambda self: self.doubtful)
    @rule(data=st.data(), seconds=st.sampled_from([90, 600]))
    def look(self, data: st.DataObject, seconds: int) -> None:
        """Ask the carrier about every attempt in doubt; it has some of them, and finds them exactly."""
        self.now += timedelta(seconds=seconds)
        looks = []
        for doubt in doubts.take(self.db, 100, self.now):
            has = doubt.attempt_id in self.taken or data.draw(st.booleans())
            if has:
                self.taken.add(doubt.attempt_id)
            seen = (Sighted(f"c-{doubt.attempt_id}"),) if has else ()
            looks.append(Look(doubt.delivery_id, doubt.attempt_id, seen, exact=True))
        if not looks:
            return
        before = {one.id: one for row in self.ids for one in ledger.rows(self.db, row).values()}
        doubts.record(self.db, looks, self.now)
        for one in (row for message_id in self.ids for row in ledger.rows(self.db, message_id).values()):
            who, old = (one.message_id, one.phone), before[one.id or 0]
            if old.state is State.UNKNOWN and one.state is not State.UNKNOWN:
                self.happened["settled by a look"] += 1
                self.flying = [(m, c) for m, c in self.flying if c.attempt_id != old.attempt_id]
                if old.attempt_id in self.taken:
                    assert one.state is State.SENT
                    self.accepted[who] = old.attempt_id or ""
                else:
                    assert self.now - (old.sending_since or self.now) >= SETTLES_WITHIN
                    self.doubtful.discard(who)

    @rule(which=st.sampled_from([0, 0, 0, 1]))
    def crash(self, which: int) -> None:
        """Claim, and lose the sender: whether the carrier got any of it is open."""
        lost = len(self.flying)
        self.claim(which, 2)
        del self.flying[lost:]
        self.now += SETTLES_WITHIN
        self.abandon()

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), proof=st.sampled_from(Proof), wait=st.sampled_from([0, 5, 600]))
    def settle(self, data: st.DataObject, proof: Proof, wait: int) -> None:
        message_id, one = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        if proof is Proof.ACCEPTED:
            self.accepted[message_id, one.phone] = one.attempt_id
        if proof in (Proof.ACCEPTED, Proof.REFUSED, Proof.AMBIGUOUS):
            self.doubtful.add((message_id, one.phone))
        ledger.settle(self.db, [one], self.now, Outcome(proof, "c", "e"), timedelta(seconds=wait))

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def receive(self, data: st.DataObject, word: State) -> None:
        one = data.draw(st.sampled_from(self.tried))
        self.apply(ledger.receipt(self.db, one, word, code="r"))

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def receive_again(self, data: st.DataObject) -> None:
        before = [ledger.states(self.db, message_id) for message_id in self.ids]
        receipts.take(self.db, data.draw(st.permutations(self.said)), self.now)
        assert before == [ledger.states(self.db, message_id) for message_id in self.ids]

    def apply(self, arrived: Arrived) -> None:
        before = [ledger.rows(self.db, message_id) for message_id in self.ids]
        receipts.take(self.db, [arrived], self.now)
        repeated = any(arrived.dedupe_key == other.dedupe_key for other in self.said)
        self.said.append(arrived)
        for old, message_id in zip(before, self.ids, strict=True):
            for phone, row in ledger.rows(self.db, message_id).items():
                named = row.attempt_id == arrived.attempt_id and not repeated
                expected = (
                    arrived.state
                    if named and may_replace(old[phone].state, arrived.state)
                    else old[phone].state
                )
                assert row.state is expected
                if named and row.state not in (State.QUEUED, State.SENDING, State.CANCELED, State.EXPIRED):
                    self.doubtful.add((message_id, phone))

    @precondition(lambda self: len(self.tried) > 3 or self.status is not Status.RUNNING)
    @rule(action=st.sampled_from(["stop", "pause", "restart"]))
    def act(self, action: str) -> None:
        try:
            getattr(campaigns, action)(self.db, self.actor, self.campaign_id, self.now)
        except ActionRefused:
            return
        assert action == "restart" or self.status in (Status.STOPPED, Status.PAUSED)

    @rule(choice=st.sampled_from(["send_now", "skip"]))
    def resume(self, choice: str) -> None:
        decided = dict.fromkeys(self.ids, choice)
        if self.status is Status.PAUSED:
            campaigns.resume(self.db, self.actor, self.campaign_id, self.now, decided)

    @rule(which=st.sampled_from([(0,), (1,), (0, 1)]))
    def rebuild(self, which: tuple[int, ...]) -> None:
        campaign = results.overview(self.db, self.campaign_id, self.now)
        canceled = [m.state is MessageState.CANCELED for m in campaign.messages]
        if not campaign.standing.restarting or not all(canceled[place] for place in which):
            return
        for place in which:
            when = self.now + timedelta(minutes=2 + 2 * place)
            change = Change(local_date=f"{when:%Y-%m-%d}", local_time=f"{when:%H:%M}")
            messages.save(self.db, self.actor, self.ids[place], change, self.now)
        campaigns.schedule(self.db, self.actor, self.campaign_id, self.now)

    @rule(phone=st.sampled_from(PHONES))
    def opt_out(self, phone: str) -> None:
        contacts.suppress(self.db, self.actor, phone, "Asked by phone", "team", self.now)
        self.out.add(phone)

    @rule()
    def abandon(self) -> None:
        deliveries.abandon(self.db, self.now)
        for message_id in self.ids:
            states = ledger.states(self.db, message_id)
            self.doubtful |= {(message_id, p) for p, state in states.items() if state is State.UNKNOWN}

    @invariant()
    def the_books_balance(self) -> None:
        ledger.check_tallies(self.db)
        for message_id in self.ids:
            rows = ledger.rows(self.db, message_id)
            assert set(rows) <= set(PHONES)
            for phone, row in rows.items():
                if (message_id, phone) in self.accepted:
                    assert row.state in (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)
                    assert row.attempt_id == self.accepted[message_id, phone]


@pytest.mark.timeout(600)
def test_whatever_happens_nobody_is_accepted_twice_and_the_books_balance(sqlite_template: Path) -> None:
    Ledger.template = sqlite_template
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Ledger.happened["claimed"] > 30, Ledger.happened
    assert Ledger.happened["accepted"] > 3, Ledger.happened
    assert Ledger.happened["settled by a look"] > 5, Ledger.happened
