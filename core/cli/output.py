"""How commands print what services return."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


BEGAN = "slotwise.began"
"""Under this name the context of a command keeps when it was asked for, by the stopwatch, before it was loaded."""


def print_json(value: object) -> None:
    """Print a report, or a sequence of them, as JSON; moments in ISO 8601."""
    typer.echo(json.dumps(_open(value), default=_plain, indent=2, ensure_ascii=False))


def print_list(found: Sequence[T], line: Callable[[T], str], nothing: str, *, as_json: bool) -> None:
    """Print one line for each, or what it means that there is none; or all as JSON."""
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(line(each))
    if not found:
        typer.echo(nothing)


def print_counts(counts: Mapping[str, int]) -> None:
    """Print names and numbers, the numbers in one column."""
    width = max(map(len, counts), default=0)
    for name, count in counts.items():
        typer.echo(f"  {name:<{width}}  {count:>11,}")


def _open(value: object) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_open(each) for each in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
