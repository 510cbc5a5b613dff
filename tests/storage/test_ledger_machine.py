"""The ledger against a small model: whatever happens in whatever order, nobody gets it twice on a doubt."""

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

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
from domain.deliveries import FINAL, State, may_replace, may_replace_late
from domain.doubts import SETTLES_WITHIN, NoneUnconfirmed, NotSendingAgain
from domain.messages import Choice, MessageState, NotMissed, ResumeFirst
from domain.outcomes import Outcome, Proof
from storage import (
    audiences,
    campaigns,
    contacts,
    deliveries,
    doubts,
    late_receipts,
    messages,
    missed,
    receipts,
    results,
    unconfirmed,
)
from storage.database import Database
from storage.deliveries import Claimed
from storage.doubts import Doubt, Look, Sighted
from storage.messages import Change
from storage.receipts import Arrived
from tests import arrange, ledger
from tests.conftest import NOW

PHONES = arrange.numbers(9)
START = ledger.start_of(NOW)


TAKEN = (Proof.ACCEPTED, Proof.ACCEPTED, Proof.AMBIGUOUS)
NOT_TAKEN = (Proof.REFUSED, Proof.NOT_SENT, Proof.TOO_FAST, Proof.LINE_BLOCKED, Proof.AMBIGUOUS)
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
        self.truth: dict[str, bool] = {}  # attempt → whether the carrier took it, whatever we get to know
        self.accepted: dict[tuple[int, str], str] = {}  # (message, phone) → the attempt the carrier took
        self.doubtful: set[tuple[int, str]] = set()  # not to be sent again without proof or an order
        self.ordered: set[tuple[int, str]] = set()  # somebody ordered another attempt
        self.looked: set[str] = set()  # attempts that were looked up or replaced
        self.out: set[str] = set()
        self.said: list[Arrived] = []
        self.before: dict[tuple[int, str], State] = {}

    @initialize(planned=st.sampled_from([True, True, False]), limit=st.integers(1, 4), data=st.data())
    def begin(self, planned: bool, limit: int, data: st.DataObject) -> None:
        """Mostly in the middle of sending: few random walks would come there by themselves."""
        if planned:
            self.now = START
            ledger.beat(self.db, self.now)
            self.take(self.ids[0], limit, data)

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    @property
    def status(self) -> Status:
        return results.overview(self.db, self.campaign_id, self.now).standing.status

    @rule(seconds=st.sampled_from([1, 30, 90, 600, 7_200]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(size=st.integers(1, 4), chunks=st.integers(1, 12))
    def tick(self, size: int, chunks: int) -> None:
        missed.notice(self.db, self.now)
        audiences.begin_due(self.db, self.now)
        for message_id in audiences.unplanned(self.db):
            for _ in range(chunks):
                audiences.plan_chunk(self.db, message_id, self.now, size)
        audiences.finish(self.db, self.now)
        audiences.cancel_rest(self.db, self.now, size)

    @rule(which=st.sampled_from([0, 0, 0, 1]), limit=st.integers(1, 5), data=st.data())
    def claim(self, which: int, limit: int, data: st.DataObject) -> None:
        self.take(self.ids[which], limit, data)

    def take(self, message_id: int, limit: int, data: st.DataObject) -> None:
        for one in ledger.claim(self.db, message_id, self.now, limit):
            self.happened["claimed"] += 1
            who = (message_id, one.phone)
            assert self.status is Status.RUNNING
            assert one.phone not in self.out
            assert who not in self.doubtful
            assert all(other.id != one.id for _message, other in self.flying) or who in self.ordered
            if who not in self.ordered:
                assert not any(took for attempt, took in self.truth.items() if belongs(attempt, one.id))
            assert one.attempt_id not in self.truth
            self.truth[one.attempt_id] = data.draw(st.booleans())
            self.flying.append((message_id, one))
            self.tried.append(one)

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), wait=st.sampled_from([0, 5, 600]))
    def settle(self, data: st.DataObject, wait: int) -> None:
        """What the sender gets to know: the truth, or nothing."""
        message_id, one = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        proof = data.draw(st.sampled_from(TAKEN if self.truth[one.attempt_id] else NOT_TAKEN))
        who = (message_id, one.phone)
        before = ledger.rows(self.db, message_id)[one.phone]
        if proof is Proof.ACCEPTED and who not in self.ordered:
            self.accepted[who] = one.attempt_id
        ledger.settle(self.db, [one], self.now, Outcome(proof, "c", "e"), timedelta(seconds=wait))
        after = ledger.rows(self.db, message_id)[one.phone]
        if after.attempt_id != one.attempt_id:
            assert after.state is before.state
        elif after.state is State.UNKNOWN:
            self.doubtful.add(who)
        elif before.state is State.UNKNOWN:
            self.doubtful.discard(who)

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def receive(self, data: st.DataObject, word: State) -> None:
        """A word of the carrier; of what it never took it only says that it failed."""
        one = data.draw(st.sampled_from(self.tried))
        self.apply(
            ledger.receipt(self.db, one, word if self.truth[one.attempt_id] else State.FAILED, code="r")
        )

    @precondition(lambda self: self.doubtful)
    @rule(
        data=st.data(), exact=st.booleans(), limit=st.integers(1, 9), seconds=st.sampled_from([90, 600, 600])
    )
    def look(self, data: st.DataObject, exact: bool, limit: int, seconds: int) -> None:
        """The carrier is asked about attempts in doubt; it says the truth, or nothing."""
        self.now += timedelta(seconds=seconds)
        taken = doubts.take(self.db, limit, self.now)
        self.looked |= {one.attempt_id for one in taken}
        looks = [
            self.answer(one, exact, data.draw(st.sampled_from(["true", "true", "silent"]))) for one in taken
        ]
        before = {one.delivery_id: one for one in taken}
        doubts.record(self.db, looks, self.now)
        for message_id in self.ids:
            for phone, row in ledger.rows(self.db, message_id).items():
                if row.id in before and row.state is not State.UNKNOWN:
                    took = self.truth[before[row.id].attempt_id]
                    assert (row.state is State.SENT) == took
                    assert took or self.now - before[row.id].claimed_at >= SETTLES_WITHIN
                    self.happened["settled by a look"] += 1
                    self.doubtful.discard((message_id, phone))

    def answer(self, one: Doubt, exact: bool, how: str) -> Look:
        here = (Sighted(f"c-{one.attempt_id}"),) if self.truth[one.attempt_id] else ()
        return Look(one.delivery_id, one.attempt_id, None if how == "silent" else here, exact)

    @rule(which=st.integers(0, 1))
    def send_again(self, which: int) -> None:
        message_id = self.ids[which]
        unknown = {p: r for p, r in ledger.rows(self.db, message_id).items() if r.state is State.UNKNOWN}
        try:
            queued = unconfirmed.send_again(self.db, self.actor, self.campaign_id, message_id, self.now)
        except (NoneUnconfirmed, NotSendingAgain):
            return
        assert queued == len(unknown)
        self.happened["sent again"] += queued
        self.looked |= {row.attempt_id or "" for row in unknown.values()}
        self.ordered |= {(message_id, phone) for phone in unknown}
        self.doubtful -= self.ordered
        for who in self.ordered:
            self.accepted.pop(who, None)

    @rule(which=st.integers(0, 1), choice=st.sampled_from(Choice))
    def decide(self, which: int, choice: Choice) -> None:
        try:
            missed.decide(self.db, self.actor, self.campaign_id, self.ids[which], choice, self.now)
        except (NotMissed, ResumeFirst):
            return

    @rule()
    def three_days_pass(self) -> None:
        self.now += timedelta(hours=73)
        late_receipts.give_up(self.db, self.now)
        for message_id in self.ids:
            for row in ledger.rows(self.db, message_id).values():
                assert row.state is not State.SENT

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
                expected = was = old[phone].state
                if repeated:
                    pass
                elif row.attempt_id == arrived.attempt_id:
                    expected = arrived.state if may_replace(was, arrived.state) else was
                elif arrived.attempt_id in self.looked and belongs(arrived.attempt_id or "", row.id or 0):
                    expected = arrived.state if may_replace_late(was, arrived.state) else was
                assert row.state is expected
                if row.state is not was:
                    self.doubtful.discard((message_id, phone))

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
                who = (message_id, phone)
                self.check_step(self.before.get(who), row.state)
                self.before[who] = row.state
                if who in self.accepted:
                    assert row.state in (State.SENT, State.NO_RECEIPT, *WORDS)
                    assert row.attempt_id == self.accepted[who]

    def check_step(self, old: State | None, new: State) -> None:
        """What is final stays, but for a receipt that says it arrived, or for a restart."""
        if old is State.DELIVERED:
            assert new is old
        elif old in (State.UNDELIVERED, State.FAILED):
            assert new in (old, State.DELIVERED)
        elif old in FINAL - {State.CANCELED}:
            assert new in (old, State.SENT, State.NO_RECEIPT, State.DELIVERED, State.UNDELIVERED)

    @invariant()
    def nobody_gets_it_twice_but_on_order(self) -> None:
        for message_id in self.ids:
            for phone, row in ledger.rows(self.db, message_id).items():
                taken = [a for a, took in self.truth.items() if took and belongs(a, row.id or 0)]
                assert len(taken) <= 1 or (message_id, phone) in self.ordered


def belongs(attempt_id: str, delivery_id: int) -> bool:
    """Whether it is an attempt of this delivery."""
    return attempt_id.startswith(f"{delivery_id}-")


def test_whatever_happens_nobody_gets_it_twice_and_the_books_balance(sqlite_template: Path) -> None:
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
    assert Ledger.happened["claimed"] > 20, Ledger.happened
    assert Ledger.happened["settled by a look"] > 2, Ledger.happened
    assert Ledger.happened["sent again"] > 0, Ledger.happened
