"""The command that says when to post."""

from typing import Annotated

import typer

from core.calendar.zones import load_zone
from core.cli.house import JsonOption, WorkspaceOption, choose_channel, choose_workspace, open_house
from core.cli.output import print_json
from core.services.recommendations import ChannelAdvice, RecommendationRequest, RecommendationView
from core.services.recommendations import recommend as advise
from core.vocabulary import ContentFormat

RECOMMEND_EXAMPLES = "Examples:  slotwise recommend   ·   slotwise recommend --platform linkedin --count 3 --json"


def recommend(
    *,
    channel: Annotated[list[str] | None, typer.Option(help="Id or name of a channel; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Platform, such as instagram; may be repeated.")] = None,
    content_format: Annotated[ContentFormat | None, typer.Option("--format", help="Kind of content.")] = None,
    timezone: Annotated[str, typer.Option(help="IANA zone to show times in; left out: each channel's own.")] = "",
    count: Annotated[int, typer.Option(help="Slots per channel, 1 to 200.")] = 5,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say when to post in the next two weeks, why, and how sure that is."""
    if timezone:
        load_zone(timezone)
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        request = RecommendationRequest(
            channel_ids=tuple(choose_channel(ctx, wanted).id for wanted in channel or ()),
            platforms=tuple(platform or ()),
            content_format=content_format,
            count=count,
        )
        advice = advise(ctx, request)
    if as_json:
        print_json(advice)
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
