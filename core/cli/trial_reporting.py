"""The command for the report of a trial."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.trial_life import WhichTrial
from core.services.new_files import new_file
from core.services.trial_report import trial_report
from core.services.trial_report_html import as_html
from core.services.trial_report_parts import Report
from core.services.trial_report_pdf import as_pdf

TRIAL_REPORT_EXAMPLES = (
    "Examples:  slotwise trial report trial_3f9a2c1d --pdf evenings.pdf   ·   "
    "slotwise trial report trial_3f9a2c1d --html evenings.html --pdf evenings.pdf --workspace Agency"
)


def report(
    which: WhichTrial,
    *,
    html: Annotated[Path | None, typer.Option(help="Where to write a page; a file that is there stays.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Where to write a PDF; a file that is there stays.")] = None,
    workspace: WorkspaceOption = "",
) -> None:
    """Write the report of a trial, with charts, figures and the audit: as one HTML file, as a PDF of A4 pages, or both.

    Of a running trial it counts as a look.
    """
    if html == pdf:  # neither, or both into one
        raise typer.BadParameter("say --html FILE, --pdf FILE, or both with a file each")
    wanted = {path: write for path, write in ((html, as_html), (pdf, as_pdf)) if path is not None}
    with open_house() as house:
        found = trial_report(choose_workspace(house, workspace), which)
    _write(found, wanted)


def _write(found: Report, wanted: Mapping[Path, Callable[[Report], bytes]]) -> None:
    """Write all files, or none where one of them cannot be."""
    with ExitStack() as files:
        for path, write in wanted.items():
            files.enter_context(new_file(path)).write_bytes(write(found))
    for path in wanted:
        typer.echo(f"{path} is written.")
