"""Commands that keep the work safe: back-up, restore, export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house, read_settings
from core.cli.output import JsonOption, print_counts, print_json
from core.clock import system_clock
from core.services.backup import back_up
from core.services.export import export_workspace
from core.services.restore import restore as restore_backup

BACKUP_EXAMPLES = "Examples:  slotwise backup   ·   slotwise backup /media/usb/monday.slotwise"
RESTORE_EXAMPLES = "Examples:  slotwise restore monday.slotwise   ·   slotwise restore monday.slotwise --replace"
EXPORT_EXAMPLES = "Examples:  slotwise export our-work   ·   slotwise export our-work.zip --workspace 'My team'"


def backup(
    target: Annotated[
        Path | None, typer.Argument(help="New file; left out: named by the time, in `backups` of the data folder.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write everything (database and outbox) to one file, while Slotwise runs, but not the key of its secrets."""
    settings, now = read_settings(), system_clock()
    if target is None:
        target = settings.data_dir / "backups" / f"slotwise-{now:%Y%m%d-%H%M%S}.slotwise"
        target.parent.mkdir(parents=True, exist_ok=True)
    report = back_up(settings, target, now)
    if as_json:
        print_json(report)
        return
    typer.echo(f"Backed up to {report.path} ({report.bytes:,} bytes, schema {report.schema}).")
    print_counts(report.rows)
    typer.echo(f"sha256 {report.sha256}")
    _print_left_out(report.left_out)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `slotwise backup` wrote.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the existing database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring back a back-up, as a whole or not at all. Stop Slotwise first; a back-up moves between databases too."""
    report = restore_backup(read_settings(), source, system_clock(), replace=replace)
    if as_json:
        print_json(report)
        return
    typer.echo(f"Restored what was backed up at {report.created_at:%Y-%m-%d %H:%M} UTC.")
    print_counts(report.rows)
    if report.held:
        typer.echo(f"{report.held} items came due since then and may have gone out: they now wait for you to decide.")


def export(
    target: Annotated[Path, typer.Argument(help="New folder, or new zip file where it ends in .zip.")],
    *,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write everything of a workspace as CSV files, without secrets."""
    with open_house() as house:
        report = export_workspace(choose_workspace(house, workspace), target)
    if as_json:
        print_json(report)
        return
    typer.echo(f"Exported to {report.path}.")
    print_counts(report.rows)
    _print_left_out(report.left_out)


def _print_left_out(left_out: Sequence[str]) -> None:
    typer.echo("Left out:\n" + "\n".join(f"  {each}" for each in left_out))
