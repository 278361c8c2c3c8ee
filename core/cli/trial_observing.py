"""The command that sets past posts in some hours beside all others: an observation, kept apart from trials."""

from datetime import datetime
from typing import Annotated

import typer

from core.calendar.zones import parse_stamp
from core.cli.house import WorkspaceOption, choose_channel, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.cli.trial_lines import print_observed
from core.services.trial_hours import windows_of
from core.services.trial_observed import compare_observed
from core.services.trial_result_views import ObservedRequest
from core.trials.plain import plain

TRIAL_OBSERVED_EXAMPLES = (
    'Examples:  slotwise trial observed --channel "Our page" --hours "mon-thu 18:00-21:00"   ·   '
    'slotwise trial observed --channel "Our page" --hours "sat,sun 09:00-12:00" --from 2026-01-01 --json'
)


def observed(
    *,
    channel: Annotated[str, typer.Option(help="Id or name of a channel.")],
    hours: Annotated[str, typer.Option(help="As of an arm: mon-thu 18:00-21:00; sat,sun 10:00-12:00.")],
    since: Annotated[
        str, typer.Option("--from", help="Day or moment it begins, by the channel's clock; left out: a year back.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="Day or moment it ends before; now when left out.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Compare past posts in some hours with all others: an observation, which shows no cause and has no verdict."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        asked = choose_channel(ctx, channel)
        starts, ends = (
            _moment(text, asked.timezone, place) if text else None
            for place, text in (("--from", since), ("--to", until))
        )
        found = compare_observed(ctx, ObservedRequest(asked.id, windows_of(hours, "--hours"), starts, ends))
    if as_json:
        print_json({"kind": "observation", "shows_cause": False, "verdict": None} | plain(found))
    else:
        print_observed(found)


def _moment(text: str, zone: str, place: str) -> datetime:
    """Return the instant of a day's midnight, or of a day and a time (Invalid, DstGap, DstAmbiguous)."""
    said = text.strip()
    return parse_stamp(f"{said}T00:00" if len(said) == len("2026-01-01") else said, zone, place=place)
