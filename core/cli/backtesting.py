"""The command that shows what following the advice would have brought."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from core.bootstrap import read_reference
from core.calendar.zones import load_zone
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
from core.clock import stopwatch, system_clock
from core.errors import Invalid, Problem
from core.history.reading import Reading
from core.services.backtests import ChannelBacktest, Comparison, backtest_channel, compare_on_file
from core.services.channels import list_channels
from core.services.post_files import FileColumns, FileRequest
from core.timing.backtest import OBSERVED, MethodResult
from core.timing.curve import LEVEL, lift
from core.timing.explain import interval_words, percent
from core.timing.methods import Method
from core.timing.protocol import ALL, FEWEST_POSTS, Figures, ProtocolReport, TrainSize
from core.undefined import Undefined, known

BACKTEST_EXAMPLES = (
    "Examples:  slotwise backtest --channel 'Our page'   ·   "
    "slotwise backtest posts.csv --account-column account --outcome-column likes --train 100,all --json"
)
_ALL = "all"


class Peers(StrEnum):
    """Whose history sharpens what is known of an account before its own posts."""

    OTHERS = "others"
    NONE = "none"


TrainOption = Annotated[
    str, typer.Option("--train", metavar="N,...", help="Newest posts to learn from, such as 100,250,all.")
]


def backtest(  # noqa: PLR0913 - each is an option of the command
    file: FileArgument = None,
    *,
    time_column: TimeColumn = "",
    outcome_column: OutcomeColumn = "",
    account_column: AccountColumn = "",
    zone_column: ZoneColumn = "",
    format_column: FormatColumn = "",
    timezone: Annotated[str, typer.Option(help="IANA zone of all audiences; left out: the column's, or UTC.")] = "",
    stamp_zone: StampZone = "UTC",
    date_order: DateOrderOption = None,
    number_style: NumberStyleOption = None,
    sheet: SheetOption = None,
    train: TrainOption = "100,250,500,1000,all",
    peers: Annotated[Peers, typer.Option(help="Whether the other accounts of the file are peers.")] = Peers.NONE,
    platform: Annotated[str, typer.Option(help="Platform of the file, for its published research.")] = "",
    channel: Annotated[str, typer.Option(help="Without a file: id or name of a channel; left out: all.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what following the advice would have brought: methods learn from the past and are judged by later posts."""
    if file is None:
        look_back(channel, workspace, as_json=as_json)
        return
    if timezone:
        load_zone(timezone)
    columns = FileColumns(time_column, outcome_column, account_column, zone_column, format_column)
    request = FileRequest(columns, Reading(stamp_zone, date_order, number_style), timezone, sheet)
    comparison = Comparison(_train_sizes(train), with_peers=peers is Peers.OTHERS, platform=platform)
    began = stopwatch()
    found = compare_on_file(read_reference(), file, request, comparison, system_clock())
    print_notes(found.notes)
    if as_json:
        print_json(_wire(found.report) | {"seconds": round(stopwatch() - began, 3)})
    else:
        _print_report(found.report)


def look_back(wanted: str, workspace: str, *, as_json: bool) -> None:
    """Show the look back on one channel of a workspace (its id or name), or on all of them where none is named."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        channels = [choose_channel(ctx, wanted)] if wanted else list_channels(ctx)
        found = [backtest_channel(ctx, channel.id) for channel in channels]
    if as_json:
        wires = [_channel_wire(each) for each in found]
        print_json(wires[0] if wanted else wires)
        return
    for each in found:
        _print_channel(each)
    if not found:
        typer.echo("There is no channel yet: connect one in the dashboard, or run `slotwise demo`.")


def _train_sizes(said: str) -> tuple[TrainSize, ...]:
    """Read 100,250,all (Invalid)."""
    words = [word.strip() for word in said.split(",")]
    if not all(word == _ALL or (word.isdecimal() and int(word)) for word in words):
        raise Invalid((Problem("--train", said, "write numbers of posts and the word all, such as 100,250,all"),))
    return tuple(dict.fromkeys(ALL if word == _ALL else int(word) for word in words))


def _name(size: TrainSize) -> str:
    return _ALL if size is ALL else str(size)


def _wire(report: ProtocolReport) -> dict[str, Any]:
    return {
        "accounts": report.accounts,
        "methods": {
            method.value: {_name(size): _numbers(figures) for size, figures in by_size.items()}
            for method, by_size in report.figures.items()
        },
        "no_effect": list(report.no_effect),
        "left_out": list(report.left_out),
    }


def _numbers(figures: Figures) -> dict[str, float | None]:
    return {name: known(value) for name, value in vars(figures).items()}


def _channel_wire(found: ChannelBacktest) -> dict[str, Any]:
    about = {"channel_id": found.channel_id, "channel_name": found.channel_name, "platform": found.platform}
    report = found.report
    if isinstance(report, Undefined):
        return about | {"verdict": None, "sentence": report.reason}
    return about | {
        "verdict": report.verdict,
        "sentence": report.sentence,
        "posts": report.posts,
        "folds": report.folds,
        "first": report.first,
        "last": report.last,
        "methods": {result.method.value: _result_wire(result) for result in report.methods},
        "calibration": [vars(point) | {"realised": known(point.realised)} for point in report.calibration],
    }


def _result_wire(result: MethodResult) -> dict[str, Any]:
    bounds = None if isinstance(result.interval, Undefined) else vars(result.interval) | {"level": LEVEL}
    return {"posts": result.posts, "lift": known(result.lift), "interval": bounds}


# --- Text ---------------------------------------------------------------------------------------------------------


def _print_report(report: ProtocolReport) -> None:
    for account, posts in report.left_out.items():
        typer.echo(f"Left out: {account} ({posts:,} of {FEWEST_POSTS} posts with a known outcome needed)")
    if not report.accounts:
        typer.echo("No account has enough posts to look back on.")
        return
    typer.echo(f"{_accounts_of(report)}; methods learn from the earlier 70 % of the posts, the later 30 % judge them.")
    shown: list[Mapping[Method, Figures]] = []
    for size in report.figures[Method.MODEL]:
        block = {method: by_size[size] for method, by_size in report.figures.items()}
        learned = "all posts" if size is ALL else f"the newest {size:,} posts"
        typer.echo(f"\nLearned from {learned}{': the same, there are no more' if block in shown else ''}")
        if block not in shown:
            _print_block(block)
        shown.append(block)
    typer.echo(f"\n{_verdict(report)}")


def _accounts_of(report: ProtocolReport) -> str:
    return f"{report.accounts:,} account{'' if report.accounts == 1 else 's'}"


def _print_block(block: Mapping[Method, Figures]) -> None:
    typer.echo(f"  {'':<14} {'best quarter':>18} {'RMSE':>7} {'rank corr.':>11} {'90 % held':>10} {'beats raw':>10}")
    for method, figures in block.items():
        if not isinstance(figures.lift_q, Undefined):
            _print_row(method, figures)


def _print_row(method: Method, figures: Figures) -> None:
    gain = f"{_gain(figures)} ± {_show(figures.lift_q_se, '.1%')}"
    shares = f"{_show(figures.coverage90, '.0%'):>10} {_show(figures.beats_raw_share, '.0%'):>10}"
    numbers = f"{_show(figures.rmse_ratio, '.3f'):>7} {_show(figures.spearman, '.3f'):>11}"
    typer.echo(f"  {method.value:<14} {gain:>18} {numbers} {shares}")


def _gain(figures: Figures) -> str:
    return _show(figures.lift_q if isinstance(figures.lift_q, Undefined) else lift(figures.lift_q), "+.1%")


def _show(value: float | Undefined, form: str) -> str:
    return "-" if isinstance(value, Undefined) else format(value, form)


def _verdict(report: ProtocolReport) -> str:
    """Say what the model's best quarter earned, beside what tools show as a rule."""
    size = list(report.figures[Method.MODEL])[-1]
    model, raw = (report.figures[method][size] for method in (Method.MODEL, Method.RAW_SLOT_MEAN))
    silent = len(report.no_effect)
    return (
        f"The quarter of later posts at the hours the model ranks best earned {_words(model)} the average "
        f"(± {_show(model.lift_q_se, '.1%')}); by plain averages of each hour {_words(raw)} it. "
        f"The model finds no detectable effect of timing on {silent:,} of {_accounts_of(report)}. {OBSERVED}"
    )


def _words(figures: Figures) -> str:
    return "-" if isinstance(figures.lift_q, Undefined) else percent(lift(figures.lift_q))


def _print_channel(found: ChannelBacktest) -> None:
    typer.echo(f"{found.channel_name} ({found.platform})")
    report = found.report
    if isinstance(report, Undefined):
        typer.echo(f"  {report.reason}")
        return
    typer.echo(f"  {report.posts:,} posts from {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}. {report.sentence}")
    for result in report.methods:
        if not isinstance(result.interval, Undefined):
            bounds = interval_words(result.interval)
            typer.echo(
                f"  {result.method.value:<14} {_show(result.lift, '+.1%'):>7}  ({bounds}; {result.posts:,} posts)"
            )
    for point in report.calibration:
        if not isinstance(point.realised, Undefined):
            typer.echo(f"  {point.nominal:.0%} intervals held {point.realised:.0%} of {point.slots:,} hours")
