"""The command that lets planned posts join a running trial."""

from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.cli.trial_life import WhichTrial
from core.cli.trial_lines import print_joined
from core.errors import Invalid, Problem
from core.services.trial_assigning import assign_items
from core.services.trial_joining import joinable_items
from core.services.trial_views import AssignmentReport

TRIAL_JOIN_EXAMPLES = (
    "Examples:  slotwise trial join trial_3f9a2c1d item_77aa12bc item_8841c0de   ·   "
    "slotwise trial join trial_3f9a2c1d --all-planned --json"
)


def join(
    which: WhichTrial,
    item: Annotated[list[str] | None, typer.Argument(metavar="ITEM...", help="Ids of planned posts.")] = None,
    *,
    all_planned: Annotated[
        bool, typer.Option("--all-planned", help="All that may join, the first 200 in order of time.")
    ] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Draw the arms of planned posts, and give each the time its arm chooses within its week; 1 if any was refused."""
    if bool(item) == all_planned:
        raise Invalid((Problem("ITEM...", " ".join(item or ()), "name the posts, or say --all-planned"),))
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        wanted = item or [each.id for each in joinable_items(ctx, which)]
        report = assign_items(ctx, which, wanted) if wanted else AssignmentReport((), ())
    if as_json:
        print_json(report)
    elif wanted:
        print_joined(report)
    else:
        typer.echo("No planned post can join at present.")
    if report.refused:
        raise typer.Exit(1)
