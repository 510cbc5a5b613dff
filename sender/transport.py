"""The fast wire to carriers: httpx's types at both ends, reqwest between them.

The exceptions say how far a request came, which decides whether a message may be tried again:

    not written       ConnectError, ConnectTimeout, PoolTimeout, LocalProtocolError
    perhaps written   every other httpx.RequestError

reqwest's own classes do not tell this: it reports a connection that broke after the request was written as
a connect error, and a silent server as a connect timeout. So the proof is the one cause that its connector
adds, and whatever is not proved counts as perhaps written.
"""

from datetime import timedelta

import httpx
from pyreqwest import exceptions as reqwest
from pyreqwest.client import ClientBuilder
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from sender.wire import Answer, head

BODY_LIMIT = 1_000_000
"""Bytes of an answer's body, decompressed, that are kept."""

IDLE_SECONDS = 15
"""How long an unused connection is kept: shorter than any carrier does, as writing to one that the carrier is
just closing leaves a message in doubt."""

USER_AGENT = "sms-campaigns"
"""What a request says it comes from, unless its own headers say something else."""

_FROM_CONNECTOR = "client error (Connect)"


class AnswerTooLong(httpx.DecodingError):
    """The answer's body is longer than is kept: answered, but not understood."""


def open_transport(
    *, total_timeout: float = 20.0, connect_timeout: float = 5.0, body_limit: int = BODY_LIMIT
) -> httpx.AsyncBaseTransport:
    """A transport with its own connection pool; close it with `aclose`.

    Both timeouts are in seconds; the total one runs from the call to the body's last byte, and a request's
    own timeout is not read. Follows no redirect, keeps no cookie, uses no proxy. Nothing that may have been
    written is written again: only a request that met a pooled connection already closed, before its first
    byte, goes to another one.
    """
    return _ReqwestTransport(total_timeout, connect_timeout, body_limit)


class _ReqwestTransport(httpx.AsyncBaseTransport):
    def __init__(self, total_timeout: float, connect_timeout: float, body_limit: int) -> None:
        self._body_limit = body_limit
        self._client = (
            ClientBuilder()
            .timeout(timedelta(seconds=total_timeout))
            .connect_timeout(timedelta(seconds=connect_timeout))
            .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
            .follow_redirects(False)
            .user_agent(USER_AGENT)
            .referer(False)
            .no_proxy()
            .build()
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its whole answer."""
        call = self._written_down(request, await request.aread())
        try:
            async with call.build_streamed() as answer:
                body = await answer.body_reader.read(self._body_limit + 1)
                status, headers = answer.status, _readable(answer)
        except Exception as error:
            # Without its cause: reqwest's texts hold the whole address, which may carry a password.
            raise _fault(error, request) from None
        if body is not None and len(body) > self._body_limit:
            raise AnswerTooLong(f"more than {self._body_limit} bytes", request=request)
        return Answer(status, headers, body.to_bytes() if body else b"")

    async def aclose(self) -> None:
        """Close the pool; requests under way end as perhaps written."""
        await self._client.close()

    def _written_down(self, request: httpx.Request, body: bytes) -> RequestBuilder:
        try:
            address, headers = head(request)
            call = self._client.request(request.method, address).headers(headers)
            return call.body_bytes(body) if body else call
        except Exception as error:
            raise httpx.LocalProtocolError(type(error).__name__, request=request) from None


def _readable(answer: Response) -> list[tuple[str, str]]:
    """The headers, without those that are not ASCII.

    Without the body's encoding too: reqwest has undone it, and httpx must not undo it again, unbounded.
    """
    try:
        headers = list(answer.headers.items())
    except ValueError:
        headers = [pair for name in set(answer.headers) for pair in _values(answer, name)]
    return [(name, value) for name, value in headers if name != "content-encoding"]


def _values(answer: Response, name: str) -> list[tuple[str, str]]:
    try:
        return [(name, value) for value in answer.get_header_all(name)]
    except ValueError:
        return []


def _fault(error: Exception, request: httpx.Request) -> httpx.RequestError:
    causes = _causes(error)
    text = causes[-1] if len(causes) > 1 else type(error).__name__
    return _fault_class(error, causes)(text, request=request)


def _fault_class(error: Exception, causes: list[str]) -> type[httpx.RequestError]:
    timed_out = isinstance(error, reqwest.RequestTimeoutError)
    if _FROM_CONNECTOR in causes:
        return httpx.ConnectTimeout if timed_out else httpx.ConnectError
    if isinstance(error, reqwest.PoolTimeoutError):
        return httpx.PoolTimeout
    if isinstance(error, reqwest.BuilderError):
        return httpx.LocalProtocolError
    if timed_out:
        return httpx.WriteTimeout if isinstance(error, reqwest.WriteTimeoutError) else httpx.ReadTimeout
    if isinstance(error, reqwest.DecodeError) or "connection closed before message completed" in causes:
        return httpx.RemoteProtocolError
    return httpx.WriteError if "error writing a body to connection" in causes else httpx.ReadError


def _causes(error: Exception) -> list[str]:
    if not isinstance(error, reqwest.DetailedPyreqwestError):
        return []
    return [cause["message"] for cause in error.details["causes"] or []]
