"""The workspace's choices, each explained where it is set; whoever is no administrator only reads them."""

from collections.abc import Mapping
from typing import Any

from domain.auto_pause import LOOKED_AT, Thresholds
from domain.branding import Accent, Branding
from domain.claim_rules import SUGGESTED_CAP, Cap, ClaimRules
from domain.keywords import Kind
from storage import auto_pause, branding, choices, claim_rules, retention, workspace_settings
from storage.retention import Retention
from storage.workspace_settings import Decided
from ui.app import PageBuilder
from ui.settings import frame
from ui.settings.choice_form import ChoiceForm, Save, share, whole
from ui.settings.hours_panel import HoursPanel
from ui.tags import Tag
from ui.world import World

PATH = "/settings/workspace"
LEAD = "What holds for everybody: who may be texted when and how often, and what becomes of what is kept."
READ_ONLY = "Only administrators of your workspace change these. You see what holds now."


def page(world: World) -> PageBuilder:
    """The page's builder."""

    async def build() -> None:
        editable = world.administers
        decided = await world.db.run(workspace_settings.read)
        with frame.header("Workspace", lead=LEAD if editable else READ_ONLY, sections=editable):
            pass
        with Tag("div", classes="choice-forms"):
            Sections(world, editable=editable).draw(decided)

    return build


class Sections:
    """The panels, each with its own button."""

    def __init__(self, world: World, *, editable: bool) -> None:
        self.world, self.editable = world, editable

    def draw(self, decided: Decided) -> None:
        """Draw them with what holds now."""
        self._branding(decided.branding)
        HoursPanel(self.world, decided.hours, editable=self.editable)
        self._claims(decided.claims)
        self._consent(consent=decided.consent)
        self._thresholds(decided.thresholds)
        self._answers(decided.answers)
        self._retention(decided.retention)

    def _form(self, title: str, lead: str, save: Save) -> ChoiceForm:
        return ChoiceForm(title, lead, save if self.editable else None)

    async def _run(self, verb: Any, *args: Any) -> None:
        actor, now = self.world.actor(), self.world.clock()
        await self.world.db.run(lambda db: verb(db, actor, *args, now))

    def _branding(self, now: Branding) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            await self._run(branding.choose, Branding(str(values["name"] or ""), Accent(values["accent"])))

        form = self._form("Name and color", "How your team knows this workspace.", save)
        form.line("name", "Workspace name", now.name, "Shown above the navigation from the next page on.")
        colors = {accent: accent.capitalize() for accent in Accent}
        form.choice("accent", "Color", colors, now.accent, "Of buttons and links, light and dark.")

    def _claims(self, now: ClaimRules) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            cap = Cap(whole(values, "most"), whole(values, "days")) if values["capped"] else None
            await self._run(claim_rules.choose, ClaimRules(values["outside"] == EXPIRE, cap))

        form = self._form(
            "How often and how late",
            "Checked for every text, just before it is sent, over all campaigns.",
            save,
        )
        form.choice(
            "outside",
            "A text that falls into quiet hours",
            [HOLD, EXPIRE],
            EXPIRE if now.expire else HOLD,
            "A text that waits still expires when its message does.",
        )
        capped = "Text nobody more often than this"
        form.tick(
            "capped", capped, now.cap is not None, "Whoever has had as many is skipped, with the reason."
        )
        cap = now.cap or SUGGESTED_CAP
        allowed = "Florida, Maryland and Oklahoma allow 3 a day on one subject."
        form.line("most", "Texts per person", str(cap.most), allowed)
        form.line("days", "In so many days", str(cap.days), "Counted back from each text.")

    def _consent(self, *, consent: bool) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            await self._run(choices.require_consent, bool(values["required"]))

        form = self._form("Opt-in", "Who has agreed to get your texts, and how that is shown.", save)
        form.tick(
            "required",
            "Text only people with a recorded opt-in",
            consent,
            "Everybody else is left out, with the reason. Holds from the next text on.",
        )

    def _thresholds(self, now: Thresholds) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            wanted = Thresholds(*(share(values, name) for name in ("failed", "filtered", "opted_out")))
            await self._run(auto_pause.allow, wanted)

        form = self._form(
            "Auto-pause",
            f"A campaign pauses itself when more of its last {LOOKED_AT} texts went wrong than this. "
            "100 % switches a check off.",
            save,
        )
        form.line(
            "failed", "Failed, in percent", percent(now.failed), "Refused or not delivered, for any reason."
        )
        form.line("filtered", "Filtered, in percent", percent(now.filtered), "Taken for spam by carriers.")
        words = "People who answered STOP, or asked for it in words of their own."
        form.line("opted_out", "Opted out, in percent", percent(now.opted_out), words)

    def _answers(self, now: Mapping[Kind, str]) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            await self._run(choices.answer_keywords, {kind: str(values[kind] or "") for kind in now})

        form = self._form(
            "Answers to keywords",
            "Sent once, and not at all where your carrier has answered already. Empty: no answer.",
            save,
        )
        for kind, hint in ANSWERED.items():
            form.line(kind, f"Answer to {kind.upper()}", now[kind], hint, long=True)

    def _retention(self, now: Retention) -> None:
        async def save(values: Mapping[str, Any]) -> None:
            days = whole(values, "texts_days"), whole(values, "receipts_days")
            await self._run(retention.choose, Retention(*days))

        form = self._form(
            "Retention",
            "What is older is removed by itself; counts and opt-outs stay. 30 to 3,650 days.",
            save,
        )
        form.line(
            "texts_days", "Texts, in days", str(now.texts_days), "What people wrote, and their own texts."
        )
        form.line("receipts_days", "Receipts, in days", str(now.receipts_days), "As carriers sent them.")


HOLD, EXPIRE = "Waits until their hours begin", "Expires and is not sent"
ANSWERED = {
    Kind.STOP: "Say that they are opted out. Carriers ask for this answer.",
    Kind.START: "Say that they get your texts again.",
    Kind.HELP: "Say who you are, and how to stop.",
}


def percent(value: float) -> str:
    """A share as people type it."""
    return f"{value * 100:g}"
