"""The commands for A/B trials of timing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from core.cli.output import JsonOption
from core.cli.trial_tables import TABLES, read_table
from core.errors import Invalid, Problem
from core.json_fields import Wrong
from core.trials.analysis import Analysis, Judged, analyze
from core.trials.case_file import answer_cases, is_cases
from core.trials.contrast import NO_BEFORE
from core.trials.file_kinds import spread
from core.trials.from_posts import FromPosts
from core.trials.plain import answer
from core.trials.trial_file import TrialFile, read_trial, trial_of_posts
from core.trials.units import Metric
from core.trials.values import Interval
from core.undefined import Undefined

TRIAL_ANALYZE_EXAMPLES = (
    "Examples:  slotwise trial analyze trial.json --json   ·   slotwise trial analyze posts.csv --control usual"
)
MOST_BYTES = 2_000_000_000
"""Some ten million posts with all columns."""


def analyze_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, CSV, TSV or Parquet; see README.")],
    *,
    metric: Annotated[Metric, typer.Option(help="What the values of a table are.")] = Metric.MEAN,
    control: Annotated[str, typer.Option(help="The arm of a table to compare with; left out: the first.")] = "",
    weight: Annotated[
        list[str] | None, typer.Option(metavar="ARM=SHARE", help="An arm's share in a table; left out: equal ones.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Analyze a trial from its sums or its posts, without a database: effects, intervals, health, a verdict."""
    try:
        given = _parsed(file)
        if is_cases(given):
            _print_json(answer_cases(given))
            return
        asked = (
            read_trial(given)
            if not isinstance(given, pl.DataFrame)
            else _of_table(given, metric, control, weight or [])
        )
        found = analyze(asked.arms, asked.plan, asked.posts, values=asked.values)
    except Invalid as error:
        if as_json:
            _print_json({"error": str(error)})
        raise
    if as_json:
        _print_json(answer(found))
    else:
        _report(found)


def _of_table(posts: pl.DataFrame, metric: Metric, control: str, weights: Sequence[str]) -> TrialFile:
    return trial_of_posts(posts, {"metric": metric, "control": control, "weights": dict(map(_weight, weights))})


def _weight(said: str) -> tuple[str, float]:
    """Return an arm and its share as they are typed (Invalid)."""
    arm, _, share = said.rpartition("=")
    try:
        return arm.strip(), spread(float(share))
    except (ValueError, Wrong) as error:
        raise Invalid((Problem("--weight", said, "write ARM=SHARE, such as usual=3"),)) from error


def _parsed(file: Path) -> Any:
    """Return what a file holds: a frame of posts, or parsed JSON. Raises Invalid for anything else."""
    if (size := file.stat().st_size) > MOST_BYTES:
        raise Invalid((Problem("file", f"{size:,} bytes", f"give {MOST_BYTES:,} bytes at most, or sums"),))
    if file.suffix.lower() in TABLES:
        return read_table(file)
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or nested without end
        raise Invalid(
            (Problem("file", str(error), "give JSON, CSV, TSV or Parquet as the README shows it"),)
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of a file (ValueError: a name stands in it twice, so that nobody knows which is meant)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise ValueError(f"{name!r} stands twice in one object")
    return found


def _print_json(value: object) -> None:
    """Print on one line: all of an analysis is for programs."""
    said = json.dumps(value, ensure_ascii=False, allow_nan=False)
    typer.echo(said.encode(errors="backslashreplace").decode())  # half a character cannot be printed


def _report(found: Analysis) -> None:
    for arm in found.arms:
        shown = arm.sample.reason if isinstance(arm.sample, Undefined) else f"{arm.sample.estimate:,.6g}"
        missing = f", {arm.missing:,} without an outcome" if arm.missing else ""
        typer.echo(f"  {arm.name}: {arm.n:,} posts{missing}; {shown}")
    for each in found.comparisons:
        typer.echo(f"{each.decision.verdict.upper()}: {each.decision.sentence}")
        _report_numbers(each)
    for finding in found.findings.values():
        typer.echo(f"{finding.severity}: {finding.sentence} {finding.fix}")


def _report_numbers(each: Judged) -> None:
    contrast = each.contrast
    rows = [("difference", contrast.absolute), ("lift", contrast.relative)]
    if contrast.cuped != NO_BEFORE:
        rows.append(("by CUPED", contrast.cuped))
    for name, compared in rows:
        if isinstance(compared, Undefined):
            typer.echo(f"  {name}: {compared.reason}")
        else:
            shown = _bounds(compared.interval)
            typer.echo(f"  {name}: {compared.effect.estimate:.5g} ({shown}), p = {compared.p:.3g}")
    _report_days(contrast.posts, contrast.primary_unit)
    if not isinstance(contrast.always, Undefined):
        typer.echo(f"  valid at every look ({contrast.primary_unit}): {_bounds(contrast.always.interval)}")
    if not isinstance(contrast.posterior, Undefined):
        typer.echo(f"  chance to win: {contrast.posterior.chance_to_win:.1%}")


def _report_days(posts: FromPosts, unit: str) -> None:
    """Print what whole days that were drawn show, in the unit of the primary effect."""
    if isinstance(posts.switchback, Undefined):
        return
    typer.echo(f"  by days, as drawn ({unit}): {posts.switchback.difference:.5g}, p = {posts.switchback.p:.3g}")
    steady = posts.without_carry_over
    if isinstance(steady, Undefined):
        typer.echo(f"  without carry-over: {steady.reason}")
        return
    days = f"{steady.treated:,} and {steady.control:,} days whose day before had the same arm"
    typer.echo(f"  without carry-over ({unit}): {steady.difference:.5g}, p = {steady.p:.3g} ({days})")


def _bounds(interval: Interval) -> str:
    return f"{interval.low:.5g} to {interval.high:.5g}"
