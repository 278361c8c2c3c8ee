"""The rules of the house as pure functions: a module in, a sentence for each breach out."""

import ast
import re
from collections.abc import Iterable, Iterator
from statistics import median, quantiles

from house_source import FunctionNode, Module

MAX_LINES, P95_LINES, MEDIAN_LINES = 40, 30, 7
FILE_LINES, PAGE_LINES = 300, 80

CLOCK_HOME = "core/clock.py"
CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime",
    "pandas.Timestamp.now", "pandas.Timestamp.utcnow", "pandas.Timestamp.today",
    "sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlmodel.func.now", "sqlmodel.func.current_timestamp",
}  # fmt: skip

IDS_HOME = "core/storage/ids.py"
IDS = {"uuid.uuid1", "uuid.uuid4", "uuid.uuid7"}
PASSED_IN = {"Random", "Generator", "BitGenerator", "PCG64", "Philox", "SeedSequence", "default_rng"}
"""What code may name of `random` and `numpy.random`: the types of a generator, and making one from a seed."""

BROAD_EXCEPT_HOMES = {"core/engine/runner.py", "core/ui/shell.py", "core/api/errors.py", "core/cli/main.py"}
BROAD = {"Exception", "BaseException"}

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "handler", "handlers", "common"}
LEFTOVERS = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b")  # written so that it does not find itself
MACHINE_PATHS = re.compile(r"(?<![\w.~}\])])/(?:work|farm|root|home|Users|tmp|var/folders)/[\w.-]+")


def length(function: FunctionNode) -> int:
    """Count a function's lines from `def` to its last, without decorators and without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def long_functions(module: Module) -> Iterator[str]:
    """Name functions longer than the house allows."""
    for function in module.functions:
        if (lines := length(function)) > MAX_LINES:
            yield f"{module.path}:{function.lineno} {function.name} has {lines} lines; at most {MAX_LINES}, divide it"


def long_on_the_whole(modules: Iterable[Module]) -> Iterator[str]:
    """Say when functions are too long taken together; a handful has no distribution."""
    lengths = [length(function) for module in modules for function in module.functions]
    if len(lengths) < MAX_LINES:
        return
    if (middle := median(lengths)) > MEDIAN_LINES:
        yield f"the median function has {middle} lines; at most {MEDIAN_LINES}"
    if (high := quantiles(lengths, n=20, method="inclusive")[-1]) > P95_LINES:
        yield f"the 95th percentile of functions is {high} lines; at most {P95_LINES}"


def long_file(module: Module) -> Iterator[str]:
    """Name a file longer than the house allows."""
    limit = PAGE_LINES if module.path.startswith("pages/") else FILE_LINES
    if (lines := len(module.text.splitlines())) > limit:
        yield f"{module.path} has {lines} lines; at most {limit}, divide it by purpose"


def unannotated(module: Module) -> Iterator[str]:
    """Name each function that leaves a parameter or its result without a type."""
    methods = {
        child for node in module.nodes if isinstance(node, ast.ClassDef)
        for child in node.body if isinstance(child, FunctionNode) and not _is_static(child)
    }  # fmt: skip
    for function in module.functions:
        bare = [argument.arg for argument in _arguments(function)[function in methods :] if argument.annotation is None]
        missing = [*bare, *(["its result"] if function.returns is None else [])]
        if missing:
            yield f"{module.path}:{function.lineno} {function.name} does not say the type of {', '.join(missing)}"


def _is_static(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "staticmethod" for node in function.decorator_list)


def _arguments(function: FunctionNode) -> list[ast.arg]:
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, spec.vararg, *spec.kwonlyargs, spec.kwarg]
    return [argument for argument in every if argument is not None]


def purposeless(module: Module) -> Iterator[str]:
    """Name a module whose first line is not a docstring of one sentence."""
    first = (ast.get_docstring(module.tree) or "").partition("\n")[0]
    if not re.fullmatch(r"[^a-z\s](?:(?![.!?] [A-Z]).)*\.", first):
        yield f'{module.path} must start with its one purpose in one sentence, """Like this."""; it starts {first!r}'


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """Return what `a.b.c` stands for once the module's imports are taken into account."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value, names)):
        return f"{base}.{node.attr}"
    return None


def _imported(module: Module) -> Iterator[tuple[str, str]]:
    """Yield each imported name as the module writes it, with what it stands for."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _used(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and full name of every foreign thing a module uses."""
    names = dict(_imported(module))
    for node in module.nodes:
        if isinstance(node, ast.Name | ast.Attribute) and (name := _dotted(node, names)):
            yield node.lineno, name


def clock_readings(module: Module) -> Iterator[str]:
    """Name each place that reads the time by itself."""
    for line, name in _used(module) if module.path != CLOCK_HOME else ():
        if name in CLOCKS:
            yield f"{module.path}:{line} reads {name}; take `now` as a parameter (only {CLOCK_HOME} reads the clock)"


def random_draws(module: Module) -> Iterator[str]:
    """Name each place that draws from a generator nobody passed in."""
    for line, name in _used(module):
        if name in IDS and module.path != IDS_HOME:
            yield f"{module.path}:{line} draws {name}; new ids come from {IDS_HOME}"
        package, _, drawn = name.rpartition(".")
        if package in {"random", "numpy.random"} and drawn not in PASSED_IN:
            yield f"{module.path}:{line} draws {name}; take a seeded generator as a parameter"


def broad_excepts(module: Module) -> Iterator[str]:
    """Name each place that catches everything."""
    for node in module.nodes if module.path not in BROAD_EXCEPT_HOMES else ():
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type)):
            yield f"{module.path}:{node.lineno} catches everything; name the errors it expects"
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("suppress")
            and any(map(_is_broad, node.args))
        ):
            yield f"{module.path}:{node.lineno} suppresses everything; name the errors it expects"


def _is_broad(expression: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id in BROAD for node in ast.walk(expression))


def streamlit_imports(module: Module) -> Iterator[str]:
    """Name a module that knows streamlit and is not a screen."""
    if module.path == "Home.py" or module.path.startswith(("pages/", "core/ui/")):
        return
    for _, name in _imported(module):
        if name.split(".")[0].startswith("streamlit"):
            yield f"{module.path} imports {name}; only Home.py, pages/ and core/ui/ know streamlit"


def empty_names(module: Module) -> Iterator[str]:
    """Name a module or package whose name says nothing."""
    words = set(re.split(r"[/_.]", module.path))
    if said := words & EMPTY_NAMES:
        yield f"{module.path} is named {', '.join(sorted(said))}; name it for what it does"


def unfinished(path: str, text: str) -> Iterator[str]:
    """Name each mark of unfinished work and each path of somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if mark := LEFTOVERS.search(line):
            yield f"{path}:{number} still says {mark[0]}; finish it or write an issue"
        if mark := MACHINE_PATHS.search(line):
            yield f"{path}:{number} names the machine path {mark[0]}"
