"""/login: the password, the second step, and the way out."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from domain.problems import Problem
from domain.sessions import HOME, SignedOut, safe_next
from storage import joining, signing_in
from ui.entrance import paper
from ui.entrance.desk import Desk, posted, status
from ui.entrance.paper import Field, Form

CHANGED = "Your new password counts from now on. Sign in with it."
ENDED = "You have been signed out. Sign in again, and you go on where you were."
WHY = {"reset": CHANGED, "ended": ENDED}
FORGOT = "Forgot your password? An administrator of your workspace can give you a link to choose a new one."
LOST = "Lost your device? Enter one of your recovery codes instead."


def router(desk: Desk) -> APIRouter:
    """`/login`, `/login/code` and `/logout`."""
    routes = APIRouter(include_in_schema=False)
    world = desk.world

    @routes.get("/login")
    async def ask(request: Request) -> Response:
        if world.demo:
            return RedirectResponse(HOME, status_code=303)
        if await world.db.run(joining.needs_set_up):
            return RedirectResponse("/setup", status_code=303)
        done = next((words for why, words in WHY.items() if why in request.query_params), "")
        return _password(request.query_params.get("next", ""), note=done)

    @routes.post("/login")
    async def sign_in(request: Request) -> Response:
        form, visitor = await posted(request), desk.visitor(request)
        email, wanted = form.get("email", ""), form.get("next", "")
        try:
            done = await desk.hash(
                signing_in.sign_in, email, form.get("password", ""), visitor, world.clock()
            )
        except Problem as problem:
            return _password(wanted, email, problem)
        if done.halfway:
            return desk.admit(done, f"/login/code?next={quote(safe_next(wanted), safe='')}")
        return desk.admit(done, safe_next(wanted))

    @routes.get("/login/code")
    async def ask_for_code(request: Request) -> Response:
        return _code(request.query_params.get("next", ""))

    @routes.post("/login/code")
    async def confirm(request: Request) -> Response:
        form, visitor = await posted(request), desk.visitor(request)
        wanted = form.get("next", "")
        try:
            done = await world.db.run(signing_in.confirm, form.get("code", ""), visitor, world.clock())
        except SignedOut:
            return desk.dismiss(f"/login?next={quote(safe_next(wanted), safe='')}")
        except Problem as problem:
            return _code(wanted, problem)
        return desk.admit(done, safe_next(wanted))

    @routes.post("/logout")
    async def sign_out(request: Request) -> Response:
        await world.db.run(signing_in.sign_out, desk.visitor(request).token)
        return desk.dismiss()

    return routes


def _password(wanted: str, email: str = "", problem: Problem | None = None, *, note: str = "") -> Response:
    fields = (
        Field("email", "E-mail address", "email", email, "username"),
        Field("password", "Password", "password", complete="current-password"),
    )
    form = Form("/login", "Sign in", fields, [("next", wanted)])
    return paper.page(
        "Sign in",
        note,
        form,
        problem=problem.text if problem else "",
        note=FORGOT,
        status=status(problem) if problem else 200,
    )


def _code(wanted: str, problem: Problem | None = None) -> Response:
    form = Form(
        "/login/code", "Continue", [Field("code", "Code", complete="one-time-code")], [("next", wanted)]
    )
    return paper.page(
        "Two-step sign-in",
        "Enter the six digits that your authenticator app shows for this workspace.",
        form,
        problem=problem.text if problem else "",
        note=LOST,
        status=status(problem) if problem else 200,
    )
