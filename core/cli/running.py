"""Commands that run Slotwise and look after its health."""

import ipaddress
import os
import sys
from typing import Annotated

import typer

from core.cli.house import read_settings
from core.cli.output import JsonOption, print_json
from core.clock import system_clock
from core.errors import Invalid, Problem
from core.services.doctor import CheckResult, examine, has_errors
from core.settings import ROOT

SERVE_EXAMPLES = "Examples:  slotwise serve   ·   slotwise serve --port 9000"
DOCTOR_EXAMPLES = "Examples:  slotwise doctor   ·   slotwise doctor --json"


def serve(
    host: Annotated[str, typer.Option(help="Address of this machine to listen on: 127.0.0.1, ::1 or localhost.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
) -> None:
    """Run dashboard and engine in this process until it is stopped."""
    if not _is_loopback(host):
        fix = "use 127.0.0.1: sign-in arrives with the API, so until then only this machine may reach Slotwise"
        raise Invalid((Problem("--host", host, fix),))
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "Home.py")]
    options = ["--server.address", host, "--server.port", str(port)]
    # Streamlit reads .streamlit/config.toml where it is started; the data folder stays where the caller means it.
    environment = os.environ | {"SLOTWISE_DATA_DIR": str(read_settings().data_dir.absolute())}
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(sys.executable, command + options, environment)  # noqa: S606 - our own Python, no shell


def doctor(*, as_json: JsonOption = False) -> None:
    """Look at the installation, say what is wrong and how to mend it; exit code 1 where something is broken."""
    results = examine(read_settings(), system_clock())
    if as_json:
        print_json(results)
    else:
        for result in results:
            _print_result(result)
    raise typer.Exit(1 if has_errors(results) else 0)


def _print_result(result: CheckResult) -> None:
    if result.finding is None:
        typer.echo(f"{'skipped' if result.skipped else 'ok':<8} {result.name}")
        return
    finding = result.finding
    typer.echo(f"{finding.severity.value:<8} {result.name}: {finding.sentence} {finding.fix}".rstrip())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
