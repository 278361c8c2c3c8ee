"""schemathesis over the whole OpenAPI document: what it says is what the server does."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import Served, front_door, serving

from core.bootstrap import Slotwise
from core.services.api_keys import KeyDraft, create_key
from core.services.heartbeat import Pulse, beat
from core.vocabulary import Scope

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
ALL = frozenset(Scope)
QUICK = ("--phases", "examples,fuzzing", "--max-examples", "1")
THOROUGH = ("--phases", "examples,fuzzing", "--max-examples", "4")
KEYS = ("--exclude-path-regex", "^/v1/(api-keys|auth)")
"""Left out where no key is sent: the first key ends the time in which none is needed."""
OWN_KEY = ("--exclude-path-regex", "^/v1/api-keys/")
"""Left out where one is sent: it may find the id of the key it comes with, and end it."""
BRAKED = ("--exclude-checks", "ignored_auth")
"""It sends one wrong key again and again, so the brake on guessing answers; test_api_local_mode asks every call."""
CONFIGURATION = """
hooks = "{hooks}"

[generation]
with-security-parameters = false

# What no schema can say (a time has passed, there is no such zone, too few posts) is refused with these.
[checks]
positive_data_acceptance.expected-statuses = [{statuses}]
"""
on_one_database = pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)
"""For what is decided before a database is asked, or is asked of both by the thorough run with a key."""
MEANT = ("2xx", "400", "404", "409", "413", "422", "503")


@pytest.fixture
def tended(house: Slotwise) -> Slotwise:
    """Give an installation whose engine is at work, so that it is healthy."""
    beat(house.db, Pulse("engine", house.now(), house.now()))
    return house


@pytest.fixture
def local(tended: Slotwise) -> Iterator[Served]:
    """Serve it to this machine, without keys."""
    with serving(front_door(tended)) as server:
        yield server


@pytest.fixture
def exposed(tended: Slotwise) -> Iterator[Served]:
    """Serve it to everybody with a key."""
    with serving(front_door(tended, exposed=True)) as server:
        yield server


def examine(server: Served, folder: Path, *arguments: str, statuses: tuple[str, ...] = MEANT) -> None:
    """Run schemathesis with all checks against a server; its whole report is the failure."""
    configuration = folder / "schemathesis.toml"
    written = ", ".join(f'"{status}"' for status in statuses)
    configuration.write_text(CONFIGURATION.format(hooks=HOOKS, statuses=written), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
    own = ["--seed", "1", "--generation-deterministic", "--no-color"]
    own += ["--checks", "all", "--continue-on-failure", server.url("/api/openapi.json")]
    done = subprocess.run([*command, *own, *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert done.returncode == 0, done.stdout + done.stderr


def with_key(house: Slotwise) -> tuple[str, str]:
    """Give the arguments that send a new key which may do everything."""
    return "--header", f"Authorization: Bearer {create_key(house.context(), KeyDraft('Fuzz', tuple(ALL)), ALL).secret}"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_requests_with_a_key_are_answered_as_documented(exposed: Served, tended: Slotwise, tmp_path: Path) -> None:
    examine(exposed, tmp_path, *THOROUGH, *OWN_KEY, *BRAKED, *with_key(tended))


@on_one_database
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_requests_of_this_machine_are_answered_as_documented(local: Served, tmp_path: Path) -> None:
    examine(local, tmp_path, *QUICK, *KEYS, *BRAKED)


@on_one_database
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_requests_without_a_key_are_refused_as_documented(exposed: Served, tmp_path: Path) -> None:
    examine(exposed, tmp_path, *THOROUGH, statuses=("2xx", "400", "401", "413", "422", "429"))
