"""The carriers' way in: receipts and inbound texts, verified, stored, and only then answered.

A plain ASGI application, so that a burst of receipts does not pass through the page framework. Receipts
that arrive together share one commit, and every answer waits for the commit of its own batch.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from domain.phones import BadNumber, normalise
from domain.problems import Problem, Unavailable
from sender.carriers.protocol import BadSignature, Carrier, Receipt, Webhook
from sender.carriers.registry import adapter, kinds
from sender.traces import tracer, within
from storage import credentials, inbound, receipts
from storage.credentials import Account
from storage.database import Database
from storage.receipts import Arrived

log = logging.getLogger(__name__)

BODY_LIMIT = 1_000_000
"""Bytes of a call's body; carriers send far less."""

BATCH = 500
"""Receipts in one commit at most."""

KNOWN_SECONDS = 5.0
"""How long an account is remembered: new credentials count for the carrier's calls after this."""

GUESSES = 5
GUESS_SECONDS = 0.25
"""After so many guessed addresses in that time, further ones are held against a list of all accounts."""

PREFIX = "/webhooks/"

ANSWERS_ITSELF = "answers_keywords"
"""The account's setting that says that the carrier answers STOP, START and HELP itself."""

Known = tuple[Account, Carrier]
"""An account, and its adapter."""

Waiting = tuple[list[Arrived], asyncio.Future[None]]
"""Receipts of one call, and the future that lets its answer go."""


class Webhooks:
    """The ASGI application for /webhooks/{kind}/{token}/status and …/inbound."""

    def __init__(self, db: Database, clock: Callable[[], datetime], public_url: str) -> None:
        self.db = db
        self.clock = clock
        self.public_url = public_url
        self._accounts: dict[tuple[str, str], tuple[float, Known]] = {}  # with when they were read
        self.refused: Counter[str] = Counter()  # calls with a wrong signature since the start, by kind
        self.answered: Counter[tuple[str, int]] = Counter()  # all calls by kind and status
        self._guesses = 0
        self._guessed_since = 0.0
        self._all: frozenset[tuple[str, str]] | None = None
        self._waiting: list[Waiting] = []
        self._tracer = tracer()
        self._committing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one call."""
        status, text = 500, "Something went wrong here. Send this again later."
        try:
            status, text = await self._answer(scope, receive)
        except Unavailable as problem:
            status, text = 503, problem.text  # carriers call again
        except BadSignature as problem:
            self.refused[scope["path"].removeprefix(PREFIX).partition("/")[0]] += 1
            status, text = 403, problem.text
        except Problem as problem:
            status, text = 400, problem.text
        except Exception:
            log.exception("a webhook call failed")
        self._count(scope["path"], status)
        body = text.encode()
        kind = b"text/xml" if text.startswith("<") else b"text/plain"
        headers = [(b"content-type", kind + b"; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Mapping[str, Any], receive: Any) -> tuple[int, str]:
        parts = scope["path"].removeprefix(PREFIX).split("/")
        if len(parts) != 3 or parts[2] not in ("status", "inbound"):
            return 404, "There is no such webhook."
        if scope["method"] not in ("POST", "GET"):
            return 405, "Send this by POST."
        known = await self._known(parts[0], parts[1])
        if known is None:
            return 404, "There is no such webhook."
        body = await _body(receive)
        if body is None:
            return 413, "This is too large."
        webhook = self._webhook(scope, body)
        if parts[2] == "status":
            await self._take_receipts(*known, webhook)
            return 200, ""
        return 200, await self._take_inbound(*known, webhook)

    def _count(self, path: str, status: int) -> None:
        kind = path.removeprefix(PREFIX).partition("/")[0]
        self.answered[kind if kind in kinds() else "unknown", status] += 1

    async def _known(self, kind: str, token: str) -> Known | None:
        read_at, known = self._accounts.get((kind, token), (0.0, None))
        if known is None or monotonic() - read_at > KNOWN_SECONDS:
            self._accounts.pop((kind, token), None)
            account = None
            if await self._may_exist(kind, token):
                account = await self.db.run(credentials.of_token, kind, token)
            if account is None:
                self._guesses += 1
                return None
            known = account, adapter(account.kind, _settings(account))
            self._accounts[kind, token] = monotonic(), known
        return known

    async def _may_exist(self, kind: str, token: str) -> bool:
        """Whether it is worth a look: a flood of guessed addresses costs a few queries, not one each."""
        if monotonic() - self._guessed_since > GUESS_SECONDS:
            self._guessed_since, self._guesses, self._all = monotonic(), 0, None
        if self._guesses < GUESSES:
            return True
        if self._all is None:
            self._all = await self.db.run(credentials.tokens)
        return (kind, token) in self._all

    def _webhook(self, scope: Mapping[str, Any], body: bytes) -> Webhook:
        query = scope["query_string"].decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        url = f"{self.public_url}{scope['path']}" + (f"?{query}" if query else "")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        return Webhook(asked, headers, body, url, self.clock(), scope["method"])

    async def _take_receipts(self, account: Account, carrier: Carrier, webhook: Webhook) -> None:
        arrived = arrived_in(account, carrier, webhook)
        if not arrived:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrived, stored))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await stored

    async def _commit(self) -> None:
        """Commit all that waits; what arrives meanwhile goes into the next batch."""
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            if not await self._commit_together(batch):
                for one in batch:  # so that one that can't be kept holds up none of the others
                    await self._commit_together([one], alone=True)

    async def _commit_together(self, batch: Sequence[Waiting], *, alone: bool = False) -> bool:
        """Commit the batch and let its answers go; on a failure only those of a single one."""
        failure: Exception | None = None
        try:
            flat = [receipt for group, _stored in batch for receipt in group]
            taking = self.db.run(receipts.take, flat, self.clock())
            await within(self._tracer, "receipt batch", taking, receipts=len(flat))
        except Exception as error:
            if not alone:
                return False
            failure = error
        for _group, stored in batch:
            if stored.done():
                continue
            if failure is not None:
                stored.set_exception(failure)
            else:
                stored.set_result(None)
        return True

    async def _take_inbound(self, account: Account, carrier: Carrier, webhook: Webhook) -> str:
        """Keep the text, if the call holds one; returns what the carrier wants to read."""
        text = carrier.inbound(webhook)
        if text is None:
            return carrier.thanks
        reply = inbound.Reply(
            account.id,
            text.dedupe_key,
            _number(text.sender),
            text.recipient,
            text.text,
            text.told,
            answered=text.told is not None or str(account.settings.get(ANSWERS_ITSELF)).lower() in _YES,
        )
        await self.db.run(inbound.take, reply, self.clock())
        return carrier.thanks


async def _body(receive: Any) -> bytes | None:
    """The whole body, or None when it is larger than any carrier's."""
    chunks, size = [], 0
    while True:
        event = await receive()
        chunk = event.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            return None
        chunks.append(chunk)
        if not event.get("more_body"):
            return b"".join(chunks)


def _settings(account: Account) -> dict[str, str]:
    settings = {name: str(value) for name, value in account.settings.items()}
    settings.setdefault("base_url", "http://127.0.0.1")  # reading a call needs no address
    return settings


_YES = ("1", "true", "yes", "on")


def arrived_in(account: Account, carrier: Carrier, webhook: Webhook) -> list[Arrived]:
    """The receipts in a call, as they are kept."""
    body = webhook.body.decode("utf-8", "replace") or urlsplit(webhook.url).query
    return [_arrived(account, receipt, body) for receipt in carrier.receipts(webhook)]


def _arrived(account: Account, receipt: Receipt, body: str) -> Arrived:
    return Arrived(
        account_id=account.id or 0,
        dedupe_key=receipt.dedupe_key,
        attempt_id=receipt.attempt_id,
        carrier_message_id=receipt.carrier_message_id,
        state=receipt.state,
        code=receipt.code,
        body=body,
    )


def _number(raw: str) -> str:
    """The number as contacts have it; what is none stays as it came."""
    try:
        return normalise(raw)
    except BadNumber:
        return raw
