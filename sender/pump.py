"""The pump: one line's run of claim, send, settle. Only one runs per line, so pacing stays in one place."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from random import Random
from time import monotonic
from typing import Any, NamedTuple

import httpx

from domain import circuit, expected_segments
from domain.carrier_errors import Kind, explain, why_blocked
from domain.circuit import Calls
from domain.outcomes import Outcome, Proof, backoff
from domain.pacing import reserve
from domain.problems import Problem
from domain.schedules import claim_size
from sender.carriers.protocol import Carrier, Outgoing
from sender.carriers.registry import adapter
from sender.carriers.sending import send
from sender.meters import Meters
from sender.traces import within
from sender.writing import outgoing
from storage import deliveries, line_holds, lines
from storage.database import Database
from storage.deliveries import Claimed, Settled, Wanted
from storage.lines import Text, Work

log = logging.getLogger(__name__)

SETTLE_EVERY = 0.02
"""Seconds for which outcomes wait for the commit of the next claim, before they get one of their own."""

SETTLE_PAUSES = (0.2, 1.0, 2.0, 3.0)
"""Seconds before outcomes that could not be recorded are tried again; from then on the last of them."""

IN_FLIGHT = 32
"""Calls to the carrier at once; more only makes every one of them slower."""

FRESH = 0.8 * deliveries.STALE_AFTER
"""How old a claim may be when its call begins; the rest of its time to live is for the call itself."""

RUN_SECONDS = 30.0
RUN_SENDS = 5_000
"""A pump ends after that time or so many sends and is kicked again: fair, and quick to recover."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What every pump needs."""

    db: Database
    clock: Callable[[], datetime]
    transport: httpx.AsyncBaseTransport
    public_url: str
    secret: str
    sandbox_url: str | None = None  # where the sandbox carrier of this process listens
    random: Random = field(default_factory=Random)
    # line → when its rate allows more, in monotonic time; and how its last calls went
    paces: dict[int, float] = field(default_factory=dict)
    calls: dict[int, Calls] = field(default_factory=dict)
    meters: Meters = field(default_factory=Meters)

    def settings(self, kind: str, given: Mapping[str, Any]) -> dict[str, str]:
        """An account's settings as its adapter takes them; a sandbox account needs no address."""
        settings = {name: str(value) for name, value in given.items()}
        if kind == "sandbox" and self.sandbox_url:
            settings.setdefault("base_url", self.sandbox_url)
        return settings


GARBLED = (
    "The carrier answers in a way that can't be understood, so nobody knows whether the last texts went out. "
    "Check the carrier account's address, then let the line try again."
)
NO_CALLS = Calls()
_HELD = Outcome(Proof.TOO_FAST, detail="The program was about to end.")
_IN_DOUBT = Outcome(Proof.AMBIGUOUS, detail="The program ended while this was being sent.")


class Errand(NamedTuple):
    """A claimed delivery on its way to the carrier, with all that is sent and what it costs."""

    delivery: Claimed
    work: Work
    carrier: Carrier
    text: Text
    at: float  # not before, in monotonic time; 0 for a line without a rate


class Pump:
    """One run on one line."""

    def __init__(self, sending: Sending, line_id: int) -> None:
        self.sending = sending
        self.line_id = line_id
        self.sent = 0
        self._stopping = asyncio.Event()
        self._errands: asyncio.Queue[Errand] = asyncio.Queue()
        self._began = self._until = 0.0
        self._results: list[Settled] = []
        self._needed = 1  # so many outcomes are waited for
        self._gathered = asyncio.Event()
        self._open = 0  # claimed and not settled
        self._wait_until = 0.0

    async def run(self) -> bool:
        """Send what is due; returns whether there may be more. What is claimed is always settled."""
        self._began = monotonic()
        self._until = self._began + RUN_SECONDS
        more = False
        runners = [asyncio.create_task(self._run_errands()) for _ in range(IN_FLIGHT)]
        try:
            while not self._stopping.is_set():
                if self._is_over():
                    more = True
                    break
                work = await self.sending.db.run(lines.work, self.line_id, self.sending.clock())
                if work is None or not await self._send_next(work):
                    break
        finally:
            await self._fewer_than(1)
            await self._exchange(None)
            for runner in runners:
                runner.cancel()
        return more

    def stop(self) -> None:
        """Claim nothing more; what is claimed but not on its way goes back, and `run` ends."""
        self._stopping.set()

    def _is_over(self) -> bool:
        return monotonic() > self._until or self.sent >= RUN_SENDS

    async def _send_next(self, work: Work) -> bool:
        """Claim and send the next due deliveries; False when there are none or the line must wait."""
        try:
            settings = self.sending.settings(work.carrier_kind, work.carrier_settings)
            carrier = adapter(work.carrier_kind, settings)
        except Problem as problem:  # kept before the kind asked for it, or spoilt since
            await self._block(problem.text, "settings")
            return False
        limit = claim_size(work.rate)
        for text in work.texts:
            cost = expected_segments.claimed(text.text, text.links)
            while True:
                await self._fewer_than(limit // 4 + 1)
                if self._stopping.is_set() or self._must_wait():
                    return False
                if self._is_over():
                    return True
                room = limit - self._open + len(self._results)
                nonce = secrets.token_hex(8)
                wanted = Wanted(text.message_id, room, cost, nonce, text.text, text.version, text.links)
                claimed = await self._exchange(wanted)
                if not claimed:
                    break
                self._start(work, text, carrier, claimed)
        return False

    def _start(self, work: Work, text: Text, carrier: Carrier, claimed: Sequence[Claimed]) -> None:
        paces, line = self.sending.paces, self.line_id
        for delivery in claimed:
            at = 0.0
            if work.rate:
                now = monotonic()
                paces[line], wait = reserve(paces.get(line, 0.0), now, delivery.segments, work.rate)
                at = now + wait
            self._errands.put_nowait(Errand(delivery, work, carrier, text, at))

    async def _run_errands(self) -> None:
        """Send one after the other; a fixed number of these costs less than a task for each delivery."""
        while True:
            errand = await self._errands.get()
            outcome = _HELD
            try:
                if errand.at:
                    await self._wait_for(errand.at)
                if self._must_wait():
                    outcome = Outcome(Proof.TOO_FAST, retry_after=self._wait_until - monotonic())
                elif not self._stopping.is_set() and not self._is_old(errand.delivery):
                    message = self._outgoing(errand.work, errand.text, errand.delivery)
                    outcome = _IN_DOUBT
                    call = send(errand.carrier, self.sending.transport, message)
                    outcome = await self.sending.meters.timed(errand.work.carrier_kind, call)
                    await self._weigh(errand.work, outcome)
            except Exception:
                log.exception(
                    "a delivery of message %d could not be sent as it should", errand.text.message_id
                )
            finally:
                self._results.append(self._settled(errand, outcome))
                if len(self._results) >= self._needed:
                    self._gathered.set()

    def _is_old(self, delivery: Claimed) -> bool:
        """Whether others may soon count this claim out: this process, or the machine, was asleep since."""
        return self.sending.clock() - delivery.claimed_at > FRESH

    async def _wait_for(self, at: float) -> None:
        """Wait until that time, or until the pump is to stop."""
        wait = at - monotonic()
        if wait > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    def _settled(self, errand: Errand, outcome: Outcome) -> Settled:
        delivery = errand.delivery
        if outcome.proof is Proof.ACCEPTED:
            return Settled(delivery.id, delivery.attempt_id, outcome, delivery.expires_at, delivery.segments)
        words = explain(errand.work.carrier_kind, outcome.code)
        refused = words.kind if outcome.proof is Proof.REFUSED else None
        return Settled(
            delivery.id,
            delivery.attempt_id,
            outcome,
            self._retry_at(outcome, delivery),
            delivery.segments,
            opted_out=refused is Kind.OPTED_OUT,
            invalid=words.title if refused is Kind.BAD_NUMBER else "",
        )

    def _outgoing(self, work: Work, text: Text, delivery: Claimed) -> Outgoing:
        return outgoing(
            self.sending.public_url,
            self.sending.secret,
            kind=work.carrier_kind,
            token=work.token,
            sender=work.number,
            recipient=delivery.phone,
            text=text.text if delivery.text is None else delivery.text,
            attachment_ids=text.attachment_ids,
            attempt_id=delivery.attempt_id,
            claimed_at=delivery.claimed_at,
            expires_at=delivery.expires_at,
        )

    async def _weigh(self, work: Work, outcome: Outcome) -> None:
        """Hold the line when the carrier refuses it, wants less or is in trouble; go on when it is back."""
        before = self.sending.calls.get(self.line_id, NO_CALLS)
        if before is NO_CALLS and outcome.proof is Proof.ACCEPTED and not work.probing:
            return  # the usual case: nothing to weigh
        calls = circuit.noted(before, outcome, monotonic())
        if calls is not before:
            self.sending.calls[self.line_id] = calls
        if outcome.proof is Proof.LINE_BLOCKED:
            await self._block(why_blocked(work.carrier_kind, outcome.code, outcome.detail), outcome.code)
        elif circuit.is_garbled(calls):
            await self._block(GARBLED, outcome.code)
        elif self._must_wait():
            return
        elif outcome.proof is Proof.TOO_FAST:
            sent = self.sent / max(1.0, monotonic() - self._began)
            await self._wait(line_holds.too_fast, outcome.retry_after, sent)
        elif circuit.must_open(calls, monotonic()) or (work.probing and circuit.failed(outcome)):
            self.sending.calls.pop(self.line_id, None)
            await self._wait(line_holds.trip)
        elif work.probing and not outcome.garbled:
            self.sending.calls.pop(self.line_id, None)
            await self.sending.db.run(line_holds.close, self.line_id)

    async def _block(self, reason: str, code: str) -> None:
        """Nothing more on this line until a person has acted."""
        self.stop()
        self.sending.calls.pop(self.line_id, None)
        await self.sending.db.run(line_holds.block, self.line_id, reason, code, self.sending.clock())

    async def _wait(self, hold: Callable[..., datetime], *reasons: object) -> None:
        """Hold the line for a while; what is claimed and not on its way goes back."""
        self._wait_until = monotonic() + 1.0  # while the hold is being stored
        now = self.sending.clock()
        until = await self.sending.db.run(hold, self.line_id, *reasons, now)
        self._wait_until = monotonic() + max(0.0, (until - now).total_seconds())

    def _must_wait(self) -> bool:
        return monotonic() < self._wait_until

    def _retry_at(self, outcome: Outcome, delivery: Claimed) -> datetime:
        if outcome is _HELD:
            return delivery.claimed_at  # as due as it was, whatever the clock shows by now
        if outcome.proof is Proof.TOO_FAST:
            seconds = outcome.retry_after or 1.0
        else:
            seconds = backoff(delivery.attempts, self.sending.random.random())
        return self.sending.clock() + timedelta(seconds=max(0.0, seconds))

    async def _fewer_than(self, open_claims: int) -> None:
        """Wait until fewer claims than that have no outcome: they are what a kill would leave in doubt.

        The outcomes are recorded with the next claim, or before where that would be long.
        """
        while (missing := self._open - len(self._results) - open_claims + 1) > 0:
            await self._gather(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gather(missing), SETTLE_EVERY)
            if self._open - len(self._results) >= open_claims:
                await self._exchange(None)

    async def _gather(self, outcomes: int) -> None:
        """Wait until there are so many."""
        self._needed = outcomes
        self._gathered.clear()
        if len(self._results) < outcomes:
            await self._gathered.wait()

    async def _exchange(self, wanted: Wanted | None) -> list[Claimed]:
        """Record what is known and claim more; both in one commit, which is most of what they cost.

        A database that is busy or full is asked again: the outcomes are precious.
        """
        results, self._results = self._results, []
        pauses = chain(SETTLE_PAUSES, repeat(SETTLE_PAUSES[-1]))
        unknown_from = monotonic() + deliveries.STALE_AFTER.total_seconds()  # others count them out then
        claimed: list[Claimed] = []
        while (results or wanted) and monotonic() < unknown_from:
            try:
                exchange = self.sending.db.run(deliveries.exchange, results, wanted, self.sending.clock())
                claimed = await within(self.sending.meters.tracer, "claim and outcome", exchange)
                break
            except Exception:
                if not results:
                    raise
                log.exception("%d outcomes could not be recorded; trying again", len(results))
                wanted = None
                await asyncio.sleep(next(pauses))
        self._open += len(claimed) - len(results)
        self.sent += len(claimed)
        return claimed
