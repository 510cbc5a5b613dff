"""The sign-in over HTTP: its cookie, who is led where, and what is refused at the door."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from domain.access import Actor, Role
from domain.sessions import IDLE
from domain.throttling import MOST, Scope
from storage import joining, team
from storage.database import Database
from tests import arrange
from tests.ui.pages import NOW, world_of
from ui import downloads, session_watch
from ui.doorkeeper import Doorkeeper
from ui.entrance import links, sign_in
from ui.entrance.desk import Desk
from ui.guard import FORM_CAP, Guard
from ui.visits import Visits
from ui.world import World

PASSWORD = "correct horse battery"
EMAIL = "ada.park@example.com"
HTTPS = "https://sms.example"
PAGE = {"accept": "text/html,application/xhtml+xml"}


class Clock:
    """The time, which a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """What it is."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ada(sqlite_db: Database) -> Actor:
    actor = arrange.person(sqlite_db, NOW)
    arrange.password(sqlite_db, actor, PASSWORD, NOW)
    return actor


@pytest.fixture
async def http(sqlite_db: Database, tmp_path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with entering(sqlite_db, tmp_path, clock) as found:
        yield found


@asynccontextmanager
async def entering(
    db: Database, folder: Path, clock: Clock, *, demo: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """The entrance, an export, and a page that says who is there."""
    visits = Visits(db, clock)
    nobody = Actor(0, "Nobody", Role.VIEWER)
    world: World = replace(world_of(db, nobody, folder), actor=visits.actor, clock=clock, demo=demo)
    app = FastAPI()
    desk = Desk(world, https=True)
    for router in (session_watch.router(), sign_in.router(desk), links.router(desk), downloads.router(world)):
        app.include_router(router)

    async def who() -> PlainTextResponse:
        return PlainTextResponse(world.actor().name)

    app.add_api_route("/inbox", who)
    app.add_middleware(Doorkeeper, visits=visits, https=True)
    app.add_middleware(Guard, public_url=HTTPS, upload_cap=1_000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HTTPS) as client:
        yield client


async def enter(http: httpx.AsyncClient, password: str = PASSWORD, to: str = "/inbox") -> httpx.Response:
    return await http.post("/login", data={"email": EMAIL, "password": password, "next": to})


async def test_the_cookie_holds_the_session_alone_and_only_this_site_gets_it(
    http: httpx.AsyncClient, ada: Actor
) -> None:
    answer = await enter(http)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    (cookie,) = answer.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-sms_session"
    words = rest.lower()
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip() for part in words.split(";")}
    assert "domain" not in words
    assert len(rest.partition(";")[0]) == 43
    assert (await http.get("/inbox")).text == "Ada Park"
    assert (await http.get("/session")).status_code == 204
    assert (await http.get("/exports/contacts.csv")).text.startswith("\ufeff")


async def test_passwords_are_hashed_beside_the_event_loop(sqlite_db: Database, tmp_path: Path) -> None:
    desk = Desk(world_of(sqlite_db, Actor(0, "Nobody", Role.VIEWER), tmp_path), https=True)
    there = await desk.hash(lambda _db: threading.current_thread())
    assert there is not threading.current_thread()


async def test_who_has_no_session_is_led_to_the_sign_in_and_back(http: httpx.AsyncClient, ada: Actor) -> None:
    answer = await http.get("/inbox?q=a%20b&x=//evil.example", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Finbox%3Fq%3Da%2520b%26x%3D%2F%2Fevil.example"
    for path in ("/exports/contacts.csv", "/_nicegui/client/x/upload/1"):
        assert (await http.get(path)).status_code == 401
    assert (await http.get("/session")).status_code == 401
    http.cookies.set("__Host-sms_session", "made-up")
    assert (await http.get("/inbox")).status_code == 401
    ended = await http.get("/inbox", headers=PAGE)
    assert ended.headers["location"] == "/login?ended=1&next=%2Finbox"
    assert "You have been signed out." in (await http.get(ended.headers["location"])).text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "data:,x"])
async def test_nobody_is_led_to_another_site(http: httpx.AsyncClient, ada: Actor, wanted: str) -> None:
    assert (await enter(http, to=wanted)).headers["location"] == "/campaigns/sms"


async def test_the_cookie_is_another_after_each_sign_in_and_worthless_after_signing_out(
    http: httpx.AsyncClient, ada: Actor
) -> None:
    planted = {"cookie": f"__Host-sms_session={'a' * 43}"}
    form = {"email": EMAIL, "password": PASSWORD}
    await http.post("/login", data=form, headers=planted)
    first = http.cookies["__Host-sms_session"]
    assert first != "a" * 43
    await enter(http)
    second = http.cookies["__Host-sms_session"]
    assert second != first
    assert (await http.post("/logout")).headers["location"] == "/login"
    for stolen in (first, second):
        http.cookies.clear()
        http.cookies.set("__Host-sms_session", stolen)
        assert (await http.get("/inbox")).status_code == 401


async def test_a_session_ends_when_nobody_uses_it(http: httpx.AsyncClient, ada: Actor, clock: Clock) -> None:
    await enter(http)
    clock.now += IDLE - timedelta(seconds=1)
    assert (await http.get("/inbox")).status_code == 200
    clock.now += IDLE
    assert (await http.get("/inbox")).status_code == 401


async def test_guessing_is_refused_with_a_status_of_its_own(http: httpx.AsyncClient, ada: Actor) -> None:
    statuses = [(await enter(http, "wrong")).status_code for _ in range(MOST[Scope.ACCOUNT] + 1)]
    assert statuses == [401] * MOST[Scope.ACCOUNT] + [429]
    assert "Try again in 15 minutes." in (await enter(http)).text


@pytest.mark.parametrize("path", ["/login", "/login/code", "/logout", "/setup", "/invite/x", "/reset/x"])
async def test_forms_are_taken_from_our_own_pages_only(http: httpx.AsyncClient, path: str) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await http.post(path, data={"a": "b"}, headers=headers)).status_code == 403
    assert (await http.post(path, data={"a": "x" * FORM_CAP})).status_code == 413


async def test_what_was_typed_comes_back_as_text(http: httpx.AsyncClient, ada: Actor) -> None:
    markup = '"><script>alert(1)</script>'
    answer = await http.post("/login", data={"email": markup, "password": "x", "next": markup})
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"]


async def test_opening_a_link_uses_nothing_up(
    http: httpx.AsyncClient, sqlite_db: Database, ada: Actor
) -> None:
    token = team.reset_link(sqlite_db, ada, ada.user_id, NOW)
    for _ in range(3):
        assert (await http.get(f"/reset/{token}")).status_code == 200
    done = await http.post(f"/reset/{token}", data={"password": "another fine phrase"})
    assert done.headers["location"] == "/login?reset=1"
    assert (await http.get(f"/reset/{token}")).status_code == 410
    assert (await enter(http, "another fine phrase")).status_code == 303


async def test_set_up_is_closed_where_an_administrator_is(
    http: httpx.AsyncClient, sqlite_db: Database, ada: Actor
) -> None:
    assert joining.offer_set_up(sqlite_db, NOW) is None
    assert (await http.get("/setup?token=x")).status_code == 410
    form = {"token": "x", "name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    assert (await http.post("/setup", data=form)).status_code == 410


async def test_the_demo_has_no_entrance(sqlite_db: Database, tmp_path: Path, clock: Clock) -> None:
    async with entering(sqlite_db, tmp_path, clock, demo=True) as http:
        for path in ("/login", "/setup"):
            assert (await http.get(path)).headers["location"] == "/campaigns/sms"
