"""Commands for the life of a trial: plan it, see what it can show, start, look, stop, decide."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_channel, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.cli.trial_arms import read_arms
from core.cli.trial_lines import assignment_line, print_design, print_results, print_trial, trial_line
from core.errors import Invalid, Problem
from core.services.new_files import new_file
from core.services.trial_assigning import audit_assignments, list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_design import design_of
from core.services.trial_drafts import create_trial, find_trial, page_trials, trial_cursor
from core.services.trial_exports import trial_as_csv, trial_as_parquet
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_results import trial_results
from core.services.trial_views import DecisionRequest, TrialDraft
from core.trials.plain import plain
from core.trials.words import DrawUnit, Measure, StoppingRule, TrialState

TRIAL_LIST_EXAMPLES = (
    "Examples:  slotwise trial list --state running   ·   slotwise trial list --most 20 --after trial_3f9a2c1d"
)
TRIAL_CREATE_EXAMPLES = (
    'Examples:  slotwise trial create "Evenings" --channel "Our page" --arm usual=usual '
    '--arm "evenings=mon-thu 18:00-21:00"   ·   '
    'slotwise trial create "Advice" --channel "Our page" --arm plan=as_planned --arm advice*2=recommended --weeks 13'
)
TRIAL_SHOW_EXAMPLES = "Examples:  slotwise trial show trial_3f9a2c1d   ·   slotwise trial show trial_3f9a2c1d --json"
TRIAL_POWER_EXAMPLES = (
    "Examples:  slotwise trial power trial_3f9a2c1d   ·   slotwise trial power trial_3f9a2c1d --simulate"
)
TRIAL_START_EXAMPLES = "Examples:  slotwise trial start trial_3f9a2c1d   ·   slotwise trial start trial_3f9a2c1d --json"
TRIAL_RESULTS_EXAMPLES = (
    "Examples:  slotwise trial results trial_3f9a2c1d   ·   slotwise trial results trial_3f9a2c1d --json"
)
TRIAL_ASSIGNMENTS_EXAMPLES = (
    "Examples:  slotwise trial assignments trial_3f9a2c1d --audit   ·   "
    "slotwise trial assignments trial_3f9a2c1d --output posts.parquet"
)
TRIAL_STOP_EXAMPLES = (
    "Examples:  slotwise trial stop trial_3f9a2c1d   ·   "
    'slotwise trial stop trial_3f9a2c1d --reason "The season is over"'
)
TRIAL_DECIDE_EXAMPLES = (
    "Examples:  slotwise trial decide trial_3f9a2c1d --winner evenings --apply   ·   "
    "slotwise trial decide trial_3f9a2c1d"
)
_FILES = {".csv": trial_as_csv, ".parquet": trial_as_parquet}

WhichTrial = Annotated[str, typer.Argument(metavar="TRIAL", help="Id of the trial.")]


def create(  # noqa: PLR0913 - what a person says of a trial
    name: Annotated[str, typer.Argument(help="What to call it.")],
    *,
    channel: Annotated[list[str], typer.Option(help="Id or name of a channel; may be said again.")],
    arm: Annotated[list[str], typer.Option(help="NAME=usual, recommended, as_planned, or mon-thu 18:00-21:00.")],
    hypothesis: Annotated[str, typer.Option(help="What it is to show.")] = "",
    control: Annotated[str, typer.Option(help="The arm to compare with; the first when left out.")] = "",
    unit: Annotated[DrawUnit, typer.Option(help="Draw each post, or whole local days.")] = DrawUnit.POSTS,
    measure: Annotated[Measure, typer.Option(help="What arms are compared by.")] = Measure.OUTCOME,
    stopping: Annotated[StoppingRule, typer.Option(help="Judge once at the end, or at any look.")] = (
        StoppingRule.SEQUENTIAL
    ),
    weeks: Annotated[int, typer.Option(help="How long posts join.")] = 8,
    detect: Annotated[float, typer.Option(help="The lift it is to find; 0.2 is 20 %.")] = 0.2,
    takes_new: Annotated[bool, typer.Option(help="Posts whose time the planner chooses join by themselves.")] = False,
    seed: Annotated[str, typer.Option(help="Of the draw; drawn when left out.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Plan a trial, and say what it can show; nothing happens until it is started."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        draft = TrialDraft(
            name, tuple(choose_channel(ctx, each).id for each in channel), read_arms(arm), hypothesis,
            control=control, unit=unit, measure=measure, stopping=stopping, weeks=weeks, detect=detect,
            takes_new=takes_new, seed=seed or None,
        )  # fmt: skip
        trial = create_trial(ctx, draft)
        design = design_of(ctx, trial.id)
    if as_json:
        print_json(trial)
        return
    print_trial(trial)
    typer.echo(design.sentence)


def show_all(
    *,
    state: Annotated[list[TrialState] | None, typer.Option(help="Only in this state; may be said again.")] = None,
    after: Annotated[str, typer.Option(metavar="TRIAL", help="Only those older than the trial with this id.")] = "",
    most: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 200,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List trials, the newest first."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        behind = trial_cursor(find_trial(ctx, after)) if after else None
        found, following = page_trials(ctx, most, behind, tuple(state or ()))
    if as_json:
        print_json(found)
        return
    for trial in found:
        typer.echo(trial_line(trial))
    if not found:
        typer.echo("There are no such trials in this workspace.")
    if following:
        typer.echo(f"Older trials follow: say --after {found[-1].id}.")


def show(which: WhichTrial, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Show one trial: its arms, its rule, what was registered, what was decided."""
    with open_house() as house:
        trial = find_trial(choose_workspace(house, workspace), which)
    if as_json:
        print_json(trial)
    else:
        print_trial(trial)


def power(
    which: WhichTrial,
    *,
    simulate: Annotated[bool, typer.Option("--simulate", help="Also count 10,000 simulated trials.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what a trial can show in so many weeks, from what the team's own posts earned."""
    with open_house() as house:
        design = design_of(choose_workspace(house, workspace), which, simulates=simulate)
    if as_json:
        print_json(plain(design))
    else:
        print_design(design)


def start(which: WhichTrial, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Register the plan of a trial for good, and let posts join."""
    with open_house() as house:
        trial = start_trial(choose_workspace(house, workspace), which)
    if as_json:
        print_json(trial)
    else:
        print_trial(trial)


def results(which: WhichTrial, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """Say what a trial has shown by now: effects, intervals, health, the verdict; looking is counted."""
    with open_house() as house:
        found = trial_results(choose_workspace(house, workspace), which)
    if as_json:
        print_json(plain(found))
    else:
        print_results(found)


def assignments(
    which: WhichTrial,
    *,
    audit: Annotated[bool, typer.Option("--audit", help="Repeat the draw, and compare it with the ledger.")] = False,
    output: Annotated[Path | None, typer.Option(help="Write all to this CSV or Parquet file instead.")] = None,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the drawn posts of a trial with what became of them, audit the draw, or write all to a file."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        if output is not None:
            if output.suffix not in _FILES:
                raise Invalid((Problem("--output", str(output), "end it in .csv or .parquet"),))
            content = _FILES[output.suffix](ctx, which)
            with new_file(output) as part:
                part.write_bytes(content)
            typer.echo(f"{output} is written.")
            return
        checked = audit_assignments(ctx, which) if audit else None
        units = () if audit else list_assignments(ctx, which)
    if as_json:
        print_json(checked or units)
        return
    for unit in units:
        typer.echo(assignment_line(unit))
    for each in checked.deviations if checked else ():
        typer.echo(f"  {each.item_id}, {each.field}: {each.recorded} instead of {each.expected}")
    typer.echo(checked.sentence if checked else f"{len(units):,} posts.")
    if checked and (checked.deviations or not checked.fingerprint_holds):
        raise typer.Exit(1)


def stop(
    which: WhichTrial,
    *,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let no more posts join a trial; those that were drawn go out and ripen."""
    with open_house() as house:
        trial = stop_trial(choose_workspace(house, workspace), which, reason)
    if as_json:
        print_json(trial)
    else:
        print_trial(trial)


def decide(
    which: WhichTrial,
    *,
    winner: Annotated[str, typer.Option(help="The arm that is taken; none when left out.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Set the preferences for its hours.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close a stopped trial: take an arm or none, and keep the figures it was decided on."""
    with open_house() as house:
        asked = DecisionRequest(winner or None, note, apply)
        trial = decide_trial(choose_workspace(house, workspace), which, asked)
    if as_json:
        print_json(trial)
    else:
        print_trial(trial)
