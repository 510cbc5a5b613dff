from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from ui.guard import DROPPED, Guard

UPLOAD = "/_nicegui/client/abc/upload/7"


async def page(request: Request) -> Response:
    return HTMLResponse("<h1>hello</h1>")


async def change(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def upload(request: Request) -> Response:
    async with request.form() as form:
        size = sum([len(await file.read()) for file in form.values() if not isinstance(file, str)])
    return PlainTextResponse(str(size))


async def static(request: Request) -> Response:
    return Response("body{}", media_type="text/css", headers={"cache-control": "max-age=60"})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def guarded(public_url: str = "https://sms.example", upload_cap: int = 1000) -> Guard:
    app = Starlette(
        routes=[
            Route("/", page),
            Route("/change", change, methods=["POST"]),
            Route(UPLOAD, upload, methods=["POST"]),
            Route("/x.css", static),
            WebSocketRoute("/_nicegui_ws/socket.io", socket),
            Route("/_nicegui_ws/socket.io", change),
        ]
    )
    return Guard(app, public_url=public_url, upload_cap=upload_cap)


def client(app: Guard, base_url: str = "https://sms.example") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "https://sms.example"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://sms.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}, 200),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:9999"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 403),
    ],
)
async def test_a_change_is_taken_from_our_own_origin_only(headers: dict[str, str], status: int) -> None:
    async with client(guarded()) as http:
        assert (await http.post("/change", headers=headers)).status_code == status


async def test_a_page_may_be_opened_from_anywhere_but_the_polling_socket_may_not() -> None:
    async with client(guarded()) as http:
        evil = {"origin": "https://evil.example"}
        assert (await http.get("/", headers=evil)).status_code == 200
        assert (await http.get("/_nicegui_ws/socket.io", headers=evil)).status_code == 403


@pytest.mark.parametrize(
    ("origin", "answer"),
    [
        (b"https://sms.example", "websocket.accept"),
        (b"https://evil.example", "websocket.close"),
    ],
)
async def test_a_socket_is_opened_for_our_own_origin_only(origin: bytes, answer: str) -> None:
    sent = await speak(
        {"type": "websocket", "path": "/_nicegui_ws/socket.io", "headers": [(b"origin", origin)]},
        [{"type": "websocket.connect"}],
    )
    assert sent[0]["type"] == answer


async def test_on_loopback_another_sites_name_is_not_served() -> None:
    app = guarded("http://127.0.0.1:8080")
    async with client(app, "http://localhost:8080") as http:
        assert (await http.get("/")).status_code == 200
    async with client(app, "http://rebound.example:8080") as http:
        assert (await http.get("/")).status_code == 421


async def test_an_upload_within_the_cap_arrives() -> None:
    async with client(guarded()) as http:
        answer = await http.post(UPLOAD, files={"file": b"x" * 500})
    assert (answer.status_code, answer.text) == (200, "500")


async def test_an_upload_that_says_it_is_too_large_is_refused_once_it_is_written() -> None:
    head: dict[str, object] = {
        "type": "http",
        "method": "POST",
        "path": UPLOAD,
        "headers": [(b"content-length", b"1001")],
    }
    body: list[Message] = [
        {"type": "http.request", "body": b"x" * 1000, "more_body": True},
        {"type": "http.request", "body": b"x"},
    ]
    sent = await speak(head, body)
    assert sent[0]["status"] == 413
    assert body == []


async def test_an_upload_far_beyond_the_cap_is_not_read_to_its_end() -> None:
    head: dict[str, object] = {
        "type": "http",
        "method": "POST",
        "path": UPLOAD,
        "headers": [(b"content-length", b"9" * 12)],
    }
    piece: Message = {"type": "http.request", "body": b"x" * (DROPPED // 2), "more_body": True}
    incoming = [piece] * 5
    sent = await speak(head, incoming)
    assert sent[0]["status"] == 413
    assert len(incoming) == 3


async def test_an_upload_that_lies_about_its_size_is_cut_off() -> None:
    served = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal served
        yield b'--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n'
        while True:
            served += 100
            yield b"x" * 100

    async with client(guarded()) as http:
        answer = await http.post(
            UPLOAD, content=endless(), headers={"content-type": "multipart/form-data; boundary=b"}
        )
    assert answer.status_code == 413
    assert answer.text == "This file is too large."
    assert served <= 1100


async def test_every_answer_carries_the_security_headers() -> None:
    async with client(guarded()) as http:
        headers = (await http.get("/")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")


async def test_pages_are_never_stored_and_files_keep_their_own_word() -> None:
    async with client(guarded()) as http:
        assert (await http.get("/")).headers["cache-control"] == "no-store"
        assert (await http.get("/x.css")).headers["cache-control"] == "max-age=60"


async def speak(scope: dict[str, object], incoming: list[Message]) -> list[Message]:
    """Run one raw request through the guard."""
    sent: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await guarded()({"query_string": b"", "subprotocols": [], **scope}, receive, send)
    return sent
