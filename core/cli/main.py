"""The command line's front: every command, the version, and the one place where errors become sentences."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core.cli import advice, backtesting, importing, keeping, running
from core.errors import SlotwiseError


class Commands(TyperGroup):
    """Runs a command and ends with 0, with 1 and a sentence for an expected error, or with 2 for wrong usage."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a bug keeps its traceback."""
        try:
            return super().invoke(ctx)
        except SlotwiseError as error:
            typer.secho(f"Error: {error}", err=True, fg=typer.colors.RED)
            raise typer.Exit(1) from error


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)

app.command(epilog=running.SERVE_EXAMPLES)(running.serve)
app.command("import", epilog=importing.IMPORT_EXAMPLES)(importing.import_file)
app.command(epilog=importing.DEMO_EXAMPLES)(importing.demo)
app.command(epilog=advice.RECOMMEND_EXAMPLES)(advice.recommend)
app.command(epilog=backtesting.BACKTEST_EXAMPLES)(backtesting.backtest)
app.command(epilog=keeping.EXPORT_EXAMPLES)(keeping.export)
app.command(epilog=keeping.BACKUP_EXAMPLES)(keeping.backup)
app.command(epilog=keeping.RESTORE_EXAMPLES)(keeping.restore)
app.command(epilog=running.DOCTOR_EXAMPLES)(running.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slotwise {version('slotwise')}")
        raise typer.Exit


@app.callback()
def slotwise(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Learn when your audience listens, and let Slotwise post at that minute."""
