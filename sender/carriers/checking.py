"""Testing a carrier account: one harmless question, and what its answer says about the credentials."""

from typing import Protocol, runtime_checkable

import httpx

from domain.carrier_kinds import kind_of
from domain.connections import Checked, answered, silent, unchecked, unreachable, worked
from sender.carriers.protocol import Carrier
from sender.carriers.sending import NOT_WRITTEN

SECONDS = 10.0
"""How long a test waits for the answer."""


@runtime_checkable
class Checkable(Protocol):
    """An adapter that can be tested; one that has no harmless question to ask leaves both methods out."""

    def check_request(self) -> httpx.Request:
        """A request that sends nothing to anybody, and that a stranger would be refused."""

    def checked(self, status: int, body: bytes) -> bool:
        """Whether the answer proves that we may send."""


async def check(carrier: Carrier, transport: httpx.AsyncBaseTransport) -> Checked:
    """Ask, and say in words what came of it. Neither a credential nor a whole address is in the words."""
    label = kind_of(carrier.kind).label
    if not isinstance(carrier, Checkable):
        return unchecked(label)
    request = carrier.check_request()
    host = request.url.netloc.decode("ascii")
    try:
        response = await transport.handle_async_request(request)
        body = await response.aread()
    except httpx.TimeoutException:
        return silent(host, SECONDS)
    except NOT_WRITTEN as error:
        return unreachable(host, str(error))
    except httpx.HTTPError as error:
        return unreachable(host, str(error))
    if carrier.checked(response.status_code, body):
        return worked(label)
    return answered(label, response.status_code, response.headers.get("location", "").partition("?")[0])
