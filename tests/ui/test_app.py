import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter
from nicegui import PageArguments, ui
from nicegui.testing.general import nicegui_reset_globals

from domain.branding import Accent, Branding
from storage.workspace import NobodySignedIn
from tests.ui.pages import shown
from ui import shell
from ui.app import PATIENCE, Pages, create_app
from ui.shell import Person
from ui.tags import Tag

router = APIRouter()


@router.get("/api/v1/ping")
def ping() -> dict[str, bool]:
    return {"pong": True}


def campaigns(args: PageArguments) -> None:
    with shell.page_header("SMS campaigns"):
        pass
    Tag("p", f"searched for {args.query_parameters.get('q', 'nothing')}")


def campaign(cid: str) -> None:
    if not cid.isdecimal():
        shell.not_found("There is no such campaign.")
        return
    with shell.page_header(f"Campaign {cid}"):
        pass


def broken() -> None:
    raise ValueError


async def broken_later() -> None:
    with shell.page_header("Half a page"):
        pass
    await asyncio.sleep(0)
    raise ValueError


def demo_owner() -> Person:
    return Person("Ada Park", "Demo")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with running() as client:
        yield client


@asynccontextmanager
async def running(person: Callable[[], Person] = demo_owner) -> AsyncIterator[httpx.AsyncClient]:
    with nicegui_reset_globals():
        app = create_app(
            public_url="http://127.0.0.1:8080",
            upload_cap=1000,
            person=person,
            pages={
                "/campaigns/sms": campaigns,
                "/campaigns/sms/{cid}": campaign,
                "/broken": broken,
            },
            routers=[router],
        )
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
                yield client


@pytest.mark.parametrize(
    ("path", "to"),
    [("/", "/campaigns/sms"), ("/campaigns", "/campaigns/sms"), ("/settings", "/settings/lines")],
)
async def test_the_addresses_above_lead_on(http: httpx.AsyncClient, path: str, to: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, to)


async def test_a_page_is_a_deep_link_and_reads_its_query(http: httpx.AsyncClient) -> None:
    answer = await http.get("/campaigns/sms?q=spring")
    assert answer.status_code == 200
    assert "searched for spring" in answer.text
    assert '<html lang="en-US"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_an_unknown_page_is_a_404_inside_the_app(http: httpx.AsyncClient) -> None:
    answer = await http.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
    assert "Ada Park" in answer.text


async def test_a_path_below_a_page_is_a_404_too(http: httpx.AsyncClient) -> None:
    assert (await http.get("/campaigns/sms/7/nowhere")).status_code == 404


async def test_a_page_that_breaks_says_so_without_its_insides(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await http.get("/broken")
    assert "This page could not be shown." in answer.text
    assert "ValueError" not in answer.text
    assert "ValueError" in caplog.text


async def test_a_page_that_breaks_while_it_reads_says_so_too(caplog: pytest.LogCaptureFixture) -> None:
    async with shown(lambda: [Pages({"/": broken_later}), None][1]) as user:
        await user.open("/")
        await user.should_see("This page could not be shown.")
        await user.should_not_see("Half a page")
    assert "ValueError" in caplog.text


async def test_routers_stand_beside_the_pages(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/ping")).json() == {"pong": True}


async def test_only_places_that_exist_are_in_the_navigation(http: httpx.AsyncClient) -> None:
    page = (await http.get("/campaigns/sms")).text
    assert "/campaigns/sms" in page
    assert "/inbox" not in page


async def test_style_sheets_and_data_come_from_here(http: httpx.AsyncClient) -> None:
    page = (await http.get("/campaigns/sms")).text
    assert "tailwindcss" not in page
    for name in ("tokens.css", "theme.css", "shell.css", "parts.css", "theme.js", "vendor/emoji/data.json"):
        assert (await http.get(f"/static/{name}")).status_code == 200


async def test_a_large_upload_is_refused_at_the_door(http: httpx.AsyncClient) -> None:
    answer = await http.post("/_nicegui/client/x/upload/1", files={"f": b"x" * 2000})
    assert answer.status_code == 413


async def test_the_app_can_be_made_twice_in_one_process() -> None:
    for _ in range(2):
        async with running() as http:
            assert (await http.get("/campaigns/sms")).status_code == 200


async def test_who_is_not_signed_in_sees_no_page() -> None:
    def nobody() -> Person:
        raise NobodySignedIn

    async with running(nobody) as visitor:
        answer = await visitor.get("/campaigns/sms")
    assert answer.status_code == 403
    assert "Go to campaigns" not in answer.text  # which would say the same again
    assert "nobody is signed in" in answer.text
    assert "SMS campaigns" not in answer.text


async def test_the_frame_wears_the_workspaces_name_and_color() -> None:
    def branded() -> Person:
        return Person("Ada Park", branding=Branding("North Shop", Accent.TEAL))

    async with running(branded) as visitor:
        page = (await visitor.get("/campaigns/sms")).text
    assert "accent-teal" in page
    assert page.count("North Shop") == 2  # in the navigation, and in the bar of phones


async def test_a_page_may_take_its_time_on_a_busy_machine() -> None:
    waits: list[float] = []

    def person() -> Person:
        waits.append(ui.context.client.page.response_timeout)
        return demo_owner()

    async with running(person) as http:
        assert (await http.get("/campaigns/sms")).status_code == 200
    assert waits == [PATIENCE]
