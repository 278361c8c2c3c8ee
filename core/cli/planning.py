"""The command that plans a problem file."""

import json
import math
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from core.cli.output import BEGAN, JsonOption
from core.clock import stopwatch
from core.errors import Invalid, Problem
from core.planning.grid_plan import GridPlan, GridUnplaced, Infeasible
from core.planning.problem_file import ProblemFile, answer, read_problem, refusal
from core.planning.solve import solve

PLAN_EXAMPLES = "Examples:  slotwise plan problem.json   ·   slotwise plan problem.json --budget 60 --seed 1 --json"
MOST_BYTES = 200_000_000
"""A hundred thousand items on a thousand channels are a quarter of that."""
_SHOWN = 20
"""Lines of a kind that are still a short report."""


def _budget(seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0):
        raise typer.BadParameter("give seconds from 0 on; 0 is the quick plan alone")
    return seconds


def plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The problem as JSON; see README.")],
    *,
    budget: Annotated[
        float, typer.Option(callback=_budget, help="Seconds it may take, loading and reading included.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="A search with time enough gives the same plan for a seed.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Place posts into slots as well as can be found in the time, and say how good that is; Ctrl-C ends it early."""
    started = context.meta[BEGAN]
    try:
        asked = read_problem(_parsed(file))
        with interruption() as is_interrupted:
            found = solve(
                asked.problem,
                budget_seconds=max(budget - (stopwatch() - started), 0.0),
                seed=seed,
                elapsed=stopwatch,
                canceled=is_interrupted,
                slot_name=asked.slot_name,
            )
    except Invalid as error:
        if as_json:
            _print_json({"error": str(error)})
        raise
    if isinstance(found, Infeasible):
        _refuse(found, as_json=as_json)
    elif as_json:
        _print_json(answer(found, stopwatch() - started))
    else:
        _report(found, asked, stopwatch() - started)


def _parsed(file: Path) -> object:
    """Return what a JSON file holds. Raises Invalid for anything else."""
    if (size := file.stat().st_size) > MOST_BYTES:
        raise Invalid((Problem("file", f"{size:,} bytes", f"plan a part of it: {MOST_BYTES:,} bytes at most"),))
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or nested without end
        raise Invalid((Problem("file", str(error), "give JSON as the README shows it"),)) from error


@contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the search and the second one end everything; yield whether the first has come."""
    seen: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        seen.append(number)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)


def _refuse(found: Infeasible, *, as_json: bool) -> None:
    if as_json:
        _print_json(refusal(found))
    typer.secho(f"Error: {found.reason}", err=True, fg=typer.colors.RED)
    raise typer.Exit(1)


def _print_json(value: object) -> None:
    """Print on one line: a plan of ten thousand items is for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def _report(found: GridPlan, asked: ProblemFile, seconds: float) -> None:
    proof = "the best there is" if found.is_optimal else f"at most {found.gap:.3%} below the best possible"
    placed, left = len(found.placements), len(found.unplaced)
    typer.echo(f"{placed:,} of {placed + left:,} items placed in {seconds:.1f} s; worth {found.value:,.2f}, {proof}.")
    _print_some([f"{asked.slot_name(one.slot)}  {one.channel}  {one.item}" for one in found.placements], "placements")
    if found.unplaced:
        typer.echo("Left over:")
    _print_some([f"{one.item}: {_why(one)}" for one in found.unplaced], "items")


def _why(left: GridUnplaced) -> str:
    return " ".join(filter(None, (left.reason.sentence, left.relaxation.sentence if left.relaxation else "")))


def _print_some(lines: Sequence[str], what: str) -> None:
    for line in lines[:_SHOWN]:
        typer.echo(f"  {line}")
    if len(lines) > _SHOWN:
        typer.echo(f"  and {len(lines) - _SHOWN:,} more {what}; --json prints all.")
