"""The options that say how a history file is to be read without a database."""

from pathlib import Path
from typing import Annotated

import typer

from core.history.reading import DateOrder, NumberStyle

TimeColumn = Annotated[str, typer.Option("--time-column", help="Column of the moment of publishing.")]
OutcomeColumn = Annotated[str, typer.Option("--outcome-column", help="Column of what a post earned.")]
AccountColumn = Annotated[str, typer.Option("--account-column", help="Column that names a row's account.")]
ZoneColumn = Annotated[str, typer.Option("--zone-column", help="Column of the audience's IANA zone.")]
FormatColumn = Annotated[str, typer.Option("--format-column", help="Column of the kind of content.")]
StampZone = Annotated[str, typer.Option("--stamp-zone", help="IANA zone of stamps that name none.")]
DateOrderOption = Annotated[DateOrder | None, typer.Option("--date-order", help="How 3/4/2024 is meant.")]
NumberStyleOption = Annotated[NumberStyle | None, typer.Option("--number-style", help="What stands before decimals.")]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook; left out: the first.")]
FileArgument = Annotated[
    Path | None, typer.Argument(exists=True, dir_okay=False, help="CSV (also .gz), TSV, XLSX or Parquet.")
]


def print_notes(notes: tuple[str, ...]) -> None:
    """Say on stderr how a file was read and what was left out, so that stdout stays what was asked for."""
    for note in notes:
        typer.echo(f"Note: {note}", err=True)
