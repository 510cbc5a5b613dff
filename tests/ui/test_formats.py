from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ui import formats

MOMENT = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("12408.5", "$12,408.50"),
        ("0.0079", "$0.0079"),
        ("0.5", "$0.50"),
        ("-3", "-$3.00"),
        ("1200", "$1,200.00"),
    ],
)
def test_money(amount: str, text: str) -> None:
    assert formats.money(Decimal(amount)) == text


def test_money_of_a_rarer_currency_is_named() -> None:
    assert formats.money(Decimal(5), "SEK") == "SEK 5.00"


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 byte"), (999, "999 bytes"), (640_000, "640 KB"), (999_600, "1.0 MB"), (1_234_567, "1.2 MB")],
)
def test_size(count: int, text: str) -> None:
    assert formats.size(count) == text


@pytest.mark.parametrize(
    ("e164", "text"),
    [
        ("+14155550100", "+1 415-555-0100"),
        ("+442079460018", "+44 20 7946 0018"),
        ("ACME", "ACME"),
        ("32665", "32665"),
    ],
)
def test_phone(e164: str, text: str) -> None:
    assert formats.phone(e164) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-20, "just now"),
        (20, "in a moment"),
        (180, "in 3 min"),
        (-7200, "2 h ago"),
        (35 * 3600, "in 35 h"),
        (-48 * 3600, "2 days ago"),
    ],
)
def test_relative(seconds: int, text: str) -> None:
    assert formats.relative(MOMENT + timedelta(seconds=seconds), MOMENT) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 minute"),
        (90, "90 minutes"),
        (60, "1 hour"),
        (1440, "24 hours"),
        (2880, "2 days"),
        (1500, "25 hours"),
    ],
)
def test_a_stretch_of_minutes(count: int, text: str) -> None:
    assert formats.minutes(count) == text


def test_plural() -> None:
    assert formats.plural(1, "message") == "1 message"
    assert formats.plural(12408, "person", "people") == "12,408 people"
