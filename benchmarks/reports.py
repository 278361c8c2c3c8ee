"""What a trial's report costs as HTML and as PDF: time, size, and the memory that stays.

Run: `uv run python benchmarks/reports.py`. Prints rows of a Markdown table; of the later files the median of twenty.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]  # run as a file, from any folder

from core.services.trial_report_charts import belief, forest, over_time
from core.services.trial_report_html import as_html
from core.services.trial_report_parts import Heading, Paragraph, Part, Report, Table, Tone, VerdictBox
from core.services.trial_report_pdf import as_pdf
from core.services.trial_result_views import LiftView, LookView
from core.trials.bayes import Posterior
from core.trials.values import Interval

AT = datetime(2026, 5, 4, tzinfo=UTC)
SHOWN = LiftView(0.12, Interval(0.03, 0.22))
TERMS = Table(
    ("Term", "As laid down"), tuple((f"Term {number}", "What was said of it") for number in range(13)), (1, 2)
)
LATER = 20


def section(arm: str) -> tuple[Part, ...]:
    """Give what a report says of an arm."""
    looks = [LookView(AT + timedelta(weeks=week), arm, 10 * week, SHOWN) for week in range(10)]
    chart = over_time(looks, "Week by week.")
    assert chart is not None
    return (
        Heading(f"{arm} against usual"),
        forest([("By the draw", SHOWN), ("As followed", SHOWN), ("At any look", SHOWN)], "Lifts."),
        replace(TERMS, rows=TERMS.rows[:6]),
        chart,
        belief(Posterior(mean=0.11, sd=0.04, chance_to_win=0.98, loss_of_treatment=0.0, loss_of_control=0.1,
                         equivalence=0.02, interval=SHOWN.interval), "Belief."),
    )  # fmt: skip


def report_on(arms: int) -> Report:
    """Give a report on so many arms beside the control."""
    parts = (VerdictBox("Won", "evenings beat usual by about 12 %.", Tone.CLEAR),)
    parts += tuple(part for number in range(arms) for part in section(f"arm {number}"))
    return Report("Evenings or usual", "Running", AT, (*parts, Heading("What was registered"), TERMS, Paragraph("So.")))


def resident() -> int:
    """Return the memory of this process in MB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def timed(write: Callable[[Report], bytes], report: Report) -> tuple[float, int]:
    """Return seconds and bytes."""
    started = perf_counter()
    size = len(write(report))
    return perf_counter() - started, size


def main() -> None:
    before = resident()
    first, _ = timed(as_pdf, report_on(1))
    print(f"The first PDF, with Typst loaded for it: {first * 1e3:.0f} ms; memory {before} -> {resident()} MB\n")
    print("| arms beside the control | HTML | PDF |\n|---|---|---|")
    for arms in (1, 2, 5):
        cells = []
        for write in (as_html, as_pdf):
            runs = [timed(write, replace(report_on(arms), title=f"Trial {number}")) for number in range(LATER)]
            cells.append(f"{median(seconds for seconds, _ in runs) * 1e3:.1f} ms, {runs[0][1] / 1024:.0f} kB")
        print(f"| {arms} | {' | '.join(cells)} |")
    print(f"\nMemory after {3 * LATER + 1} PDFs: {resident()} MB")


if __name__ == "__main__":
    main()
