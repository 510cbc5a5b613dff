"""What the audit's page shows, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain import zones
from domain.problems import Problem
from storage.audit_log import Filters
from ui import view_state
from ui.grid_state import read_day

PATH = "/settings/audit"
EXPORT = "/exports/audit.csv"


@dataclass(frozen=True, slots=True)
class AuditState:
    """One way to look at the audit; days are typed, such as 2026-11-30."""

    person: str = ""
    action: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    page: int = 1
    size: int = view_state.SIZES[0]

    @property
    def parts(self) -> dict[str, str]:
        """What narrows the list."""
        return {
            "person": self.person,
            "action": self.action,
            "kind": self.kind,
            "from": self.since,
            "to": self.until,
        }

    @property
    def filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return any(self.parts.values())

    @property
    def address(self) -> str:
        """Where this view is found again."""
        return view_state.address(PATH, self.parts | view_state.paging(self.page, self.size))

    def export(self, zone: str) -> str:
        """Where the same entries come as a file."""
        return view_state.address(EXPORT, self.parts | {"zone": zone})

    def filters(self, zone: str) -> Filters:
        """The filters, with days as they begin and end in a zone."""
        person = int(self.person) if self.person.isascii() and self.person.isdigit() else None
        return Filters(
            person if person is None or person < 2**31 else -1,
            self.action,
            self.kind,
            _midnight(self.since, zone),
            _midnight(self.until, zone, days=1),
        )


def read(parameters: Mapping[str, str]) -> AuditState:
    """The view that an address asks for; what makes no sense in it is left out."""

    def text(name: str) -> str:
        return parameters.get(name, "")[:60]

    return AuditState(
        text("person") if text("person").isdigit() else "",
        text("action"),
        text("kind"),
        text("from"),
        text("to"),
        view_state.number(parameters.get("page")) or 1,
        view_state.size(parameters.get("size")),
    )


def _midnight(typed: str, zone: str, days: int = 0) -> datetime | None:
    day = read_day(typed)
    if day is None:
        return None
    try:
        return zones.resolve(datetime.combine(day + timedelta(days=days), time()), zone).instant
    except Problem:
        return zones.resolve(datetime.combine(day + timedelta(days=days), time()), "UTC").instant
