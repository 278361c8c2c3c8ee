"""Holds .streamlit/config.toml to readable colours in both themes and to options Streamlit knows."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit.config
from house_source import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
WHITE = "#ffffff"
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2 success criteria 1.4.3 and 1.4.11, level AA
TONES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two sRGB colours `#rrggbb`, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return WCAG 2.2's relative luminance: 0.2126 R + 0.7152 G + 0.0722 B of the linearized channels."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_agrees_with_published_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def theme(mode: str, part: str) -> dict[str, Any]:
    """Merge a mode's sections as Streamlit does: the page's first, the sidebar's over them."""
    page = {key: value for key, value in CONFIG["theme"][mode].items() if not isinstance(value, dict)}
    return page if part == "page" else page | CONFIG["theme"][mode]["sidebar"]


def pairs(colours: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield foreground, background and the least contrast of everything a theme lets people read."""
    surfaces = ("backgroundColor", "secondaryBackgroundColor")
    foregrounds = ("textColor", "linkColor", *(f"{tone}TextColor" for tone in TONES))
    yield from ((colours[front], colours[back], TEXT) for front in foregrounds for back in surfaces)
    yield from ((colours[f"{tone}TextColor"], colours[f"{tone}BackgroundColor"], TEXT) for tone in TONES)
    yield colours["codeTextColor"], colours["codeBackgroundColor"], TEXT
    yield colours["dataframeHeaderTextColor"], colours["dataframeHeaderBackgroundColor"], TEXT
    yield WHITE, colours["primaryColor"], TEXT  # the label of a primary button
    yield from ((colours[f"{tone}Color"], colours["backgroundColor"], GRAPHICS) for tone in TONES)
    marks = (colours["primaryColor"], *colours["chartCategoricalColors"])
    yield from ((mark, back, GRAPHICS) for mark in marks for back in (colours["backgroundColor"],))


@pytest.mark.parametrize("part", ["page", "sidebar"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_everything_to_read_has_enough_contrast(mode: str, part: str) -> None:
    faint = [
        f"{front} on {back}: {contrast(front, back):.2f}, needs {least}"
        for front, back, least in pairs(theme(mode, part))
        if contrast(front, back) < least
    ]
    assert not faint, "\n".join(faint)


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
