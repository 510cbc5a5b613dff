"""The results page: what became of each message, live in every open browser, and what can be done."""

from domain.campaigns import Status
from domain.problems import Problem
from storage import line_access, progress, results
from storage.results import Results
from ui import charts, line_banner, remarks, shell
from ui.actions import Subject
from ui.app import PageBuilder
from ui.export_links import export_links
from ui.people import PeopleDialog
from ui.pill import Pill
from ui.rail import Rail
from ui.tags import Tag
from ui.timeline import Timeline
from ui.world import World

UNKNOWN = "This campaign does not exist. It may have been deleted."
NOT_YET = (
    "This campaign is a draft, so nothing has been sent. Its results appear here, live, once it is scheduled."
)
MOST_DIGITS = 10


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build(cid: str) -> None:
        if not (cid.isascii() and cid.isdecimal() and len(cid) <= MOST_DIGITS):
            shell.not_found(UNKNOWN)
            return
        try:
            first = await world.db.run(results.overview, int(cid), world.clock())
        except Problem as problem:
            shell.not_found(problem.text)
            return
        await line_banner.draw(world, first.line_id)
        LivePage(world, first, await world.db.run(line_access.of, world.actor()))

    return build


class LivePage:
    """What is shown of one campaign; it follows the campaign from draft to its end, or to its deletion."""

    def __init__(self, world: World, first: Results, lines: frozenset[int]) -> None:
        """`lines` are those that who looks may send from."""
        self._world, self._lines, self._edits = world, lines, world.edits
        self._view: View | Unscheduled | None = None
        self._gone = False
        self._body = Tag("div", classes="results-page")
        self.show(first)
        campaign_id = first.id
        world.feed.watch(
            ("results", campaign_id),
            lambda db: results.overview(db, campaign_id, world.clock()),
            self.show,
            first,
        )

    def show(self, now: Results | Problem) -> None:
        """Show what has become of it."""
        if isinstance(now, Problem):
            self._end()
        elif self._view is None or isinstance(self._view, Unscheduled) != _is_draft(now):
            self._rebuild(now)
        else:
            self._view.show(now)

    def _rebuild(self, now: Results) -> None:
        self._body.clear()
        with self._body:
            may_send = now.line_id in self._lines
            if _is_draft(now):
                self._view = Unscheduled(self._world, now, may_send=may_send)
            else:
                self._view = View(self._world, now, edits=self._edits, may_send=may_send)

    def _end(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._body.clear()
        with self._body:
            shell.dead_end("delete", "Campaign deleted", "Somebody deleted this campaign a moment ago.")


class Unscheduled:
    """A draft: header and rail as ever, and in place of the results why there are none yet."""

    def __init__(self, world: World, first: Results, *, may_send: bool) -> None:
        self._pill = header(first)
        with Tag("div", classes="results-grid"):
            self._rail = Rail(world, Subject(first.id, first.name), may_send=may_send)
            with Tag("div", classes="results-main"), Tag("div", classes="panel"):
                shell.empty_state("edit_calendar", "Not scheduled yet", NOT_YET)
        self.show(first)

    def show(self, now: Results) -> None:
        """Bring every part up to date, in place."""
        self._pill.status = now.standing.shown.capitalize()
        self._rail.show(now)


class View:
    """Header, remarks, rail and timeline of a campaign that is scheduled or further on."""

    def __init__(self, world: World, first: Results, *, edits: bool, may_send: bool) -> None:
        self._pill = header(first)
        self._remarks = remarks.Remarks(world.clock)
        self._people = PeopleDialog(world, first.timezone, first.carrier_kind)
        # The rail comes first, as on phones; a screen reader gets status and actions before the details.
        with Tag("div", classes="results-grid"):
            self._rail = Rail(world, Subject(first.id, first.name), may_send=may_send)
            with Tag("div", classes="results-main"):
                self._timeline = Timeline(world, self._people.open, edits=edits, may_send=may_send)
                self._charts = charts.Charts()
        campaign_id, zone = first.id, first.timezone
        world.feed.watch(
            ("progress", campaign_id),
            lambda db: charts.payload(progress.of(db, campaign_id, world.clock()), zone),
            self._came_along,
        )
        self.show(first)

    def show(self, now: Results) -> None:
        """Bring every part up to date, in place."""
        self._pill.status = now.standing.shown.capitalize()
        self._remarks.show(now)
        self._rail.show(now)
        self._timeline.show(now)
        self._charts.show_errors(now)
        self._people.moved(now)

    def _came_along(self, now: charts.Payload | Problem | None) -> None:
        if not isinstance(now, Problem):
            self._charts.show(now)


def header(now: Results) -> Pill:
    """The way back, the name, and the status beside it; returns the status."""
    with (
        Tag("div", classes="results-header"),
        shell.page_header(now.name, back=("Campaigns", "/campaigns/sms")),
    ):
        pill = Pill(now.standing.shown.capitalize())
        if not _is_draft(now):
            export_links(f"/exports/results/{now.id}.csv")
        return pill


def _is_draft(now: Results) -> bool:
    return now.standing.status is Status.DRAFT
