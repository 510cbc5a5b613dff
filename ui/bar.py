"""A message's deliveries as one bar: the button of a timeline, and the plain picture of a table row."""

from collections.abc import Callable, Mapping

from nicegui import ui

from domain.deliveries import State
from domain.tallies import Tally, number

Payload = dict[str, object]


def payload(counts: Mapping[State, int]) -> Payload:
    """What the bar's component draws; also for a table row's slot: `<nicegui-delivery_bar :tally=...>`."""
    tally = Tally(counts)
    return {
        "headline": tally.headline,
        "words": tally.in_words,
        "rows": [
            {
                "state": row.state.value,
                "label": row.label,
                "count": row.count,
                "number": number(row.count),
                "share": row.share,
            }
            for row in tally.rows()
        ],
    }


class Bar(ui.element, component="components/delivery_bar.js"):
    """The plain picture with its summary as the label; hover shows the counts."""

    def __init__(self, counts: Mapping[State, int], *, name: str, plain: bool = True) -> None:
        super().__init__()
        self._counts = dict(counts)
        self.props["name"] = name
        self.props["plain"] = plain
        self.props["tally"] = payload(counts)

    @property
    def counts(self) -> dict[State, int]:
        """What the bar shows."""
        return dict(self._counts)

    @counts.setter
    def counts(self, counts: Mapping[State, int]) -> None:
        if dict(counts) == self._counts:
            return
        self._counts = dict(counts)
        self.props["tally"] = payload(counts)


class DeliveryBar(Bar):
    """A button that holds the bar, opens `panel` when it has one, and shows the counts on hover and focus."""

    def __init__(
        self,
        counts: Mapping[State, int],
        *,
        title: str,
        name: str,
        panel: ui.element | None = None,
        on_toggle: Callable[[bool], None] | None = None,
    ) -> None:
        super().__init__(counts, name=name, plain=False)
        self.props["title"] = title
        self._expanded = False
        self._panel: ui.element | None = None
        self._on_toggle = on_toggle
        self.on("toggle", self.toggle, args=[])
        if panel is not None:
            self.controls(panel)

    @property
    def expanded(self) -> bool:
        """Whether the panel is open."""
        return self._expanded

    def controls(self, panel: ui.element) -> None:
        """Name the element that this button opens and closes."""
        self._panel = panel
        self.props["controls"] = panel.html_id
        panel.set_visibility(self._expanded)

    def toggle(self) -> None:
        """Open or close."""
        self._expanded = not self._expanded
        self.props["expanded"] = self._expanded
        if self._panel is not None:
            self._panel.set_visibility(self._expanded)
        if self._on_toggle is not None:
            self._on_toggle(self._expanded)
