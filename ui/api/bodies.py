"""A request's body: taken in up to a cap, on disk when it is large, and known again by its fingerprint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from domain.attachments import MAX_BYTES, size_for_people

UPLOADS = "/v1/attachments"
JSON_CAP = 8_000_000
"""Bytes; 10,000 contacts with some fields have a third of it."""

UPLOAD_CAP = MAX_BYTES + 100_000
"""Bytes; a file at its own limit, and the form around it."""

IN_MEMORY = 1_000_000
CHUNK = 1 << 16


class Body:
    """A body that has arrived in full and is handed on from where it lies."""

    def __init__(self, file: IO[bytes], headers: Headers) -> None:
        self.file = file
        self.headers = headers
        self._over = False

    async def receive(self) -> Message:
        """The next part, as a server would hand it over."""
        if self._over:
            return {"type": "http.disconnect"}
        part = self.file.read(CHUNK)
        self._over = len(part) < CHUNK
        return {"type": "http.request", "body": part, "more_body": not self._over}

    def fingerprint(self) -> str:
        """The same for the same content; a form's boundary is new in each repetition, so it is left out."""
        self.file.seek(0)
        content = self.file.read()
        self.file.seek(0)
        _, _, boundary = self.headers.get("content-type", "").partition("boundary=")
        if mark := boundary.split(";")[0].strip().strip('"'):
            content = content.replace(mark.encode("latin-1"), b"")
        return sha256(content).hexdigest()


@asynccontextmanager
async def spool(path: str, headers: Headers, receive: Receive) -> AsyncIterator[Body]:
    """Take the body in; 413 as soon as it is too large, 415 for a kind that the address does not take."""
    uploads = path.endswith(UPLOADS)
    cap = UPLOAD_CAP if uploads else JSON_CAP
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > cap:
        raise _too_large(cap)
    with SpooledTemporaryFile(IN_MEMORY) as file:
        size = 0
        async for part in _parts(receive):
            size += len(part)
            if size > cap:
                raise _too_large(cap)
            file.write(part)
        if size:
            _check_kind(headers, uploads=uploads)
        file.seek(0)
        yield Body(file, headers)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


def _check_kind(headers: Headers, *, uploads: bool) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if uploads and kind != "multipart/form-data":
        raise HTTPException(415, "Send the file as multipart/form-data, in a part named “file”.")
    if not uploads and kind != "application/json":
        raise HTTPException(415, "Send the body as application/json.")


def _too_large(cap: int) -> HTTPException:
    return HTTPException(413, f"The body is larger than {size_for_people(cap)}.", {"connection": "close"})
