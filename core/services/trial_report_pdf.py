"""Writes the report of a trial as a PDF of A4 pages: Typst lays it out by the template beside this file."""

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.services.trial_report_parts import Chart, Part, Report

if TYPE_CHECKING:
    from typst import Fonts

_TEMPLATE = Path(__file__).parent / "trial_report.typ"
_FAMILY = "Libertinus Serif"
"""Comes with Typst: a report looks the same wherever it is made."""


def as_pdf(report: Report) -> bytes:
    """Return a report as a tagged PDF with its fonts; the same report gives the same bytes on the same machine.

    Texts reach the template as data, so nothing in them is read as markup; it loads no packages and no other files.
    """
    import typst  # its library is 34 MB: only who makes a PDF pays for it

    return typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"report": json.dumps(_told(report))},
        timestamp=int(report.at.timestamp()),
    )


@lru_cache(maxsize=1)
def _fonts() -> "Fonts":
    """Return Typst's own fonts, and the machine's for letters that those lack."""
    import typst

    return typst.Fonts()


def _told(report: Report) -> dict[str, Any]:
    parts = [_part(each) for each in report.parts]
    return {"title": report.title, "standing": report.standing, "family": _FAMILY, "parts": parts}


def _part(part: Part) -> dict[str, Any]:
    told = {"kind": type(part).__name__, **asdict(part)}
    return told | {"svg": _svg(part)} if isinstance(part, Chart) else told


def _svg(chart: Chart) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{chart.width}" height="{chart.height}" '
        f'viewBox="0 0 {chart.width} {chart.height}" font-family="{_FAMILY}">{chart.shapes}</svg>'
    )
