"""What the application does not carry while nobody needs it: idle, it is to stay under 400 MB."""

import subprocess
import sys

from house_source import ROOT

HEAVY = ("scipy.stats", "statsmodels", "typst")
"""Loaded by the first analysis or report that needs them."""


def test_the_application_starts_without_what_only_some_analyses_need() -> None:
    code = f"import sys, Home; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own line
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr[-2000:]
