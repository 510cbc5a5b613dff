"""The web app: one FastAPI with the pages, the machine routes' routers, and the guard at the door."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from inspect import isawaitable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.types import ASGIApp

from domain.problems import NotAllowed
from ui import assets, shell, signatures
from ui.doorkeeper import Doorkeeper
from ui.guard import Guard
from ui.select import Select
from ui.shell import Person
from ui.visits import Visits

PageBuilder = Callable[..., Any]
HOME = "/campaigns/sms"
LEADS_ON = {"/": HOME, "/campaigns": HOME, "/settings": "/settings/lines"}
"""The addresses that only lead on to another one."""

STYLES = (
    "tokens.css",
    "theme.css",
    "shell.css",
    "parts.css",
    "campaigns.css",
    "forms.css",
    "composer.css",
    "results.css",
    "settings.css",
    "opt_outs.css",
    "contacts.css",
    "contrast.css",
)
PATIENCE = 20.0
"""Seconds that a page may take to be drawn: on a busy machine it is slow, which is no failure."""

CACHED_SECONDS = 7 * 24 * 3600

PAGES: dict[str, PageBuilder] = {}
"""Path → builder. The first match wins, so fixed paths stand before patterns; parameters are `str`."""


class Pages(ui.sub_pages):
    """The page that the path names, or our own words when there is none or it broke."""

    def __init__(self, routes: Mapping[str, PageBuilder]) -> None:
        super().__init__({path: self._watched(build) for path, build in routes.items()})

    def _watched(self, build: PageBuilder) -> PageBuilder:
        """The same builder; what breaks after its first pause is told, too, instead of half a page."""

        @wraps(build)
        def built(*args: Any, **kwargs: Any) -> Any:
            building = build(*args, **kwargs)
            return self._finish(building) if isawaitable(building) else building

        return built

    async def _finish(self, building: Awaitable[None]) -> None:
        try:
            await building
        except Exception as problem:
            self._render_error(problem)

    def _render_404(self) -> None:
        shell.not_found()

    def _render_error(self, problem: Exception) -> None:
        super()._render_error(problem)
        self.clear()
        with self:
            shell.broken()

    def address_became(self, address: str) -> None:
        """The page that is shown changed its own address: nothing is drawn anew, now or by going there."""
        self._router.current_path = address
        self._reset_match()  # or the way back to the plain address would count as being there already
        ui.navigate.history.replace(address)


async def _every_path(_path: str) -> bool:
    return True


async def _nothing() -> None:
    pass


def create_app(
    *,
    public_url: str,
    upload_cap: int,
    person: Callable[[], Person],
    pages: Mapping[str, PageBuilder] | None = None,
    routers: Sequence[APIRouter] = (),
    known: Callable[[str], Awaitable[bool]] = _every_path,
    above: Callable[[], Awaitable[object]] = _nothing,
    api: ASGIApp | None = None,
    visits: Visits | None = None,
    lifespan: Any = None,
) -> FastAPI:
    """Wire the web app. `person` is asked at every page load; `upload_cap` is in bytes a request.

    `known` says whether what a page's path names exists; where it doesn't, the page says so, and the
    answer's status is 404 as well. `above` draws what stands above every page. Where there are `visits`,
    one must be signed in.
    """
    signatures.keep()
    routes = dict(PAGES if pages is None else pages)
    app = FastAPI(title=shell.BRAND, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for router in routers:
        app.include_router(router)
    for path, to in LEADS_ON.items():
        app.add_api_route(path, _leading(to), include_in_schema=False)
    if api is not None:
        app.mount("/api", api)
    if visits is not None:
        app.add_middleware(Doorkeeper, visits=visits, https=public_url.startswith("https://"))
    app.add_middleware(Guard, public_url=public_url, upload_cap=upload_cap)

    def root() -> Awaitable[None]:
        ui.context.client.page.response_timeout = PATIENCE
        return draw()

    async def draw() -> None:
        client = ui.context.client
        if client.request and not await known(client.request.url.path):
            client.status_code = 404
        try:
            visitor = person()
        except NotAllowed as problem:
            client.status_code = 403
            way_out = None if visits is None else ("Sign in", "/login")
            shell.dead_end("lock", "Not signed in", problem.text, way_out)
            return
        with shell.frame(visitor, routes):
            await above()
            Pages(routes)

    dress()
    ui.run_with(
        app,
        root=root,
        title=shell.BRAND,
        favicon=assets.FOLDER / "favicon.svg",
        language="en-US",
        dark=None,
        reconnect_timeout=30,
        binding_refresh_interval=None,
        tailwind=False,
        show_welcome_message=False,
    )
    return app


def dress() -> None:
    """Serve our style sheets, and give Quasar's parts our defaults."""
    nicegui_app.add_static_files(assets.PREFIX, assets.FOLDER, max_cache_age=CACHED_SECONDS)
    head = [f'<script src="{assets.url("theme.js")}"></script>']
    head += [f'<link rel="stylesheet" href="{assets.url(name)}">' for name in STYLES]
    ui.add_head_html("\n".join(head), shared=True)
    # Quasar's bar on top has no name for screen readers, and our pages say themselves what is loading.
    nicegui_app.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.button.default_props("unelevated no-caps")
    ui.input.default_props("outlined dense")
    ui.textarea.default_props("outlined")
    Select.default_props("outlined dense options-dense")
    ui.number.default_props("outlined dense")
    ui.date_input.default_props("outlined dense")
    ui.time_input.default_props("outlined dense")


def _leading(to: str) -> Callable[[], RedirectResponse]:
    return lambda: RedirectResponse(to, status_code=307)
