"""Holds README to the product: what exists is documented, as it is."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import typer
from house_source import ROOT, Module, core_members, product_modules
from pydantic.fields import FieldInfo

from core.services.event_catalog import EVENTS
from core.settings import Settings
from core.vocabulary import EventType

RUN = "pip install uv && uv run streamlit run Home.py"
TEST = "pip install uv && uv run pytest"
REGISTRIES = ("PUBLISHERS", "JOBS", "EVENTS", "PAGES", "ROUTERS", "OPERATIONS", "METRICS", "RULES", "HEALTH_CHECKS")


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


# --- Settings ----------------------------------------------------------------------------------------------------


def settings_row(name: str, setting: FieldInfo) -> str:
    """Write a setting as README's table must show it."""
    return f"| `SLOTWISE_{name.upper()}` | {shown(setting.default)} | {setting.description} |"


def shown(default: object) -> str:
    """Write a default as an operator would type it; a path starts at the checkout."""
    text = default.relative_to(ROOT).as_posix() if isinstance(default, Path) else str(default)
    return f"`{text.lower() if isinstance(default, bool) else text}`" if text else "empty"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_in_the_readme_with_its_default(name: str, readme: str) -> None:
    row = settings_row(name, Settings.model_fields[name])
    assert row in readme.splitlines(), f"README's settings table needs this line:\n{row}"


@pytest.mark.parametrize(
    ("default", "cell"),
    [(ROOT / "data" / "local", "`data/local`"), ("", "empty"), (True, "`true`"), (8, "`8`"), ("INFO", "`INFO`")],
)
def test_a_default_is_shown_as_an_operator_types_it(default: object, cell: str) -> None:
    assert shown(default) == cell


# --- Registries --------------------------------------------------------------------------------------------------


def registries(modules: Iterable[Module]) -> Iterator[str]:
    """Yield each of the house's registries that a module defines."""
    for statement in (statement for module in modules for statement in module.tree.body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name) and target.id in REGISTRIES)


def has_checklist(readme: str, registry: str) -> bool:
    """Tell whether a heading names the registry and a list stands under it before the next heading."""
    section = re.search(rf"^#+ [^\n]*`{registry}`[^\n]*\n(?P<body>(?:(?!#)[^\n]*\n?)*)", readme, re.MULTILINE)
    return section is not None and re.search(r"^(?:\d+\.|[-*]) ", section["body"], re.MULTILINE) is not None


def test_every_registry_has_a_checklist_in_the_readme(readme: str) -> None:
    missing = sorted(name for name in set(registries(product_modules())) if not has_checklist(readme, name))
    assert not missing, f"README needs a heading that names `{'`, `'.join(missing)}`, with the steps as a list under it"


def test_registries_are_found_by_name() -> None:
    text = "JOBS = ()\nPUBLISHERS: dict[str, int] = {}\nOTHERS = ()\ndef f() -> None:\n    RULES = ()\n"
    assert list(registries([Module("core/a.py", text)])) == ["JOBS", "PUBLISHERS"]


@pytest.mark.parametrize(
    "text", ["", "## Add a job (`JOBS`)\nNot yet.\n", "## Add a job (`JOBS`)\n## Other\n1. Step\n", "`JOBS`\n- step"]
)
def test_a_registry_without_steps_is_not_documented(text: str) -> None:
    assert not has_checklist(text, "JOBS")


def test_a_heading_with_steps_documents_a_registry() -> None:
    assert has_checklist("# Slotwise\n\n### Add a job (`JOBS`)\n\nThree files:\n\n1. Write it.\n\n## Other\n", "JOBS")


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_is_in_the_readme_as_it_is(kind: EventType, readme: str) -> None:
    heard = ", ".join(f"`{name}`" for _, name in EVENTS[kind].messages)
    row = f"| `{kind}` | {EVENTS[kind].says} | {heard} | {'yes' if EVENTS[kind].for_webhooks else 'no'} |"
    assert row in readme.splitlines(), f"README's table of events needs this line:\n{row}"


def test_every_type_of_event_is_described() -> None:
    assert set(EVENTS) == set(EventType) - {EventType.PING}


# --- Commands ----------------------------------------------------------------------------------------------------


def commands(app: typer.Typer) -> Iterator[str]:
    """Yield every command of a command line as it is typed."""
    tree = typer.main.get_command(app)
    yield from _below(tree, "slotwise")


def _below(command: object, typed: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children is None:
        yield typed
        return
    for name, child in children.items():
        yield from _below(child, f"{typed} {name}")


def test_every_command_is_in_the_readme(readme: str) -> None:
    stands = (ROOT / "core" / "cli" / "main.py").is_file()
    typed = commands(importlib.import_module("core.cli.main").app) if stands else ()
    missing = [command for command in typed if not re.search(rf"\b{command}\b", readme)]
    assert not missing, f"README does not name: {', '.join(missing)}"


def test_the_readmes_table_of_commands_has_exactly_the_commands_there_are(readme: str) -> None:
    told = re.findall(r"^\| `(slotwise [^`]+)` \| ", readme, re.MULTILINE)
    assert sorted(told) == sorted(commands(importlib.import_module("core.cli.main").app))


def options(command: object, typed: str) -> Iterator[tuple[str, str]]:
    """Yield every option of every command, each with the command."""
    for name, child in getattr(command, "commands", {}).items():
        yield from options(child, f"{typed} {name}")
    for parameter in getattr(command, "params", ()):
        yield from ((typed, flag) for flag in parameter.opts)


def test_an_option_that_the_readmes_table_names_is_one_of_its_command(readme: str) -> None:
    known = set(options(typer.main.get_command(importlib.import_module("core.cli.main").app), "slotwise"))
    rows = re.findall(r"^\| `(slotwise [^`]+)` \| ([^\n]*) \|$", readme, re.MULTILINE)
    told = {(command, flag) for command, text in rows for flag in re.findall(r"`(--[a-z-]+)", text)}
    assert ("slotwise jobs list", "--sort") in told
    assert told <= known


def test_commands_are_found_with_their_groups() -> None:
    app, group = typer.Typer(), typer.Typer()
    app.command("export")(lambda: None)
    group.command("list")(lambda: None)
    app.add_typer(group, name="keys")
    assert list(commands(app)) == ["slotwise export", "slotwise keys list"]


# --- Map and the two commands ------------------------------------------------------------------------------------


def test_the_map_names_every_package_of_core(readme: str) -> None:
    packages = sorted(name for name in core_members() if (ROOT / name.replace(".", "/")).is_dir())
    missing = [path for name in packages if (path := name.replace(".", "/") + "/") not in readme]
    assert not missing, f"README's map does not name: {', '.join(missing)}"


def test_the_readme_shows_exactly_two_commands_to_start(readme: str) -> None:
    shown_commands = re.findall(r"pip install uv && [^\n`]+", readme)
    assert set(shown_commands) == {RUN, TEST}


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert TEST in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


# --- constraints.txt ---------------------------------------------------------------------------------------------


def pins(lines: Iterable[str]) -> set[str]:
    """Return the `name==version` of each line that has one."""
    return {match[0] for line in lines if (match := re.match(r"[\w.-]+==[\w.]+", re.sub(r"\[[^]]*\]", "", line)))}


def test_constraints_hold_every_pin_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    missing = sorted(pins(project["dependencies"]) - pins(constraints))
    assert not missing, f"constraints.txt is behind on {', '.join(missing)}; its first lines say how it is made"


def test_constraints_hold_versions_and_hashes_and_nothing_else() -> None:
    entry = r"[a-z0-9._-]+==[\w.]+(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.fullmatch(rf"(?:#[^\n]*\n)+(?:{entry})+", text)
