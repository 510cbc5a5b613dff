"""The quiet hours that a new workspace begins with: data, each line with its source and date.

They are a careful start, not legal advice: laws change and sources disagree, so every line can be edited
or switched off in the workspace's settings. Windows made for calls are applied to texts out of caution.
"""

from domain.quiet_hours import DAY, EVERYWHERE, Rule

_ALL = (1, 2, 3, 4, 5, 6, 7)
_WEEKDAYS = (1, 2, 3, 4, 5)
_NOT_SUNDAY = (1, 2, 3, 4, 5, 6)

_FEDERAL = "47 CFR 64.1200(c)(1): calls and texts to homes 8 am to 9 pm local time."
_STATES = "Comparison of state telemarketing laws, read 2025-11. Confirm with counsel."
_CANADA = "CRTC Unsolicited Telecommunications Rules, Part III, 23 (made for calls). Confirm with counsel."
_FRANCE = "Conduct code of the French operators' association for commercial texts. Confirm with counsel."
_INDIA = "TRAI, Telecom Commercial Communications Customer Preference Regulations 2018. Confirm with counsel."
_AUSTRALIA = "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017 (made for calls)."


def _hours(region: str, opens: int, closes: int, days: tuple[int, ...], source: str) -> Rule:
    return Rule(region, days, opens * 60, closes * 60, source=source)


DEFAULT_RULES: tuple[Rule, ...] = (
    _hours(EVERYWHERE, 8, 21, _ALL, "The workspace's own choice."),
    _hours("US", 8, 21, _ALL, _FEDERAL),
    *(_hours(f"US-{state}", 8, 20, _ALL, _STATES) for state in ("FL", "MA", "MD", "NJ", "OK", "WA")),
    *(_hours(f"US-{state}", 8, 20, _NOT_SUNDAY, _STATES) for state in ("AL", "LA", "MS")),
    *(_hours(f"US-{state}", 9, 20, _ALL, _STATES) for state in ("CT", "NV")),
    *(_hours(f"US-{state}", 9, 21, _ALL, _STATES) for state in ("MI", "MN", "NM")),
    _hours("US-KY", 10, 21, _ALL, _STATES),
    _hours("US-TX", 9, 21, _NOT_SUNDAY, _STATES),
    _hours("US-TX", 12, 21, (7,), _STATES),
    _hours("US-RI", 9, 18, _WEEKDAYS, _STATES),
    _hours("US-RI", 10, 17, (6, 7), _STATES),
    _hours("CA", 10, 18, (6, 7), _CANADA),
    Rule("CA", _WEEKDAYS, 9 * 60, 21 * 60 + 30, source=_CANADA),
    _hours("FR", 8, 20, _NOT_SUNDAY, _FRANCE),
    _hours("IN", 10, 21, _ALL, _INDIA),
    _hours("AU", 9, 20, _WEEKDAYS, _AUSTRALIA),
    _hours("AU", 9, 17, (6,), _AUSTRALIA),
)
"""Federal, state and country windows; regions without a line have the workspace's own."""

WHOLE_DAY = Rule(EVERYWHERE, _ALL, 0, DAY, source="The workspace's own choice.")
"""The workspace's window of somebody who wants none."""
