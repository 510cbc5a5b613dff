"""What the inbox shows, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PATH = "/inbox"
STEP = 30


@dataclass(frozen=True, slots=True)
class InboxState:
    """One way to look at the conversations, and the one that is open (0 for none)."""

    search: str = ""
    unread: bool = False
    open: int = 0
    limit: int = STEP

    @property
    def filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return bool(self.search.strip()) or self.unread

    @property
    def looks_for(self) -> tuple[str, bool, int]:
        """What the list depends on."""
        return self.search.strip(), self.unread, self.limit

    @property
    def address(self) -> str:
        """Where this view is found again."""
        parts = {
            "search": self.search.strip(),
            "unread": "1" if self.unread else "",
            "c": str(self.open or ""),
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def opening(self, conversation_id: int) -> "InboxState":
        """The same with another conversation open."""
        return replace(self, open=conversation_id)


def read(parameters: Mapping[str, str]) -> InboxState:
    """The view that an address asks for; what makes no sense in it is left out."""
    number = parameters.get("c", "")
    return InboxState(
        search=parameters.get("search", "")[:120],
        unread=parameters.get("unread") == "1",
        open=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
    )
