"""`slotwise keys`: what a script reads, what a person reads, and what is refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import assemble
from core.cli.main import app
from core.errors import Unauthenticated
from core.services.access import Caller, authenticate
from core.settings import Settings
from core.vocabulary import Scope

pytestmark = pytest.mark.usefixtures("data_dir")


def keys(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["keys", *map(str, arguments)])


def created(*arguments: object) -> str:
    """Make a key and give what a script would read: the line of stdout."""
    return keys("create", *(arguments or ("Website", "--scope", "scheduling:write"))).stdout.strip()


def who(data_dir: Path, presented: str) -> Caller:
    house = assemble(Settings(data_dir=data_dir))
    try:
        return authenticate(house.db, house.vault, house.now(), presented)
    finally:
        house.close()


def listed() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(keys("list", "--json").stdout)
    return found


def test_a_created_key_opens_what_it_was_given(data_dir: Path) -> None:
    assert who(data_dir, created()).scopes == {Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE}


def test_stdout_holds_the_key_alone_and_the_words_go_to_stderr() -> None:
    done = keys("create", "Website", "--scope", "scheduling:write")
    assert done.exit_code == 0
    assert done.stdout.startswith("sw_")
    assert len(done.stdout.splitlines()) == 1
    assert "shown this once" in done.stderr


def test_a_signing_key_prints_both_secrets() -> None:
    key, signing = created("Signed", "--scope", "admin:read", "--signing", "required").splitlines()
    assert (key[:3], signing[:4]) == ("sw_", "sws_")


def test_json_holds_the_secret_once_and_the_list_never() -> None:
    made = json.loads(created("Website", "--scope", "admin:read", "--days", "30", "--json"))
    assert made["secret"].startswith(made["key"]["prefix"])
    shown = keys("list", "--json").stdout + keys("list").stdout
    assert made["secret"] not in shown
    assert (made["key"]["prefix"], made["key"]["state"]) == (listed()[0]["prefix"], "active")


def test_an_empty_list_is_said() -> None:
    assert "There are no API keys" in keys("list").stdout


@pytest.mark.parametrize("by", ["id", "prefix", "name"])
def test_a_key_is_rotated_by_whatever_names_it(data_dir: Path, by: str) -> None:
    old = created()
    new = keys("rotate", listed()[0][by]).stdout.strip()
    assert who(data_dir, new)
    with pytest.raises(Unauthenticated):
        who(data_dir, old)


def test_an_overlap_keeps_the_old_secret(data_dir: Path) -> None:
    old = created()
    done = keys("rotate", "Website", "--overlap-minutes", "60")
    assert "The old one is good until" in done.stderr
    assert who(data_dir, old) == who(data_dir, done.stdout.strip())


def test_a_revoked_key_is_listed_as_such(data_dir: Path) -> None:
    key = created()
    assert "is revoked" in keys("revoke", "Website").stdout
    assert listed()[0]["state"] == "revoked"
    with pytest.raises(Unauthenticated):
        who(data_dir, key)


def test_an_unknown_key_ends_with_a_sentence() -> None:
    done = keys("revoke", "nobody")
    assert (done.exit_code, done.stderr) == (1, "Error: There is no API key 'nobody' in this workspace.\n")


def test_a_name_of_several_keys_is_asked_back() -> None:
    created()
    created()
    done = keys("revoke", "Website")
    assert done.exit_code == 1
    assert "several keys have this name; say the prefix: sw_" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "Website"),
        ("create", "Website", "--scope", "root"),
        ("create", "Website", "--scope", "admin:read", "--days", "0"),
        ("rotate", "Website", "--overlap-minutes", "10081"),
        ("destroy",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert keys(*arguments).exit_code == 2


def test_the_group_alone_shows_its_commands() -> None:
    shown = keys().output
    assert all(name in shown for name in ("create", "list", "rotate", "revoke"))
