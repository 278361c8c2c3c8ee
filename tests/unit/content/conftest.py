"""The reference data as it ships."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.content.platforms import Platform, parse_platforms

REFERENCE = Path(__file__).resolve().parents[3] / "data" / "reference"


@pytest.fixture(scope="session")
def platforms() -> Mapping[str, Platform]:
    return parse_platforms((REFERENCE / "platforms.toml").read_text(encoding="utf-8"), "platforms.toml")


@pytest.fixture(scope="session")
def baseline_text() -> str:
    return (REFERENCE / "timing_baseline.csv").read_text(encoding="utf-8")
