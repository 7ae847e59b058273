"""Each text colour of both themes reaches 4.5:1 on every ground it is used on (WCAG 2.2, 1.4.3)."""

import re
from pathlib import Path

import pytest

from escalations.metrics import METRICS
from operators.metrics.charts.chart import MODE_TONES

CSS = (Path(__file__).resolve().parents[2] / "static" / "css" / "base.css").read_text()
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
}
GROUNDS = ("ground", "panel", "raised", "hover", "accent-soft")
PAIRS = [
    *(
        (text, ground)
        for text in ("ink", "soft", "faint", "accent", "good", "warn", "bad")
        for ground in GROUNDS
    ),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad")),
    *(("ink", f"{tone}-soft") for tone in ("good", "warn", "bad")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(text, ground, theme):
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
def test_the_edge_of_a_field_can_be_seen(ground, theme):
    assert contrast(TOKENS["edge"][theme], TOKENS[ground][theme]) >= 3


def test_charts_draw_in_no_other_colours():
    tones = {*MODE_TONES.values(), *(part.tone for metric in METRICS.values() for part in metric.parts)}
    assert tones - {""} <= {text for text, _ in PAIRS}
