"""schemathesis over the whole OpenAPI document: what it says is what the server does."""

import subprocess
import sys
from pathlib import Path

import pytest
from api_server import Served, front_door, serving

from core.bootstrap import Slotwise

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
QUICK = ("--phases", "examples,fuzzing", "--max-examples", "2")
THOROUGH = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "60")
CONFIGURATION = """
hooks = "{hooks}"

[generation]
with-security-parameters = false

# What no schema can say (a time has passed, there is no such zone) is refused with these.
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409", "413", "422", "503"]
"""


def examine(server: Served, folder: Path, *arguments: str) -> None:
    """Run schemathesis with all checks against a server; its whole report is the failure."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(hooks=HOOKS), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
    own = ["--seed", "1", "--generation-deterministic", "--no-color"]
    own += ["--checks", "all", "--continue-on-failure", server.url("/api/openapi.json")]
    done = subprocess.run([*command, *own, *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_few_requests_of_every_call_are_answered_as_documented(served: Served, tmp_path: Path) -> None:
    # In local mode a request without a key is let in, so this one check is for the server that asks for keys.
    examine(served, tmp_path, *QUICK, "--exclude-checks", "ignored_auth")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thousands_of_requests_are_answered_as_documented(served: Served, tmp_path: Path) -> None:
    examine(served, tmp_path, *THOROUGH, "--exclude-checks", "ignored_auth")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_server_that_needs_keys_documents_its_refusals(house: Slotwise, tmp_path: Path) -> None:
    with serving(front_door(house, exposed=True)) as server:
        examine(server, tmp_path, *THOROUGH)
