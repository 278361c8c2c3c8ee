"""Reads Slotwise's own source: which modules there are and what they are made of."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
TEXT_SUFFIXES = {
    "",
    ".cfg",
    ".css",
    ".csv",
    ".ini",
    ".js",
    ".json",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}
OWN_FOLDERS = (".ci", ".streamlit", "benchmarks", "core", "data/reference", "data/samples", "pages", "tests")


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the repository's root (with `/`) and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in the parsed file, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[FunctionNode]:
        """Every function and method, nested ones too."""
        return (node for node in self.nodes if isinstance(node, FunctionNode))


@cache
def product_modules() -> tuple[Module, ...]:
    """Return Home.py and every module of core and pages, as far as they exist."""
    files = [*ROOT.glob("Home.py"), *ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")]
    return tuple(Module(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in sorted(files))


def own_texts() -> Iterator[tuple[str, str]]:
    """Yield path and text of every text file people write in this repository."""
    folders = (ROOT / name for name in OWN_FOLDERS)
    files = [*ROOT.glob("*"), *(file for folder in folders for file in folder.rglob("*"))]
    for file in sorted(files):
        if file.is_file() and file.suffix in TEXT_SUFFIXES and file.name not in {"uv.lock", ".git"}:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def core_members() -> set[str]:
    """Return the dotted name of every package and module directly under core."""
    children = (child for child in (ROOT / "core").iterdir() if child.name != "__init__.py")
    return {f"core.{child.stem}" for child in children if child.suffix == ".py" or any(child.glob("**/*.py"))}
