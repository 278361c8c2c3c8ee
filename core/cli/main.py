"""The command line's front: every command, the version, and the one place where errors become sentences."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core.cli.output import BEGAN
from core.clock import stopwatch
from core.errors import SlotwiseError

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("running", "serve"),
    "import": ("importing", "import_file"),
    "demo": ("importing", "demo"),
    "recommend": ("advice", "recommend"),
    "backtest": ("backtesting", "backtest"),
    "plan": ("planning", "plan"),
    "export": ("keeping", "export"),
    "backup": ("keeping", "backup"),
    "restore": ("keeping", "restore"),
    "doctor": ("running", "doctor"),
}
"""Module of core.cli and function of each command; the module has its examples as `<NAME>_EXAMPLES`."""


class LoadedCommands(Mapping[str, Any]):
    """The commands by name. A module is imported when its command is asked for: most need only their own."""

    def __getitem__(self, name: str) -> Any:
        """Return a command, ready to run."""
        module_name, function = COMMANDS[name]
        module = import_module(f"core.cli.{module_name}")
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name, epilog=getattr(module, f"{name.upper()}_EXAMPLES"))(getattr(module, function))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """Runs a command and ends with 0, with 1 and a sentence for an expected error, or with 2 for wrong usage."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LoadedCommands()  # type: ignore[assignment] # nobody adds to it

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer asks so
        """Return the names without loading anything."""
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a bug keeps its traceback."""
        ctx.meta[BEGAN] = stopwatch()
        try:
            return super().invoke(ctx)
        except SlotwiseError as error:
            typer.secho(f"Error: {error}", err=True, fg=typer.colors.RED)
            raise typer.Exit(1) from error


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)


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
