"""Every page, as each role has it open: who may not do a thing is not shown the button for it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from nicegui import Client, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from domain.access import Actor, LineForbidden, Permission, Role, allows
from domain.line_settings import LineSettings
from storage import api_keys, campaigns, contacts, inbound, line_settings, outgoing_webhooks, team
from storage.audiences import begin_due, plan_chunk
from storage.database import Database
from storage.inbound import Reply
from tests import arrange
from tests.ui.pages import NOW, visitor, world_of
from tests.wait import until_async
from ui.campaign_table import CampaignTable
from ui.emoji import EmojiButton
from ui.records_table import RecordsTable
from ui.tags import Tag
from ui.upload import DropZone
from ui.web import pages
from ui.world import World

ANNA, BEN, CARL, DORA = arrange.numbers(4)
FIRST = NOW.replace(second=0) + timedelta(minutes=1)

OPENED = {
    "/campaigns/sms": "Campaigns",
    "/campaigns/sms/new": "Campaign Name",
    "/campaigns/sms/1/details": "Campaign Name",
    "/campaigns/sms/1/messages": "Message 1",
    "/campaigns/sms/1": "Not scheduled yet",
    "/campaigns/sms/2/details": "Campaign Name",
    "/campaigns/sms/2/messages": "Message 1",
    "/campaigns/sms/2": "Message Timeline",
    "/campaigns/sms/3/messages": "Message 1",
    "/campaigns/sms/3": "Message Timeline",
    "/campaigns/sms/4/details": "Campaign Name",
    "/campaigns/sms/4": "Message Timeline",
    "/inbox?c=1": "Is this still on?",
    "/suppressions": "Asked by phone",
    "/suppressions?tab=review": "Please leave me alone",
    "/contacts": "Contacts",
    "/contacts?search=nobody+like+it": "No contacts match",
    "/contacts/import": "Choose the file",
    "/contacts/1": "Consent",
    "/lists": "Lists",
    "/lists?search=nothing+like+it": "No lists match",
    "/lists/1": "Spring leads",
    "/settings/account": "This is the demo",
    "/settings/audit": "Audit",
    "/settings/team": "Invite member",
    "/settings/workspace": "Retention",
    "/settings/api": "Keys",
    "/settings/api/webhooks/1": "No call yet",
    "/settings/carriers": "Carriers",
    "/settings/carriers/new": "Add carrier",
    "/settings/carriers/1": "Test connection",
    "/settings/lines": "Lines",
    "/settings/lines/new": "Add line",
    "/settings/lines/1": "Pause line",
}
"""Every page's address, with words that are there once it is drawn for who may see it."""

FOR_WORK = ("/campaigns/sms/new", "/contacts/import")
FOR_EVERYBODY = ("/settings/account", "/settings/workspace")
"""The pages that are for doing one thing only, and the settings that everybody may read."""

NEEDS = {
    Permission.VIEW: """
        Back to the conversations; Clear filters; Close; Filters; Maya…; More filters; Next; Next page
        Next recipient; Number; Pick the…; Preview; Previous; Previous page; Previous recipient; Refresh
        Remove filter…; Show more; Since; SMS; Suppressed numbers; To review…
    """,
    Permission.EDIT: """
        Accept opt-out of…; Add contact; Add field; Add Message; Add number; Add to list; Archive Campaign
        Cancel; Clear selection; Close the outcome; Clone Campaign; Create list; Create New Campaign
        Change filter; Delete Campaign; Delete contact; Delete contacts; Discard my change; Edit Campaign
        Edit contact; Edit Schedule; Evidence pack; Import; Insert emoji; Insert field; Lift suppression of…
        Mark as unread; Opt out; Open the calendar; Open the list of times; Pause Campaign; Record opt-in
        Remove from…; Replace; Remove message; Rename list; Restart Campaign; Resume Campaign; Save as list
        Save as template; Save Campaign; Save contact; Save filter of…; Schedule Campaign; Select all…
        Send a test; Send answer; Set field; Set time zone; Stop; Stop Campaign; Unarchive Campaign; Undo
        Undo hold of…; upload; Use a template; Use the earliest time; select rows
    """,
    Permission.ADMINISTER: "Erase person",
}
"""Every control of the pages that are not settings; "…" stands for whatever the name ends with."""

KNOWN = {
    name.strip(): need
    for need, text in NEEDS.items()
    for line in text.strip().splitlines()
    for name in line.split(";")
}


@pytest.fixture
def admin(sqlite_db: Database) -> Actor:
    """A workspace with something on every page: campaigns that are drafts, scheduled, paused and stopped."""
    db, ada = sqlite_db, arrange.person(sqlite_db, NOW)
    line, people = arrange.line(db, NOW), arrange.contact_list(db, ada, NOW, [ANNA, BEN])
    made = [arrange.draft(db, ada, NOW, line, people, name=f"No {n}", first=FIRST) for n in range(1, 5)]
    campaigns.schedule(db, ada, made[2], NOW)
    for number in begin_due(db, FIRST):
        while plan_chunk(db, number, FIRST):
            pass
    campaigns.pause(db, ada, made[2], FIRST)
    for number in (made[1], made[3]):
        campaigns.schedule(db, ada, number, NOW)
    campaigns.stop(db, ada, made[3], NOW)
    inbound.take(db, Reply(1, "r-1", ANNA, "+14155550100", "Is this still on?"), NOW)
    inbound.take(db, Reply(1, "r-2", BEN, "+14155550100", "Please leave me alone"), NOW)
    contacts.suppress(db, ada, CARL, "Asked by phone", "team", NOW)
    outgoing_webhooks.add(db, ada, "https://crm.example/hook", ["message.received"], NOW)
    api_keys.create(db, "CRM", Role.VIEWER, NOW, actor=ada)
    team.invite(db, ada, "eve@example.com", Role.VIEWER, NOW)
    return ada


def controls(client: Client) -> set[str]:
    """What can be pressed on the page, by its name; a menu counts as its button."""
    found: set[str] = set()
    for element in list(client.elements.values()):
        found |= set(_names(element))
    return found


def _names(element: Element) -> Iterator[str]:
    if isinstance(element, CampaignTable):
        for row in element.props.get("rows", ()):
            yield from (action["name"] for action in row["actions"])
    elif isinstance(element, RecordsTable):
        yield from ["select rows"] if element.props["selectable"] else []
    elif isinstance(element, DropZone | ui.upload):
        yield "upload"
    elif isinstance(element, EmojiButton):
        yield "Insert emoji"
    elif isinstance(element, ui.button):
        yield from [_words(element)] if element.enabled else []
    elif isinstance(element, Tag) and element.tag == "button" and not element.props.get("disabled"):
        yield _words(element)


def _words(element: Element) -> str:
    parts = [element.props.get("aria-label"), getattr(element, "text", ""), element.props.get("label")]
    inner = [str(one.text) for one in element.descendants() if isinstance(one, TextElement) and one.text]
    return str(next((part for part in parts if part), " ".join(inner)))


async def walk(world: World, opened: Mapping[str, str]) -> dict[str, set[str]]:
    """The controls of every page, as this person has it open."""
    found = {}
    async with visitor(world) as user:
        for path, words in opened.items():
            await user.open(path)
            await user.should_see(words)
            client = user.client
            assert client is not None
            await until_async(partial(_is_drawn, client))
            found[path] = controls(client)
    return found


def _is_drawn(client: Client) -> bool:
    return not any(element.props.get("loading") is True for element in client.elements.values())


def known(name: str) -> str:
    """The name as the table has it."""
    return next((k for k in KNOWN if name == k or (k[-1] == "…" and name.startswith(k[:-1]))), name)


def closed(path: str, role: Role) -> str:
    """What a page that is not for this role says; "" for one that is."""
    if role is not Role.ADMIN and path.startswith("/settings/") and path not in FOR_EVERYBODY:
        return "For administrators"
    return "For managers and administrators" if role is Role.VIEWER and path in FOR_WORK else ""


async def test_every_page_offers_each_role_what_it_may_do_and_no_more(
    sqlite_db: Database, admin: Actor, tmp_path: Path
) -> None:
    everything = await walk(world_of(sqlite_db, admin, tmp_path), OPENED)
    work = {path: names for path, names in everything.items() if not path.startswith("/settings/")}
    assert [(path, n) for path, names in work.items() for n in names if known(n) not in KNOWN] == []
    for role in (Role.MANAGER, Role.VIEWER):
        actor = replace(admin, role=role)
        said = {path: closed(path, role) or words for path, words in OPENED.items()}
        for path, names in (await walk(world_of(sqlite_db, actor, tmp_path), said)).items():
            may = {known(name) for name in work.get(path, ()) if allows(actor, KNOWN[known(name)])}
            assert {known(name) for name in names} == (set() if closed(path, role) else may), (role, path)


def test_no_page_is_left_out(sqlite_db: Database, admin: Actor, tmp_path: Path) -> None:
    opened = [urlsplit(path).path for path in OPENED]
    routes = pages(world_of(sqlite_db, admin, tmp_path))
    missing = [
        route
        for route in routes
        if not any(re.fullmatch(re.sub(r"\{\w+\}", "[0-9]+", route), path) for path in opened)
    ]
    assert missing == []


async def test_who_may_not_use_a_line_is_offered_nothing_that_sends_from_it(
    sqlite_db: Database, admin: Actor, tmp_path: Path
) -> None:
    bo = arrange.person(sqlite_db, NOW, "Bo Lind", Role.MANAGER)
    given = line_settings.one(sqlite_db, 1)
    line_settings.change(
        sqlite_db, admin, 1, LineSettings("Main number", given.number, given.account_id, restricted=True), NOW
    )
    looked = (
        "/campaigns/sms",
        "/campaigns/sms/1/messages",
        "/campaigns/sms/3",
        "/campaigns/sms/4",
        "/inbox?c=1",
    )
    found = await walk(world_of(sqlite_db, bo, tmp_path), {path: OPENED[path] for path in looked})
    offered = set().union(*found.values())
    sends = {"Schedule Campaign", "Resume Campaign", "Restart Campaign", "Send a test", "Send answer"}
    assert offered & sends == set()
    assert {"Stop Campaign", "Edit Campaign", "Clone Campaign", "Mark as unread"} <= offered
    async with visitor(world_of(sqlite_db, bo, tmp_path)) as user:
        for path in ("/campaigns/sms/1/messages", "/inbox?c=1"):
            await user.open(path)
            await user.should_see(LineForbidden().text)
