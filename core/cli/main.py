"""The command line's front: every command, the version, and the one place where errors become sentences."""

import re
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
    "trial analyze": ("trials", "analyze_file"),
    "trial list": ("trial_life", "show_all"),
    "trial create": ("trial_life", "create"),
    "trial show": ("trial_life", "show"),
    "trial power": ("trial_life", "power"),
    "trial start": ("trial_life", "start"),
    "trial join": ("trial_joining", "join"),
    "trial results": ("trial_life", "results"),
    "trial assignments": ("trial_life", "assignments"),
    "trial report": ("trial_reporting", "report"),
    "trial stop": ("trial_life", "stop"),
    "trial decide": ("trial_life", "decide"),
    "trial observed": ("trial_observing", "observed"),
    "keys create": ("keys", "create"),
    "keys list": ("keys", "show"),
    "keys rotate": ("keys", "rotate"),
    "keys revoke": ("keys", "revoke"),
    "jobs list": ("jobs", "show_all"),
    "jobs show": ("jobs", "show"),
    "jobs rows": ("jobs", "rows"),
    "jobs create": ("jobs", "create"),
    "jobs watch": ("job_watching", "watch"),
    "jobs start": ("jobs", "start"),
    "jobs pause": ("jobs", "pause"),
    "jobs resume": ("jobs", "resume"),
    "jobs cancel": ("jobs", "cancel"),
    "jobs retry": ("jobs", "retry"),
    "jobs sync": ("jobs", "sync"),
    "sheets accounts": ("sheet_accounts", "show"),
    "sheets add-account": ("sheet_accounts", "add"),
    "sheets remove-account": ("sheet_accounts", "remove"),
    "sheets find": ("sheet_accounts", "find"),
    "sheets template": ("sheet_accounts", "template"),
    "sheets list": ("sheets", "show"),
    "sheets connect": ("sheets", "connect_sheet"),
    "sheets test": ("sheets", "check"),
    "sheets preview": ("sheets", "preview_rows"),
    "sheets sync": ("sheets", "sync"),
    "sheets runs": ("sheets", "runs"),
    "sheets rows": ("sheets", "rows"),
    "sheets missing": ("sheets", "missing"),
    "sheets remove": ("sheets", "remove"),
    "export": ("keeping", "export"),
    "backup": ("keeping", "backup"),
    "restore": ("keeping", "restore"),
    "doctor": ("running", "doctor"),
}
"""Module of core.cli and function of each command; the module has its examples as `<NAME>_EXAMPLES`.

A name of two words is a command of a group; in the name of its examples all that stands between words is a low line.
"""

GROUPS = {
    "keys": "Make, list, rotate and revoke the keys of the API.",
    "jobs": "Create bulk jobs from a file, follow them, start, pause, resume, cancel, try again.",
    "sheets": "Connect Google Sheets, test, sync and look at them.",
    "trial": "Plan A/B trials of timing, start, follow, stop and decide them; analyze one from a file.",
}
"""What each group is for."""


class LoadedCommands(Mapping[str, Any]):
    """The commands of a group, or those of none, by name. A module is imported when its command is asked for."""

    def __init__(self, group: str = "") -> None:
        start = f"{group} " if group else ""
        below = (typed.removeprefix(start) for typed in COMMANDS if typed.startswith(start))
        self._start, self._names = start, tuple(dict.fromkeys(typed.partition(" ")[0] for typed in below))

    def __getitem__(self, name: str) -> Any:
        """Return a command, ready to run, or a group of them."""
        if name not in self._names:
            raise KeyError(name)
        return _group(name) if name in GROUPS else _command(self._start + name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _command(typed: str) -> Any:
    module_name, function = COMMANDS[typed]
    module = import_module(f"core.cli.{module_name}")
    examples = getattr(module, f"{re.sub('[ -]', '_', typed).upper()}_EXAMPLES")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(typed.rpartition(" ")[2], epilog=examples)(getattr(module, function))
    return typer.main.get_command(alone)


def _group(name: str) -> Any:
    group = TyperGroup(name=name, help=GROUPS[name], no_args_is_help=True)
    group.commands = LoadedCommands(name)  # type: ignore[assignment] # nobody adds to it
    return group


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
