"""What analyzing a trial costs, beside bare NumPy, from posts and from sums, and the design assistant.

Run: `uv run python benchmarks/trials.py [posts]` (1,000,000 unless told). Prints rows of a Markdown table: the best of
five runs, wall clock. To set it beside gbstats, install that into an environment of its own and give its Python as
GBSTATS_PYTHON; it is never imported here.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]  # run as a file, from any folder

import numpy as np
import polars as pl

from core.trials.analysis import analyze, arms_of, conform
from core.trials.bayes import posterior
from core.trials.comparison import compare, effect
from core.trials.moments import moments_of
from core.trials.plan import TrialPlan
from core.trials.promise import Design, sights, simulated_power
from core.trials.samples import mean
from core.trials.sequential import always
from core.trials.tails import compare_logs
from core.trials.values import Scale
from core.undefined import Undefined

RUNS = 5
GBSTATS = """
from time import perf_counter
from gbstats.models.statistics import SampleMeanStatistic
from gbstats.frequentist.tests import FrequentistConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.bayesian.tests import EffectBayesianABTest
a, b = (SampleMeanStatistic(n=500000, sum=1e6 + d, sum_squares=4e6) for d in (0, 500))
times = []
for _ in range(5):
    started = perf_counter()
    for _ in range(200):
        TwoSidedTTest(a, b, FrequentistConfig(difference_type="absolute")).compute_result()
        TwoSidedTTest(a, b, FrequentistConfig(difference_type="relative")).compute_result()
        SequentialTwoSidedTTest(a, b).compute_result()
        EffectBayesianABTest(a, b).compute_result()
    times.append((perf_counter() - started) / 200)
print(min(times))
"""


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return min(times)


def row(name: str, seconds: float) -> None:
    shown = (
        f"{seconds * 1e6:,.0f} µs"
        if seconds < 1e-3
        else f"{seconds * 1e3:,.1f} ms"
        if seconds < 1
        else f"{seconds:.1f} s"
    )
    print(f"| {name} | {shown} |", flush=True)


def bare(control: np.ndarray, treatment: np.ndarray) -> float:
    """Return Welch's t the shortest way."""
    spread = sum(arm.var(ddof=1) / arm.size for arm in (control, treatment))
    return float((treatment.mean() - control.mean()) / np.sqrt(spread))


def from_statistics(control: object, treatment: object, posts: int) -> None:
    compare(control, treatment)
    found = effect(control, treatment, Scale.RELATIVE)
    assert not isinstance(found, Undefined)
    compare(control, treatment, Scale.RELATIVE)
    always(found, posts)
    posterior(found)


def main(posts: int) -> None:
    rng = np.random.default_rng(0)
    values = rng.lognormal(3, 1, posts)
    control, treatment = values[: posts // 2], values[posts // 2 :]
    samples = [mean(moments_of(arm)) for arm in (control, treatment)]
    rows = conform(pl.DataFrame({"arm": np.repeat(["a", "b"], posts // 2), "value": values}))
    plan = TrialPlan()
    print(f"| {posts:,} posts | time |\n|---|---|")
    row("bare NumPy: means, variances, one t", best(lambda: bare(control, treatment)))
    row(
        "the same from posts, centred and additive",
        best(lambda: [mean(moments_of(arm)) for arm in (control, treatment)]),
    )
    row(
        "difference, lift, always-valid interval and posterior from sums",
        best(lambda: from_statistics(*samples, posts)),
    )
    if python := os.environ.get("GBSTATS_PYTHON"):
        told = subprocess.run([python, "-c", GBSTATS], capture_output=True, text=True, check=True)
        row("the same four by gbstats", float(told.stdout))
    row("ratio of geometric means from posts", best(lambda: compare_logs(control, treatment)))
    row(
        "the whole analysis: ranks, winsorized, health, verdict",
        best(lambda: analyze(arms_of(rows, plan, ["a", "b"]), plan, rows)),
    )
    design = Design(np.log(values[:1000]), posts_per_week=20)
    row(
        "design assistant: 10,000 simulated trials of 2 by 108 posts",
        best(lambda: simulated_power(design, 0.5, 108, seed=0)),
    )
    row(
        "design assistant: 10,000 simulated trials of 2 by 2,000 posts",
        best(lambda: simulated_power(design, 0.1, 2000, seed=0)),
    )
    row("design assistant: what each of six durations shows", best(lambda: sights(design)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
