"""/settings/api: the keys of programs, and the addresses that are told of events."""

from functools import partial

from nicegui import ui

from domain.access import Role
from domain.api_scopes import Scope
from domain.outgoing_webhooks import Kind
from domain.problems import Problem
from domain.team import ROLE_WORDS
from storage import api_keys, outgoing_webhooks
from storage.api_keys import Key
from storage.outgoing_webhooks import Webhook
from ui import notices, shell
from ui.app import PageBuilder
from ui.formats import plural, relative
from ui.settings import frame, key_dialog, one_time, webhook_dialog
from ui.tags import Tag, icon
from ui.world import World

PATH = "/settings/api"
KEY = "Give it to the program that uses it. It is shown this once and can’t be read again."
SECRET = "The program at this address checks our signatures with it. It is shown this once."  # noqa: S105 - words


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        if frame.may(world):
            await ApiPage(world).start()

    return build


class ApiPage:
    """The page, as long as it is open in one tab."""

    def __init__(self, world: World) -> None:
        self.world = world
        with frame.header("API", lead="How other programs work with this one."):
            reference = ui.link("Reference", "/api/docs", new_tab=True).classes("set-link")
            reference.props["aria-label"] = "API reference"
        with Tag("div", classes="set-head"):
            Tag("h2", "Keys")
            ui.button("Create key", icon="sym_o_key", on_click=self._create)
        self._keys = Tag("div", classes="panel")
        with Tag("div", classes="set-head"):
            Tag("h2", "Outgoing webhooks")
            ui.button("Add webhook", icon="sym_o_add", on_click=self._add).props("outline")
        self._webhooks = Tag("div", classes="panel")

    async def draw(self) -> None:
        """Read everything again and draw it."""
        actor = self.world.actor()
        keys = await self.world.db.run(api_keys.listed, actor)
        webhooks = await self.world.db.run(outgoing_webhooks.listed, actor)
        self._draw_keys(keys)
        self._draw_webhooks(webhooks)

    async def start(self) -> None:
        """Draw it, and follow how many calls wait."""
        await self.draw()
        read = partial(outgoing_webhooks.listed, actor=self.world.actor())
        with Tag("div", classes="hidden"):
            self.world.feed.watch("outgoing webhooks", read, self._renewed)

    def _renewed(self, webhooks: list[Webhook] | Problem) -> None:
        if not isinstance(webhooks, Problem) and webhooks != self._shown:
            self._draw_webhooks(webhooks)

    def _draw_keys(self, keys: list[Key]) -> None:
        self._keys.clear()
        with self._keys:
            if not keys:
                text = (
                    "A key lets a program do what its role allows: add people, start campaigns, read results."
                )
                shell.empty_state("key", "No key yet", text)
            else:
                with Tag("ul", classes="items", aria_label="Keys"):
                    for key in keys:
                        self._key(key)

    def _draw_webhooks(self, webhooks: list[Webhook]) -> None:
        self._shown = webhooks
        self._webhooks.clear()
        with self._webhooks:
            if not webhooks:
                text = "Have another program told when a campaign ends, or when somebody replies or opts out."
                shell.empty_state("webhook", "No webhook yet", text)
            else:
                with Tag("ul", classes="items", aria_label="Outgoing webhooks"):
                    for webhook in webhooks:
                        self._webhook(webhook)

    def _key(self, key: Key) -> None:
        now = self.world.clock()
        with Tag("li", classes="item"):
            with Tag("span", classes="item-icon", aria_hidden="true"):
                icon("key")
            with Tag("div", classes="item-main"):
                with Tag("span", classes="line"):
                    Tag("span", key.name, classes="strong", dir="auto")
                    if key.revoked_at is not None:
                        Tag("span", "Revoked", classes="tag tag-danger")
                    elif not key.works(now):
                        Tag("span", "Ended", classes="tag tag-danger")
                Tag("span", _opens(key), classes="muted small")
                used = f"Last used {relative(key.last_used_at, now)}" if key.last_used_at else "Never used"
                ends = f" · ends {relative(key.expires_at, now)}" if key.expires_at and key.works(now) else ""
                Tag("span", used + ends, classes="muted small")
            if key.works(now):
                revoke = ui.button("Revoke", on_click=lambda: self._revoke(key)).props("outline")
                revoke.props["aria-label"] = f"Revoke {key.name}"

    def _webhook(self, webhook: Webhook) -> None:
        with Tag("li", classes="item"):
            with Tag("span", classes="item-icon", aria_hidden="true"):
                icon("webhook")
            with Tag("div", classes="item-main"):
                Tag("a", webhook.url, classes="item-name", href=f"{PATH}/webhooks/{webhook.id}")
                kinds = " · ".join(Kind(kind).label for kind in webhook.kinds)
                Tag("span", kinds, classes="muted small")
            with Tag("div", classes="item-facts"):
                Tag("span", standing(webhook), classes="strong" if webhook.active else "strong is-off")
                Tag("span", _calls(webhook), classes="muted small num")

    async def _create(self) -> None:
        key = await key_dialog.ask(self.world)
        if key:
            await self.draw()
            await one_time.show("The new key", KEY, key, "key")

    async def _add(self) -> None:
        secret = await webhook_dialog.ask(self.world)
        if secret:
            await self.draw()
            await one_time.show("The webhook’s secret", SECRET, secret, "secret")

    async def _revoke(self, key: Key) -> None:
        text = f"Whatever uses “{key.name}” is refused from its next request on. This can’t be undone."
        if not await notices.confirm("Revoke key?", text, "Revoke", danger=True):
            return
        try:
            await self.world.db.run(api_keys.revoke, key.id, self.world.clock(), self.world.actor())
        except Problem as problem:
            notices.problem(problem.text)
        else:
            notices.success("The key is revoked.")
        await self.draw()


def _opens(key: Key) -> str:
    role = ROLE_WORDS[Role(key.role)][0]
    parts = "everything" if key.scopes is None else "; ".join(Scope(scope).label for scope in key.scopes)
    return f"{role} · {parts or 'nothing'}"


def standing(webhook: Webhook) -> str:
    """Whether it is told of what happens, in a word or two."""
    if webhook.off_at is not None:
        return "Switched off"
    return "Active" if webhook.active else "Paused"


def _calls(webhook: Webhook) -> str:
    parts = [plural(webhook.waiting, "call waits", "calls wait")] if webhook.waiting else []
    parts += [f"{webhook.failed:,} failed"] if webhook.failed else []
    return " · ".join(parts) or "Nothing waits"
