"""Settling attempts in doubt: repeated under their own key, or looked up at the carrier; never guessed."""

import asyncio
import logging
from collections.abc import Callable, Mapping

import httpx

from domain.doubts import REPEATABLE_FOR, SEEN_FROM, SEEN_UNTIL, Verdict
from domain.outcomes import Proof
from domain.problems import Problem
from sender.carriers.protocol import Carrier, Certainty, Finder, InDoubt
from sender.carriers.registry import adapter
from sender.carriers.sending import send
from sender.pump import Sending
from sender.writing import outgoing
from storage import doubts
from storage.doubts import Doubt, Look, Sighted

log = logging.getLogger(__name__)

AT_MOST = 240
"""Attempts that one round asks about; the rest waits for the next round."""

AT_ONCE = 4
"""Calls to carriers side by side: people who wait for their campaign come first."""


class Reconciliation:
    """Its `round` is called every minute."""

    def __init__(self, sending: Sending, open_carrier: Callable[[str, Mapping[str, str]], Carrier] = adapter):
        self.sending = sending
        self._open = open_carrier

    async def round(self) -> None:
        """Ask the carriers about the attempts in doubt that are due, and settle what the answers prove."""
        due = await self.sending.db.run(doubts.take, AT_MOST, self.sending.clock())
        if not due:
            return
        carriers = self._carriers(due)
        room = asyncio.Semaphore(AT_ONCE)

        async def look(doubt: Doubt) -> Look | None:
            carrier = carriers.get(doubt.account.id)
            async with room:
                return await self._look(carrier, doubt) if carrier else None

        looks = [one for one in await asyncio.gather(*map(look, due)) if one is not None]
        if looks:
            proved = await self.sending.db.run(doubts.record, looks, self.sending.clock())
            log.info(
                "of %d attempts in doubt the carriers have %d, never got %d",
                len(looks),
                proved[Verdict.FOUND],
                proved[Verdict.ABSENT],
            )

    def _carriers(self, due: list[Doubt]) -> dict[int, Carrier]:
        found: dict[int, Carrier] = {}
        for account in {doubt.account.id: doubt.account for doubt in due}.values():
            settings = self.sending.settings(account.kind, account.settings)
            try:
                found[account.id] = self._open(account.kind, settings)
            except Problem as problem:
                log.warning("carrier account %d can't be asked: %s", account.id, problem.text)
        return found

    async def _look(self, carrier: Carrier, doubt: Doubt) -> Look | None:
        """One attempt at its carrier; None where the carrier can't be asked."""
        try:
            if carrier.repeatable:
                return await self._repeat(carrier, doubt)
            if carrier.finder is not None:
                return await self._find(carrier.finder, doubt)
        except Exception:
            log.exception("attempt %s could not be looked up", doubt.attempt_id)
        return None

    async def _repeat(self, carrier: Carrier, doubt: Doubt) -> Look | None:
        """Send it again under its own key: the carrier takes it once. Only an acceptance proves anything.

        The first try may not have arrived, so it is only repeated where a new attempt could be made too.
        """
        if not doubt.may_go_out or self.sending.clock() - doubt.claimed_at >= REPEATABLE_FOR:
            return None
        message = outgoing(
            self.sending.public_url,
            self.sending.secret,
            kind=doubt.account.kind,
            token=doubt.account.token,
            sender=doubt.number,
            recipient=doubt.phone,
            text=doubt.text,
            attachment_ids=doubt.attachment_ids,
            attempt_id=doubt.attempt_id,
            claimed_at=doubt.claimed_at,
            expires_at=doubt.expires_at,
        )
        outcome = await send(carrier, self.sending.transport, message)
        taken = outcome.proof is Proof.ACCEPTED and outcome.carrier_message_id
        seen = (Sighted(outcome.carrier_message_id or ""),) if taken else None
        return Look(doubt.delivery_id, doubt.attempt_id, seen, exact=True)

    async def _find(self, finder: Finder, doubt: Doubt) -> Look:
        """Ask for the messages that may be the attempt."""
        question = InDoubt(
            attempt_id=doubt.attempt_id,
            sender=doubt.number,
            recipient=doubt.phone,
            text=doubt.text,
            since=doubt.claimed_at - SEEN_FROM,
            until=doubt.claimed_at + SEEN_UNTIL,
        )
        seen: tuple[Sighted, ...] | None = None
        try:
            response = await self.sending.transport.handle_async_request(finder.request(question))
            body = await response.aread()
            found = finder.sightings(question, response.status_code, response.headers, body)
            if found is not None:
                seen = tuple(Sighted(one.carrier_message_id, one.state, one.code) for one in found)
        except httpx.HTTPError as error:
            log.warning("attempt %s could not be looked up: %s", doubt.attempt_id, error)
        return Look(doubt.delivery_id, doubt.attempt_id, seen, finder.certainty is Certainty.EXACT)
