"""The frame around every page (navigation, theme, person, notices) and what each page begins with."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from nicegui import Client, ui

from domain.branding import Branding
from ui import assets, notices
from ui.key_help import KeyHelp
from ui.session_watch import SessionWatch
from ui.tags import Tag, icon, icon_button

BRAND = "SMS Campaigns"
LONG = 60
"""Characters; a longer title is written smaller on a phone."""

PHONE_WIDTH = 1023
"""Up to this width the navigation is a drawer behind a button; Quasar's own limit."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as the frame shows it; the tag is a short word such as "Demo"."""

    name: str
    tag: str = ""
    id: int = 0
    administers: bool = False
    signed_in: bool = False  # by a session, which can be left
    edits: bool = True
    branding: Branding = field(default_factory=Branding)  # of the workspace

    @property
    def initials(self) -> str:
        """The first letters of the first and last name."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@dataclass(frozen=True, slots=True)
class Place:
    """One link of the navigation; it is current on every path that begins with one of `covers`."""

    label: str
    symbol: str
    path: str
    covers: tuple[str, ...]


CRM = (
    Place("Campaigns", "campaign", "/campaigns/sms", ("/campaigns",)),
    Place("Contacts", "person", "/contacts", ("/contacts",)),
    Place("Lists", "groups", "/lists", ("/lists",)),
    Place("Inbox", "inbox", "/inbox", ("/inbox",)),
    Place("Suppressions", "block", "/suppressions", ("/suppressions",)),
)
VIEWERS = "You see everything here. To change something, ask an administrator for the role of a manager."
ACCOUNT = "/settings/account"
SETTINGS = (Place("Settings", "settings", "/settings/lines", ("/settings",)),)


def _for_administrators(path: str) -> bool:
    return path.startswith(SETTINGS[0].covers)


class ThemeSwitch(ui.element, component="components/theme_switch.js"):
    """Light, dark or as the system has it; the browser remembers."""


@contextmanager
def frame(person: Person, paths: Collection[str]) -> Iterator[None]:
    """Draw the frame around what is made inside; `paths` are the pages that exist."""
    sidebar = ui.left_drawer(value=False).props(f"show-if-above width=240 breakpoint={PHONE_WIDTH}")
    sidebar.props["aria-label"] = "Sidebar"
    title = person.branding.name or BRAND
    ui.query("body").classes(f"accent-{person.branding.accent}")
    menu = phone_bar(sidebar, title)
    behave_as_overlay(sidebar, menu)
    _sidebars[ui.context.client] = sidebar
    with sidebar:
        brand(title)
        links = navigation(paths if person.administers else [p for p in paths if not _for_administrators(p)])
        with Tag("div", classes="side-foot"):
            _feet[ui.context.client] = Tag("div")
            keys = KeyHelp(edits=person.edits)
            keys.listen(links)
            ThemeSwitch()
            person_card(person)
    notices.region()
    main = Tag("div", classes="page")
    ui.skip_link(target=main)
    with main:
        if person.signed_in:
            SessionWatch(person.id)
        if not person.edits:
            Tag("p", VIEWERS, classes="page-note viewer-note")
        yield


def in_foot() -> Tag:
    """The place in the sidebar for what is offered now and then."""
    return _feet[ui.context.client]


def leaves_sidebar(control: Tag) -> None:
    """Where the sidebar lies over the page, a click on this closes it."""
    sidebar = _sidebars[ui.context.client]
    control.on("click", js_handler=f"() => innerWidth <= {PHONE_WIDTH} && getElement({sidebar.id}).hide()")


_feet: WeakKeyDictionary[Client, Tag] = WeakKeyDictionary()
_sidebars: WeakKeyDictionary[Client, ui.left_drawer] = WeakKeyDictionary()


def brand(title: str) -> None:
    """Mark and the workspace's name, leading home."""
    with Tag("a", classes="brand", href="/campaigns/sms"):
        Tag("img", src=assets.url("favicon.svg"), alt="")
        Tag("span", title, dir="auto")


def navigation(paths: Collection[str]) -> dict[str, Tag]:
    """The links to the places that exist, the current one marked; returned by their paths."""
    links: list[tuple[Place, Tag]] = []
    with Tag("nav", classes="nav", aria_label="Main"):
        for heading, places in (("CRM", CRM), ("", SETTINGS)):
            shown = [place for place in places if place.path in paths]
            if not shown:
                continue
            if heading:
                title = Tag("div", heading, classes="nav-group")
            with Tag("ul", aria_labelledby=title.html_id if heading else None):
                links += [(place, nav_link(place)) for place in shown]

    def mark(path: str) -> None:
        for place, link in links:
            link.attributes(aria_current="page" if path.startswith(place.covers) else None)

    router = ui.context.client.sub_pages_router
    mark(router.current_path)
    router.on_path_changed(mark)
    for _, link in links:
        leaves_sidebar(link)
    return {place.path: link for place, link in links}


def nav_link(place: Place) -> Tag:
    """One link of the navigation."""
    with Tag("li"), Tag("a", classes="nav-link", href=place.path) as link:
        icon(place.symbol)
        Tag("span", place.label)
        badge = Tag("span", classes="nav-count", aria_hidden="true")
    badge.set_visibility(False)
    _badges.setdefault(ui.context.client, {})[place.path] = link, badge
    return link


def count_beside(path: str, count: int, words: str) -> None:
    """Show a number beside a link of the navigation of this tab; none when it is 0."""
    link, badge = _badges.get(ui.context.client, {}).get(path, (None, None))
    if link is None or badge is None or link.is_deleted:
        return
    badge.text = f"{count:,}" if count < 1000 else "999+"
    badge.set_visibility(count > 0)
    link.attributes(aria_description=words if count else None)


_badges: WeakKeyDictionary[Client, dict[str, tuple[Tag, Tag]]] = WeakKeyDictionary()


def person_card(person: Person) -> None:
    """Who is signed in, with the ways to their account and out."""
    with Tag("div", classes="person"):
        Tag("span", person.initials, classes="avatar", aria_hidden="true")
        if person.signed_in:
            leaves_sidebar(Tag("a", person.name, classes="person-name", href=ACCOUNT, title="Your account"))
        else:
            Tag("span", person.name, classes="person-name", title=person.name)
        if person.tag:
            Tag("span", person.tag, classes="tag")
        if person.signed_in:
            with (
                Tag("form", method="post", action="/logout"),
                Tag("button", classes="icon-button", type="submit", aria_label="Sign out", title="Sign out"),
            ):
                icon("logout")


def phone_bar(sidebar: ui.left_drawer, title: str) -> Tag:
    """On narrow screens: the button that opens the navigation, and the brand. Returns the button."""
    layout = ui.context.client.layout
    with layout, Tag("header", classes="phone-bar") as bar:
        button = icon_button("menu", "Open navigation").attributes(aria_haspopup="true")
        button.on("click", js_handler=f"() => getElement({sidebar.id}).show()")
        brand(title)
    bar.move(target_index=0)
    return button


def behave_as_overlay(sidebar: ui.left_drawer, menu: Tag) -> None:
    """On narrow screens an open sidebar holds the focus, Esc closes it, and the button has it again."""
    behind = 'document.querySelectorAll(".q-page-container, .phone-bar").forEach(node => node.inert = '
    element = f"getElement({sidebar.id})"
    sidebar.on(
        "show",
        js_handler=f"""() => {{
            if (innerWidth > {PHONE_WIDTH}) return;
            {behind} true);
            document.querySelector(".nav-link")?.focus();
        }}""",
    )
    sidebar.on(
        "before-hide",
        js_handler=f"""() => {{
            {behind} false);
            if (innerWidth <= {PHONE_WIDTH}) document.getElementById("{menu.html_id}").focus();
        }}""",
    )
    sidebar.on("keydown.escape", js_handler=f"() => innerWidth <= {PHONE_WIDTH} && {element}.hide()")


@contextmanager
def page_header(title: str, *, lead: str = "", back: tuple[str, str] | None = None) -> Iterator[None]:
    """The page's one h1 with a line below; `back` is (label, path). Actions are made inside.

    It also names the browser's tab, and after a move inside the app takes the focus, so that a screen
    reader says where one is.
    """
    ui.page_title(f"{title} · {BRAND}")
    with Tag("div", classes="page-header"):
        with Tag("div", classes="page-titles"):
            if back:
                with Tag("a", classes="page-back", href=back[1]):
                    icon("arrow_back")
                    Tag("span", back[0])
            heading = Tag("h1", title, classes="is-long" if len(title) > LONG else "", tabindex=-1)
            if lead:
                Tag("p", lead, classes="page-lead")
        with Tag("div", classes="page-actions"):
            yield
    if not ui.context.client.sub_pages_router.is_initial_request:
        ui.run_javascript(f"document.getElementById('{heading.html_id}')?.focus({{preventScroll: true}})")


def empty_state(
    symbol: str, title: str, text: str, action: tuple[str, Callable[[], object]] | None = None
) -> None:
    """What a page shows while it has nothing; `action` is the label and callback of its button."""
    with Tag("div", classes="empty"):
        with Tag("div", classes="empty-icon", aria_hidden="true"):
            icon(symbol)
        Tag("h2", title)
        Tag("p", text, classes="empty-text")
        if action:
            ui.button(action[0], on_click=action[1]).props("unelevated no-caps").classes("empty-action")


def not_found(text: str = "There is no page at this address.") -> None:
    """The 404 inside the app, with a way out."""
    dead_end("travel_explore", "Page not found", text)


def broken() -> None:
    """A page that could not be drawn; the log has the reason."""
    dead_end("error", "Something went wrong", "This page could not be shown. Reload it, or try again later.")


TO_CAMPAIGNS = ("Go to campaigns", "/campaigns/sms")


def dead_end(symbol: str, title: str, text: str, way_out: tuple[str, str] | None = TO_CAMPAIGNS) -> None:
    """A page that is no page: why, and where to go, which is a label and a path."""
    ui.page_title(f"{title} · {BRAND}")
    with Tag("div", classes="empty"):
        with Tag("div", classes="empty-icon", aria_hidden="true"):
            icon(symbol)
        Tag("h1", title)
        Tag("p", text, classes="empty-text")
        if way_out:
            with Tag("p", classes="empty-action"):
                Tag("a", way_out[0], href=way_out[1])
