"""Holds the import contracts of pyproject.toml to the code, and the code's packages to the contracts."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from house_source import ROOT, core_members

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LISTS = ("layers", "source_modules", "forbidden_modules")

Contract = dict[str, Any]


def contract(name: str) -> Contract:
    return next(each for each in CONTRACTS["contracts"] if each["name"] == name)


def unlayered(members: set[str], layers: list[str]) -> list[str]:
    """Say what to do about each member of core that no layer names."""
    named = {name for layer in layers for name in re.split(r"[|:\s]+", layer)}
    return [
        f"{member} is in no layer: add it to `layers` of the contract 'Imports only go down' in pyproject.toml, "
        "beside its siblings, and to `source_modules` of the contracts that hold for it"
        for member in sorted(members - named)
    ]


def test_every_package_and_module_of_core_has_its_layer() -> None:
    missing = unlayered(core_members(), contract("Imports only go down")["layers"])
    assert not missing, "\n".join(missing)


def test_a_package_without_a_layer_is_told_what_to_do() -> None:
    (sentence,) = unlayered({"core.new", "core.old"}, ["pages", "core.older | core.old"])
    assert sentence.startswith("core.new is in no layer: add it to `layers`")


def test_everything_but_the_screens_is_kept_from_streamlit() -> None:
    kept = set(contract("Only the screens know streamlit")["source_modules"])
    assert core_members() - {"core.ui"} <= kept


# --- The contracts themselves ------------------------------------------------------------------------------------


def stands(module: str, root: Path) -> bool:
    """Tell whether one of our modules has been built; what is not ours always stands."""
    place = root / module.replace(".", "/")
    ours = module.split(".", maxsplit=1)[0] in CONTRACTS["root_packages"]
    return not ours or place.with_suffix(".py").is_file() or any(place.glob("**/*.py"))


def as_far_as_built(each: Contract, root: Path) -> Contract:
    """Leave out of a contract the modules that are named already but not built yet."""
    layers = {key: [" | ".join(m for m in entry.split(" | ") if stands(m, root)) for entry in each[key]]
              for key in LISTS if key in each}  # fmt: skip
    return each | {key: [entry for entry in entries if entry] for key, entries in layers.items()}


def check(root: Path, settings: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages under `root`, its configuration written to the file `settings`."""
    roots = [package for package in CONTRACTS["root_packages"] if stands(package, root)]
    tables = [as_far_as_built(each, root) for each in CONTRACTS["contracts"]]
    head = f"[tool.importlinter]\nroot_packages = {json.dumps(roots)}\ninclude_external_packages = true\n"
    lines = ("\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) for table in tables)
    settings.write_text(head + "".join(f"[[tool.importlinter.contracts]]\n{table}\n" for table in lines))
    command = [Path(sys.executable).with_name("lint-imports"), "--config", settings, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool


def test_imports_keep_the_contracts(tmp_path: Path) -> None:
    done = check(ROOT, tmp_path / "contracts.toml")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("importer", "line", "broken"),
    [
        ("core/timing/a.py", "import core.planning", "Imports only go down"),
        ("core/storage/a.py", "import core.services", "Imports only go down"),
        ("core/services/a.py", "import streamlit", "Only the screens know streamlit"),
        ("core/planning/a.py", "import sqlmodel", "Pure packages do no I/O"),
        ("pages/a.py", "import core.storage", "Screens and jobs reach data through services"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, importer: str, line: str, broken: str) -> None:
    for package in ("core", "core/timing", "core/planning", "core/storage", "core/services", "core/ui", "pages"):
        (tmp_path / package).mkdir(exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / importer).write_text(line)
    done = check(tmp_path, tmp_path / "contracts.toml")
    assert re.search(f"^{broken} BROKEN$", done.stdout, re.MULTILINE), done.stdout + done.stderr
