"""Requests and answers as httpx has them, without the work that every message of a campaign would repeat.

httpx takes 8 µs to write a request down and 10 µs to read an answer in, of the 60 to 100 µs that a message
costs in all; these take less than 2 µs each.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class Written(httpx.Request):
    """A POST that is complete. httpx's own headers and stream are made when somebody asks for them."""

    def __init__(self, address: str, url: httpx.URL, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.method = "POST"
        self.url = url
        self.extensions = {}
        self._address = address
        self._pairs = headers
        self._body = body

    def __getattr__(self, name: str) -> Any:
        if name == "headers":
            self.headers = httpx.Headers(self._pairs)
            return self.headers
        if name == "stream":
            self.stream = httpx.ByteStream(self._body)
            return self.stream
        raise AttributeError(name)

    @property
    def content(self) -> bytes:
        """The body."""
        return self._body

    def read(self) -> bytes:
        """The body."""
        return self._body

    async def aread(self) -> bytes:
        """The body."""
        return self._body

    def head(self) -> tuple[str, Sequence[tuple[str, str]]]:
        """The address and the headers, as texts."""
        changed = "headers" in self.__dict__
        return self._address, self.headers.multi_items() if changed else self._pairs


def head(request: httpx.Request) -> tuple[str, Sequence[tuple[str, str]]]:
    """A request's address and headers, as texts."""
    if isinstance(request, Written):
        return request.head()
    return str(request.url), request.headers.multi_items()


class Answer(httpx.Response):
    """An answer whose body has been read, and decoded, already."""

    def __init__(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        super().__init__(status, headers=headers, stream=httpx.ByteStream(body))
        self._body = body
        self.is_closed = self.is_stream_consumed = True

    @property
    def content(self) -> bytes:
        """The body."""
        return self._body

    def read(self) -> bytes:
        """The body."""
        return self._body

    async def aread(self) -> bytes:
        """The body."""
        return self._body


Header = tuple[str, str]
JSON: Header = ("Content-Type", "application/json")
FORM: Header = ("Content-Type", "application/x-www-form-urlencoded")


class Address:
    """Where messages are posted to, parsed once, with the headers that all requests to it have in common."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = httpx.URL(url)
        self._text = str(self.url)
        self._headers = (("Host", self.url.netloc.decode("ascii")), *(headers or {}).items())

    def post(self, body: bytes, *headers: Header) -> httpx.Request:
        """A POST of `body`, ready to be written."""
        length = ("Content-Length", str(len(body)))
        return Written(self._text, self.url, (*self._headers, *headers, length), body)

    def get(self, query: Mapping[str, str] | None = None) -> httpx.Request:
        """A GET with `query` added to the address."""
        return httpx.Request("GET", self.url.copy_merge_params(query or {}), headers=self._headers)
