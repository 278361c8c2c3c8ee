"""Loads what a person may edit: platforms and the published timing baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.content.baseline import BaselineWindow, parse_baseline
from core.content.platforms import Platform, parse_platforms


@dataclass(frozen=True)
class Reference:
    """The reference data of this installation, read once at start."""

    platforms: Mapping[str, Platform]
    baseline: tuple[BaselineWindow, ...]


def load_reference(folder: Path) -> Reference:
    """Read and validate `platforms.toml` and `timing_baseline.csv` (BadReferenceData names file, line, field)."""
    platforms_file, baseline_file = folder / "platforms.toml", folder / "timing_baseline.csv"
    platforms = parse_platforms(platforms_file.read_text(encoding="utf-8"), platforms_file.name)
    baseline = parse_baseline(baseline_file.read_text(encoding="utf-8"), baseline_file.name, platforms)
    return Reference(platforms, baseline)
