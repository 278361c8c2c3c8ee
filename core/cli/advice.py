"""The command that says when to post."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from core.bootstrap import read_reference
from core.calendar.zones import load_zone, parse_stamp
from core.cli.file_options import (
    AccountColumn,
    DateOrderOption,
    FileArgument,
    FormatColumn,
    NumberStyleOption,
    OutcomeColumn,
    SheetOption,
    StampZone,
    TimeColumn,
    ZoneColumn,
    print_notes,
)
from core.cli.house import WorkspaceOption, choose_channel, choose_workspace, open_house
from core.cli.output import JsonOption, print_json
from core.clock import system_clock
from core.errors import Invalid, Problem
from core.history.reading import FirstDay, Reading
from core.services.file_advice import recommend_from_file
from core.services.post_files import LEARNED, FileColumns, FileRequest
from core.services.recommendation_wire import on_the_wire
from core.services.recommendations import ChannelAdvice, RecommendationRequest, RecommendationView
from core.services.recommendations import recommend as advise
from core.vocabulary import ContentFormat

RECOMMEND_EXAMPLES = (
    "Examples:  slotwise recommend   ·   slotwise recommend --platform linkedin --count 3 --json   ·   "
    "slotwise recommend posts.csv --platform instagram --timezone Europe/Berlin --json"
)


def recommend(  # noqa: PLR0913 - each is an option of the command
    file: FileArgument = None,
    *,
    channel: Annotated[list[str] | None, typer.Option(help="Id or name of a channel; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Platform, such as instagram; may be repeated.")] = None,
    content_format: Annotated[ContentFormat | None, typer.Option("--format", help="Kind of content.")] = None,
    start: Annotated[str, typer.Option(help="First moment, such as 2026-03-09T14:30; left out: now.")] = "",
    end: Annotated[str, typer.Option(help="Last moment; left out: two weeks after the first.")] = "",
    timezone: Annotated[str, typer.Option(help="IANA zone of the audience of a file, and to show times in.")] = "",
    count: Annotated[int, typer.Option(help="Slots per channel, 1 to 200.")] = 5,
    time_column: TimeColumn = "",
    outcome_column: OutcomeColumn = "",
    account_column: AccountColumn = "",
    zone_column: ZoneColumn = "",
    format_column: FormatColumn = "",
    stamp_zone: StampZone = "UTC",
    date_order: DateOrderOption = None,
    number_style: NumberStyleOption = None,
    first_weekday: Annotated[FirstDay | None, typer.Option(help="The weekday a file calls 1.")] = None,
    sheet: SheetOption = None,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say when to post in the next two weeks, why, and how sure that is: on channels, or by a history file alone."""
    if timezone:
        load_zone(timezone)
    starts, ends = (_moment(said, timezone, place) for said, place in ((start, "--start"), (end, "--end")))
    request = RecommendationRequest((), tuple(platform or ()), content_format, starts, ends, count)
    if file is None:
        advice = _on_channels(request, channel or (), workspace)
    else:
        _refuse_channels(channel or ())
        columns = FileColumns(time_column, outcome_column, account_column, zone_column, format_column)
        reading = Reading(stamp_zone, date_order, number_style, first_weekday)
        how = FileRequest(columns, reading, timezone, sheet, LEARNED)
        found = recommend_from_file(read_reference(), file, how, request, system_clock())
        print_notes(found.notes)
        advice = (found.advice,)
    _print(advice, timezone, as_json=as_json)


def _on_channels(request: RecommendationRequest, names: Sequence[str], workspace: str) -> tuple[ChannelAdvice, ...]:
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        ids = tuple(choose_channel(ctx, wanted).id for wanted in names)
        return advise(ctx, replace(request, channel_ids=ids))


def _refuse_channels(names: Sequence[str]) -> None:
    if names:
        fix = "a file has no channel: leave it out, or leave the file out"
        raise Invalid((Problem("--channel", ", ".join(names), fix),))


def _moment(said: str, timezone: str, place: str) -> datetime | None:
    return parse_stamp(said, timezone or "UTC", place=place) if said else None


def _print(advice: tuple[ChannelAdvice, ...], timezone: str, *, as_json: bool) -> None:
    if as_json:
        print_json(on_the_wire(slot for each in advice for slot in each.slots))
        return
    for each in advice:
        _print_advice(each, timezone or each.timezone)
    if not advice:
        typer.echo("There is no such channel yet: connect one in the dashboard, or run `slotwise demo`.")


def _print_advice(advice: ChannelAdvice, timezone: str) -> None:
    typer.echo(f"{advice.channel_name} ({advice.platform}): {advice.posts:,} posts, times in {timezone}")
    for slot in advice.slots:
        _print_slot(slot, timezone)


def _print_slot(slot: RecommendationView, timezone: str) -> None:
    start = slot.window_start.astimezone(load_zone(timezone))
    lift = f"{slot.expected_lift:+.0%} ({slot.low:+.0%} to {slot.high:+.0%})"
    typer.echo(f"  {start:%a %d %b %H:%M}  score {slot.score:.2f}  {lift}  {slot.sample_size} posts")
    for reason in slot.reasons:
        typer.echo(f"      {reason}")
