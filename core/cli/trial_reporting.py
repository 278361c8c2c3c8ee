"""The command for the report of a trial."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.trial_life import WhichTrial
from core.services.new_files import new_file
from core.services.trial_report import trial_as_html

TRIAL_REPORT_EXAMPLES = (
    "Examples:  slotwise trial report trial_3f9a2c1d --html evenings.html   ·   "
    "slotwise trial report trial_3f9a2c1d --html evenings.html --workspace Agency"
)


def report(
    which: WhichTrial,
    *,
    html: Annotated[Path, typer.Option(help="Where to write it; a file that is there stays.")],
    workspace: WorkspaceOption = "",
) -> None:
    """Write the report of a trial: one HTML file with charts, figures and the audit; a browser prints it as PDF."""
    with open_house() as house:
        content = trial_as_html(choose_workspace(house, workspace), which)
    with new_file(html) as part:
        part.write_bytes(content)
    typer.echo(f"{html} is written.")
