"""One attempt: a request goes out, an outcome comes back, whatever happens in between."""

import logging

import httpx

from domain.carrier_kinds import KINDS
from domain.outcomes import Outcome, Proof
from sender.carriers.protocol import Carrier, Outgoing

logger = logging.getLogger(__name__)

NOT_WRITTEN = (
    httpx.PoolTimeout,
    httpx.ConnectTimeout,
    httpx.ConnectError,
    httpx.ProxyError,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Faults that prove that no byte of the request reached the carrier."""


async def send(carrier: Carrier, transport: httpx.AsyncBaseTransport, message: Outgoing) -> Outcome:
    """Try once to send `message`, and say what that proved.

    Raises nothing but CancelledError, after which the attempt is in doubt.
    """
    if len(message.media) > _most_media(carrier.kind):
        return Outcome(Proof.REFUSED, code="media_refused", detail="more attachments than the carrier takes")
    try:
        request = carrier.request(message)
    except Exception:
        logger.exception("The %s adapter could not write a request", carrier.kind)
        return Outcome(Proof.NOT_SENT, detail=f"This program could not write it for {carrier.kind}.")
    try:
        response = await transport.handle_async_request(request)
        body = await response.aread()
    except Exception as error:
        return fault(error)
    try:
        outcome = carrier.outcome(response.status_code, response.headers, body)
    except Exception:
        logger.exception("The %s adapter could not read an answer", carrier.kind)
        outcome = Outcome(Proof.AMBIGUOUS, detail="The carrier's answer could not be read.")
    if outcome.proof is Proof.AMBIGUOUS and 200 <= response.status_code < 300:
        return outcome._replace(garbled=True)
    return outcome


def _most_media(kind: str) -> int:
    """How many attachments a message may have: more would be left out without a word."""
    found = KINDS.get(kind)
    return found.media.count if found and found.media else 0


def fault(error: Exception) -> Outcome:
    """What a fault between the call and the answer proves; when in doubt, that it is ambiguous."""
    proof = Proof.NOT_SENT if isinstance(error, NOT_WRITTEN) else Proof.AMBIGUOUS
    if not isinstance(error, (httpx.HTTPError, httpx.InvalidURL)):
        logger.error("The transport failed", exc_info=error)
    logger.info("a text was not answered: %s: %.200s", type(error).__name__, error)
    return Outcome(proof, detail=_in_words(error))


def _in_words(error: Exception) -> str:
    """What broke, as people read it beside a name."""
    if isinstance(error, NOT_WRITTEN):
        return "The carrier could not be reached."
    if isinstance(error, httpx.TimeoutException):
        return "The carrier did not answer in time."
    return "The connection to the carrier broke off while sending."
