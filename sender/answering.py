"""Answers in conversations: few and one by one, so they need no pump; never sent twice all the same."""

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from time import monotonic

from domain import segments
from domain.carrier_errors import Kind, explain
from domain.outcomes import Outcome, Proof, backoff
from domain.pacing import reserve
from sender.carriers import protocol
from sender.carriers.registry import adapter
from sender.carriers.sending import send
from sender.pump import Sending
from sender.writing import outgoing
from storage import answers, deliveries, line_holds
from storage.answers import Outgoing, Settled

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Answers claimed together: a kill leaves no more in doubt."""

RECOVER_EVERY = 60
"""Beats between two looks for claims that lost their sender."""


class Answering:
    """Its `beat` is called every second and sends whatever waits."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self._turn = asyncio.Lock()
        self._stopping = False
        self._beats = 0

    async def beat(self) -> None:
        """Send what is due at this instant."""
        db, clock = self.sending.db, self.sending.clock
        async with self._turn:
            if self._beats % RECOVER_EVERY == 0:
                await db.run(answers.abandon, clock() - deliveries.STALE_AFTER)
            self._beats += 1
            while not self._stopping and await db.run(answers.waiting, clock()):
                claimed = await db.run(answers.claim, AT_ONCE, clock(), secrets.token_hex(8))
                if not claimed:
                    return
                results = await asyncio.gather(*(self._send(answer) for answer in claimed))
                await db.run(answers.settle, results, clock())

    async def drain(self) -> None:
        """Claim nothing more and wait for what is in flight."""
        self._stopping = True
        async with self._turn:
            pass

    async def _send(self, answer: Outgoing) -> Settled:
        """Send one answer under its line's pace; whatever happens has an outcome."""
        outcome = Outcome(Proof.NOT_SENT, detail="The carrier account is not set up as it should be.")
        try:
            carrier = adapter(
                answer.carrier_kind, self.sending.settings(answer.carrier_kind, answer.carrier_settings)
            )
            await self._wait_for_turn(answer)
            outcome = await send(carrier, self.sending.transport, self._message(answer))
            await self._hold_line(answer, outcome)
        except Exception:
            log.exception("answer %d could not be sent as it should", answer.id)
        words = explain(answer.carrier_kind, outcome.code)
        opted_out = outcome.proof is Proof.REFUSED and words.kind is Kind.OPTED_OUT
        return Settled(answer.id, answer.attempt_id, outcome, self._retry_at(answer, outcome), opted_out)

    async def _wait_for_turn(self, answer: Outgoing) -> None:
        paces, cost = self.sending.paces, max(1, segments.count(answer.text).segments)
        before = paces.get(answer.line_id, 0.0)
        paces[answer.line_id], wait = reserve(before, monotonic(), cost, answer.rate)
        await asyncio.sleep(wait)

    def _message(self, answer: Outgoing) -> protocol.Outgoing:
        return outgoing(
            self.sending.public_url,
            self.sending.secret,
            kind=answer.carrier_kind,
            token=answer.token,
            sender=answer.line_number,
            recipient=answer.phone,
            text=answer.text,
            attachment_ids=answer.attachment_ids,
            attempt_id=answer.attempt_id,
            claimed_at=answer.claimed_at,
            expires_at=answer.expires_at,
        )

    async def _hold_line(self, answer: Outgoing, outcome: Outcome) -> None:
        now = self.sending.clock()
        if outcome.proof is Proof.LINE_BLOCKED:
            reason = outcome.detail or outcome.code
            await self.sending.db.run(line_holds.block, answer.line_id, reason, outcome.code, now)
        elif outcome.proof is Proof.TOO_FAST:
            rate = answer.rate or 1.0
            await self.sending.db.run(line_holds.too_fast, answer.line_id, outcome.retry_after, rate, now)

    def _retry_at(self, answer: Outgoing, outcome: Outcome) -> datetime:
        if outcome.proof is Proof.TOO_FAST:
            seconds = outcome.retry_after or 1.0
        else:
            seconds = backoff(answer.attempts, self.sending.random.random())
        return self.sending.clock() + timedelta(seconds=max(0.0, seconds))
