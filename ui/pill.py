"""A campaign's status as a dot and a word."""

from ui.tags import Tag

STATUSES = ("Draft", "Scheduled", "Running", "Paused", "Stopped", "Completed", "Archived")


class Pill(Tag):
    """The dot tells by colour and shape, the word tells everyone; a running one pulses."""

    def __init__(self, status: str, *, live: bool = False) -> None:
        super().__init__("span", classes="pill", role="status" if live else None)
        with self:
            Tag("span", classes="pill-dot", aria_hidden="true")
            self._word = Tag("span")
        self._status = ""
        self.status = status

    @property
    def status(self) -> str:
        """The word that is shown."""
        return self._status

    @status.setter
    def status(self, status: str) -> None:
        if status not in STATUSES:
            raise ValueError(status)
        self.classes(
            remove=f"pill-{self._status.lower()}" if self._status else "", add=f"pill-{status.lower()}"
        )
        self._status = status
        self._word.text = status


def classes(status: str) -> str:
    """The same look inside a table's slot: `<span :class="row.pill"><span class=pill-dot />…</span>`."""
    return f"pill pill-{status.lower()}"
