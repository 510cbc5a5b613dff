"""/setup, /invite/… and /reset/…: what one-time links open. Opening a page uses nothing up; its form does."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from domain.links import LinkWorthless
from domain.problems import Problem
from domain.sessions import HOME
from domain.team import ROLE_WORDS, AlreadyInTeam
from storage import joining
from storage.joining import Newcomer, SetUpAlready
from ui.entrance import paper
from ui.entrance.desk import Desk, posted, status
from ui.entrance.paper import Field, Form

HINT = "At least 12 characters. A few words in a row are easy to remember."
NOBODY = Newcomer("", "", "")
TO_SIGN_IN = ("Go to the sign-in", "/login")
LOOK_IN_THE_LOG = (
    "Nobody can sign in yet. The program printed a link when it started: look for “/setup?token=” in its log "
    "and open that. It works for 24 hours; a restart prints a new one."
)


def router(desk: Desk) -> APIRouter:
    """The routes of everything that is opened by a one-time link."""
    routes = APIRouter(include_in_schema=False)
    world = desk.world

    @routes.get("/setup")
    async def ask_to_set_up(request: Request) -> Response:
        if world.demo:
            return RedirectResponse(HOME, status_code=303)
        if not await world.db.run(joining.needs_set_up):
            return _closed(SetUpAlready())
        token = request.query_params.get("token", "")
        return _set_up(token) if token else paper.page("Set up this workspace", LOOK_IN_THE_LOG)

    @routes.post("/setup")
    async def set_up(request: Request) -> Response:
        form = await posted(request)
        token = form.get("token", "")
        who = Newcomer(form.get("name", ""), form.get("email", ""), form.get("password", ""))
        try:
            done = await desk.hash(joining.set_up, token, who, desk.visitor(request), world.clock())
        except (SetUpAlready, LinkWorthless) as problem:
            return _closed(problem)
        except Problem as problem:
            return _set_up(token, who, problem)
        return desk.admit(done, HOME)

    @routes.get("/invite/{token}")
    async def ask_to_join(token: str) -> Response:
        try:
            invited = await world.db.run(joining.invitation, token, world.clock())
        except Problem as problem:
            return _closed(problem)
        return _join(token, invited)

    @routes.post("/invite/{token}")
    async def join(token: str, request: Request) -> Response:
        form = await posted(request)
        name, password = form.get("name", ""), form.get("password", "")
        try:
            invited = await world.db.run(joining.invitation, token, world.clock())
            done = await desk.hash(joining.join, token, name, password, desk.visitor(request), world.clock())
        except (LinkWorthless, AlreadyInTeam) as problem:
            return _closed(problem)
        except Problem as problem:
            return _join(token, invited, name, problem)
        return desk.admit(done, HOME)

    @routes.get("/reset/{token}")
    async def ask_for_new(token: str) -> Response:
        try:
            whose = await world.db.run(joining.reset_for, token, world.clock())
        except Problem as problem:
            return _closed(problem)
        return _reset(token, whose)

    @routes.post("/reset/{token}")
    async def choose_new(token: str, request: Request) -> Response:
        form = await posted(request)
        try:
            whose = await world.db.run(joining.reset_for, token, world.clock())
            await desk.hash(
                joining.reset, token, form.get("password", ""), desk.visitor(request), world.clock()
            )
        except LinkWorthless as problem:
            return _closed(problem)
        except Problem as problem:
            return _reset(token, whose, problem)
        return desk.dismiss("/login?reset=1")

    return routes


def _closed(problem: Problem) -> Response:
    return paper.page("This link opens nothing", problem.text, way_out=TO_SIGN_IN, status=410)


def _new_password(label: str = "Password") -> Field:
    return Field("password", label, "password", complete="new-password", hint=HINT)


def _set_up(token: str, who: Newcomer = NOBODY, problem: Problem | None = None) -> Response:
    fields = (
        Field("name", "Your name", value=who.name, complete="name"),
        Field("email", "E-mail address", "email", who.email, "username"),
        _new_password(),
    )
    return paper.page(
        "Set up this workspace",
        "You become its first administrator, and can invite the others then.",
        Form("/setup", "Create workspace", fields, [("token", token)]),
        problem=problem.text if problem else "",
        status=status(problem) if problem else 200,
    )


def _join(token: str, invited: joining.Opened, name: str = "", problem: Problem | None = None) -> Response:
    role = ROLE_WORDS[invited.role][0] if invited.role else ""
    fields = (
        Field("email", "E-mail address", "email", invited.email, "username", fixed=True),
        Field("name", "Your name", value=name, complete="name"),
        _new_password(),
    )
    return paper.page(
        "Join the team",
        f"{invited.made_by} invited you as {role}.",
        Form(f"/invite/{token}", "Join", fields),
        problem=problem.text if problem else "",
        status=status(problem) if problem else 200,
    )


def _reset(token: str, whose: joining.Opened, problem: Problem | None = None) -> Response:
    fields = (
        Field("email", "E-mail address", "email", whose.email, "username", fixed=True),
        _new_password("New password"),
    )
    return paper.page(
        "Choose a new password",
        "Every browser that is signed in with the old one is signed out.",
        Form(f"/reset/{token}", "Save password", fields),
        problem=problem.text if problem else "",
        status=status(problem) if problem else 200,
    )
