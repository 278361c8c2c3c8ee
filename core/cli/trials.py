"""The commands for A/B trials of timing."""

import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from core.cli.output import JsonOption
from core.errors import Invalid, Problem
from core.trials.analysis import Analysis, Judged, analyze
from core.trials.case_file import answer_cases, is_cases
from core.trials.from_posts import FromPosts
from core.trials.plain import answer
from core.trials.trial_file import TrialFile, read_trial, trial_of_posts
from core.trials.units import UNIT_SCHEMA, Metric
from core.trials.values import Interval
from core.undefined import Undefined

TRIAL_ANALYZE_EXAMPLES = (
    "Examples:  slotwise trial analyze trial.json --json   ·   slotwise trial analyze posts.csv --control usual"
)
MOST_BYTES = 2_000_000_000
"""Some ten million posts with all columns."""
_TABLES = {".csv": ",", ".tsv": "\t"}
_UNKNOWN = ("", "NA", "NaN", "nan", "null", "NULL")


def analyze_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, CSV or TSV; see README.")],
    *,
    metric: Annotated[Metric, typer.Option(help="What the values of a table are.")] = Metric.MEAN,
    control: Annotated[str, typer.Option(help="The arm of a table to compare with; left out: the first.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Analyze a trial from its sums or its posts, without a database: effects, intervals, health, a verdict."""
    try:
        given = _parsed(file)
        if is_cases(given):
            _print_json(answer_cases(given))
            return
        asked = read_trial(given) if not isinstance(given, pl.DataFrame) else _of_table(given, metric, control)
        found = analyze(asked.arms, asked.plan, asked.posts)
    except Invalid as error:
        if as_json:
            _print_json({"error": str(error)})
        raise
    if as_json:
        _print_json(answer(found))
    else:
        _report(found)


def _of_table(posts: pl.DataFrame, metric: Metric, control: str) -> TrialFile:
    return trial_of_posts(posts, {"metric": metric, "control": control})


def _parsed(file: Path) -> Any:
    """Return what a file holds: a frame of posts, or parsed JSON. Raises Invalid for anything else."""
    if (size := file.stat().st_size) > MOST_BYTES:
        raise Invalid((Problem("file", f"{size:,} bytes", f"give {MOST_BYTES:,} bytes at most, or sums"),))
    if file.suffix.lower() in _TABLES:
        return _table(file, _TABLES[file.suffix.lower()])
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or nested without end
        raise Invalid((Problem("file", str(error), "give JSON, CSV or TSV as the README shows it"),)) from error


def _table(file: Path, separator: str) -> pl.DataFrame:
    """Return the known columns of a table, each as it is meant; other columns are nobody's business."""
    try:
        text = pl.read_csv(file, separator=separator, infer_schema=False, null_values=list(_UNKNOWN))
    except (pl.exceptions.PolarsError, UnicodeError) as error:
        raise Invalid(
            (Problem("file", str(error).partition("\n")[0], "give a table with a header line, in UTF-8"),)
        ) from error
    missing = [name for name in ("arm", "value") if name not in text.columns]
    if missing:
        remedy = f"name the columns {' and '.join(missing)}"
        raise Invalid((Problem("header", ", ".join(text.columns), remedy),))
    columns = []
    for name in (name for name in UNIT_SCHEMA if name in text.columns):
        column = text[name].str.strip_chars()
        columns.append(_numbers(column) if UNIT_SCHEMA[name] == pl.Float64 else column)
    return pl.DataFrame(columns)


def _numbers(column: pl.Series) -> pl.Series:
    found = column.cast(pl.Float64, strict=False)
    bad = (found.is_null() & column.is_not_null()).arg_true()
    if bad.len():
        line, value = bad[0] + 2, column[bad[0]]  # the header is line 1
        raise Invalid((Problem(f"line {line}, {column.name}", value, "give a number with a decimal point"),))
    return found


def _print_json(value: object) -> None:
    """Print on one line: all of an analysis is for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


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
    for name, compared in (("difference", contrast.absolute), ("lift", contrast.relative)):
        if isinstance(compared, Undefined):
            typer.echo(f"  {name}: {compared.reason}")
        else:
            shown = _bounds(compared.interval)
            typer.echo(f"  {name}: {compared.effect.estimate:.5g} ({shown}), p = {compared.p:.3g}")
    _report_days(contrast.posts)
    if not isinstance(contrast.always, Undefined):
        typer.echo(f"  valid at every look ({contrast.primary_unit}): {_bounds(contrast.always.interval)}")
    if not isinstance(contrast.posterior, Undefined):
        typer.echo(f"  chance to win: {contrast.posterior.chance_to_win:.1%}")


def _report_days(posts: FromPosts) -> None:
    """Print what whole days that were drawn show, on the scale of the primary effect."""
    if isinstance(posts.switchback, Undefined):
        return
    typer.echo(f"  by days, as drawn: {posts.switchback.difference:.5g}, p = {posts.switchback.p:.3g}")
    steady = posts.without_carry_over
    if isinstance(steady, Undefined):
        typer.echo(f"  without carry-over: {steady.reason}")
        return
    days = f"{steady.treated:,} and {steady.control:,} days whose day before had the same arm"
    typer.echo(f"  without carry-over: {steady.difference:.5g}, p = {steady.p:.3g} ({days})")


def _bounds(interval: Interval) -> str:
    return f"{interval.low:.5g} to {interval.high:.5g}"
