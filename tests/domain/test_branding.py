"""A workspace's name and colour; that each colour can be read is measured in the style sheet."""

import re
from pathlib import Path

import pytest

from domain.branding import Accent, Branding, NameTooLong, tidy

TOKENS = (Path(__file__).parents[2] / "ui/static/tokens.css").read_text()
LEGIBLE = 4.5


def luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(selector: str) -> dict[str, str]:
    found = re.search(re.escape(selector) + r" \{([^}]*)\}", TOKENS)
    assert found, selector
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", found[1]))


@pytest.mark.parametrize("accent", [accent for accent in Accent if accent is not Accent.INDIGO])
@pytest.mark.parametrize(
    ("dark", "surfaces"), [("", ("#ffffff", "#f7f7fa")), (".body--dark", ("#15161d", "#0d0e13"))]
)
def test_every_colour_is_legible(accent: Accent, dark: str, surfaces: tuple[str, ...]) -> None:
    found = tokens(f"body{dark}.accent-{accent}")
    assert contrast(found["accent"], "#ffffff") >= LEGIBLE
    assert contrast(found["accent-strong"], "#ffffff") >= LEGIBLE
    for surface in (*surfaces, found["accent-soft"]):
        assert contrast(found["accent-ink"], surface) >= LEGIBLE


def test_a_name_is_tidied_and_has_an_end() -> None:
    assert tidy(Branding("  North \n Shop ", Accent.TEAL)) == Branding("North Shop", Accent.TEAL)
    with pytest.raises(NameTooLong):
        tidy(Branding("x" * 41))
