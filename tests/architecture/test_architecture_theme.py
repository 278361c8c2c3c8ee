"""Holds .streamlit/config.toml to readable colours in both themes and to options Streamlit knows."""

import tomllib
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
import streamlit.config
from house_source import ROOT

Vector = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
WHITE = "#ffffff"
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2 success criteria 1.4.3 and 1.4.11, level AA
BUTTON = {"light": TEXT, "dark": 3.7}  # white on the primary colour: see `test_no_accent_suits_both_labels_in_the_dark`
TINT = 0.1  # of the primary colour, behind the chosen segment or pill
TONES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two sRGB colours `#rrggbb`, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return WCAG 2.2's relative luminance: 0.2126 R + 0.7152 G + 0.0722 B of the linearized channels."""
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


def linear(colour: str) -> Vector:
    """Return the three channels of `#rrggbb` as amounts of light, 0 to 1 (IEC 61966-2-1)."""
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_agrees_with_published_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def tinted(colour: str, ground: str, amount: float) -> str:
    """Return what `amount` of a colour, 0 to 1, makes of the ground it lies on; browsers mix sRGB as it is."""
    parts = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(amount * front + (1 - amount) * back):02x}" for front, back in parts)


def test_no_accent_suits_both_labels_in_the_dark() -> None:
    # Streamlit takes one colour for both: whatever carries a white label is too faint on its own tint, even on black.
    levels = [f"{level:02x}" for level in range(0, 256, 17)]
    colours = (f"#{''.join(parts)}" for parts in product(levels, repeat=3))
    carrying = [colour for colour in colours if contrast(WHITE, colour) >= TEXT]
    assert max(contrast(colour, tinted(colour, "#000000", TINT)) for colour in carrying) < TEXT


def theme(mode: str, part: str) -> dict[str, Any]:
    """Merge a mode's sections as Streamlit does: the page's first, the sidebar's over them."""
    page = {key: value for key, value in CONFIG["theme"][mode].items() if not isinstance(value, dict)}
    return page if part == "page" else page | CONFIG["theme"][mode]["sidebar"]


def pairs(colours: dict[str, Any], mode: str) -> Iterator[tuple[str, str, float]]:
    """Yield foreground, background and the least contrast of everything a theme lets people read."""
    surfaces = ("backgroundColor", "secondaryBackgroundColor")
    foregrounds = ("textColor", "linkColor", *(f"{tone}TextColor" for tone in TONES))
    yield from ((colours[front], colours[back], TEXT) for front in foregrounds for back in surfaces)
    yield from ((colours[f"{tone}TextColor"], colours[f"{tone}BackgroundColor"], TEXT) for tone in TONES)
    yield colours["codeTextColor"], colours["codeBackgroundColor"], TEXT
    yield colours["dataframeHeaderTextColor"], colours["dataframeHeaderBackgroundColor"], TEXT
    primary, page = colours["primaryColor"], colours["backgroundColor"]
    yield WHITE, primary, BUTTON[mode]  # the label of a primary button
    yield primary, tinted(primary, page, TINT), TEXT  # the label of what is chosen
    yield from ((colours[f"{tone}Color"], colours["backgroundColor"], GRAPHICS) for tone in TONES)
    marks = (colours["primaryColor"], *colours["chartCategoricalColors"])
    yield from ((mark, back, GRAPHICS) for mark in marks for back in (colours["backgroundColor"],))


@pytest.mark.parametrize("part", ["page", "sidebar"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_everything_to_read_has_enough_contrast(mode: str, part: str) -> None:
    faint = [
        f"{front} on {back}: {contrast(front, back):.2f}, needs {least}"
        for front, back, least in pairs(theme(mode, part), mode)
        if contrast(front, back) < least
    ]
    assert not faint, "\n".join(faint)


SIGHT = {
    # Full loss of one kind of cone, linear RGB to linear RGB: Machado, Oliveira, Fernandes (2009), table 1.
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
APART = 20.0  # CIE76 distance; 2.3 is just noticeable side by side, marks lie apart


def lab(light: Vector) -> Vector:
    """Return the CIELAB coordinates (D65) of linear RGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    share = to_xyz @ light.clip(0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_lab_agrees_with_published_coordinates() -> None:
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_chart_colours_are_told_apart_with_every_kind_of_sight(mode: str, sight: str) -> None:
    seen = {
        colour: lab(np.array(SIGHT[sight]) @ linear(colour)) for colour in theme(mode, "page")["chartCategoricalColors"]
    }
    alike = [pair for pair in combinations(seen, 2) if np.linalg.norm(seen[pair[0]] - seen[pair[1]]) < APART]
    assert not alike


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_both_themes_are_designed_in_full(mode: str) -> None:
    other = {"light": "dark", "dark": "light"}[mode]
    assert theme(mode, "sidebar").keys() == theme(other, "sidebar").keys()
    assert [len(theme(mode, "page")[f"chart{kind}Colors"]) for kind in ("Sequential", "Diverging")] == [10, 10]


def options(table: dict[str, Any], section: str = "") -> Iterator[str]:
    """Yield the full name of every option a table sets."""
    for key, value in table.items():
        name = f"{section}.{key}".lstrip(".")
        yield from options(value, name) if isinstance(value, dict) else (name,)


def test_streamlit_knows_every_option() -> None:
    assert set(options(CONFIG)) <= set(streamlit.config._config_options_template)


def test_the_dashboard_listens_on_this_machine_only_and_reports_to_nobody() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert not any("://" in str(value) for value in CONFIG["theme"].values())
