"""What carriers publish about how fast a line may send, as values to start from.

Carriers change these and agree on others by contract: a preset fills in a form, and people decide.
"""

from dataclasses import dataclass

from domain.line_kinds import LineKind

PACIFIC = "America/Los_Angeles"
_TWILIO = "Twilio, message throughput by sender type"
_TWILIO_10DLC = "Twilio, A2P 10DLC throughput by trust score; T-Mobile, daily limit of a brand"
_TELNYX = "Telnyx, message rates by sender type"
_TELNYX_10DLC = "Telnyx, 10DLC rate limits (AT&T, message class T; T-Mobile, lowest tier)"


@dataclass(frozen=True, slots=True)
class Preset:
    """Limits of one kind of line, and who says so."""

    name: str
    label: str
    kind: LineKind
    rate: float  # segments a second
    source: str
    minute_cap: int | None = None  # segments
    daily_cap: int | None = None  # segments
    day_zone: str = "UTC"  # where the day of the daily cap begins
    note: str = ""


_T_MOBILE = "The daily cap is T-Mobile's for the whole brand: share it out if the brand has several lines."

PRESETS = (
    Preset("long_code", "Long code", LineKind.LONG_CODE, 1, _TWILIO),
    Preset(
        "ten_dlc_75",
        "10DLC, trust score 75 to 100",
        LineKind.TEN_DLC,
        75,
        _TWILIO_10DLC,
        4_500,
        200_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset(
        "ten_dlc_50",
        "10DLC, trust score 50 to 74",
        LineKind.TEN_DLC,
        40,
        _TWILIO_10DLC,
        2_400,
        40_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset(
        "ten_dlc_25",
        "10DLC, trust score 25 to 49",
        LineKind.TEN_DLC,
        4,
        _TWILIO_10DLC,
        240,
        10_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset(
        "ten_dlc_1",
        "10DLC, trust score 1 to 24",
        LineKind.TEN_DLC,
        4,
        _TWILIO_10DLC,
        240,
        2_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset(
        "ten_dlc_low",
        "10DLC, low volume",
        LineKind.TEN_DLC,
        1.25,
        _TELNYX_10DLC,
        75,
        2_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset(
        "ten_dlc_sole",
        "10DLC, sole proprietor",
        LineKind.TEN_DLC,
        1.25,
        _TELNYX_10DLC,
        75,
        1_000,
        PACIFIC,
        _T_MOBILE,
    ),
    Preset("toll_free", "Toll-free at Twilio", LineKind.TOLL_FREE, 3, _TWILIO),
    Preset("toll_free_telnyx", "Toll-free at Telnyx", LineKind.TOLL_FREE, 20, _TELNYX),
    Preset("short_code", "Short code at Twilio", LineKind.SHORT_CODE, 100, _TWILIO),
    Preset("short_code_telnyx", "Short code at Telnyx", LineKind.SHORT_CODE, 1_000, _TELNYX),
)
AS_OF = "November 2026"
"""When these were looked up."""


def named(name: str) -> Preset:
    """The preset of that name; a KeyError for another."""
    return {preset.name: preset for preset in PRESETS}[name]


def of_kind(kind: LineKind) -> tuple[Preset, ...]:
    """The presets for lines of that kind, the fastest first."""
    return tuple(preset for preset in PRESETS if preset.kind is kind)
