"""Holds every module to the rules of the house, and every rule to a snippet that breaks it."""

from collections.abc import Callable, Iterator

import house_rules
import pytest
from house_source import Module, own_texts, product_modules

Rule = Callable[[Module], Iterator[str]]

RULES: tuple[Rule, ...] = (
    house_rules.long_functions,
    house_rules.long_file,
    house_rules.unannotated,
    house_rules.purposeless,
    house_rules.clock_readings,
    house_rules.random_draws,
    house_rules.broad_excepts,
    house_rules.streamlit_imports,
    house_rules.empty_names,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    breaches = [breach for module in product_modules() for breach in rule(module)]
    assert not breaches, "\n".join(breaches)


def test_functions_are_short_on_the_whole() -> None:
    assert not list(house_rules.long_on_the_whole(product_modules()))


def test_no_file_holds_unfinished_marks_or_machine_paths() -> None:
    breaches = [breach for path, text in own_texts() for breach in house_rules.unfinished(path, text)]
    assert not breaches, "\n".join(breaches)


def test_the_walk_finds_the_product() -> None:
    paths = {module.path for module in product_modules()}
    assert {"core/__init__.py", "core/clock.py", "core/errors.py", "core/settings.py"} <= paths


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house_rules.long_functions, "core/a.py", "def f():\n" + "    x = 1\n" * 40),
        (house_rules.long_file, "core/a.py", "x = 1\n" * 301),
        (house_rules.long_file, "pages/a.py", "x = 1\n" * 81),
        (house_rules.unannotated, "core/a.py", "def f(x) -> int: ..."),
        (house_rules.unannotated, "core/a.py", "def f(x: int): ..."),
        (house_rules.unannotated, "core/a.py", "def f(*, x=1) -> int: ..."),
        (house_rules.unannotated, "core/a.py", "async def f(*x) -> int: ..."),
        (house_rules.unannotated, "core/a.py", "class A:\n    def f(self, x) -> int: ..."),
        (house_rules.unannotated, "core/a.py", "class A:\n    @staticmethod\n    def f(x) -> int: ..."),
        (house_rules.unannotated, "core/a.py", "def f() -> int:\n    def g(x) -> int: ..."),
        (house_rules.purposeless, "core/a.py", "import os"),
        (house_rules.purposeless, "core/a.py", '"""No end"""'),
        (house_rules.purposeless, "core/a.py", '"""One thing. And another."""'),
        (house_rules.clock_readings, "core/a.py", "from datetime import datetime\nx = datetime.now()"),
        (house_rules.clock_readings, "core/a.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)"),
        (house_rules.clock_readings, "core/a.py", "from datetime import datetime\ndef f(now=datetime.utcnow): ..."),
        (house_rules.clock_readings, "core/a.py", "from datetime import date\nx = date.today()"),
        (house_rules.clock_readings, "core/a.py", "from time import time as t\nx = t()"),
        (house_rules.clock_readings, "core/a.py", "from sqlalchemy import func\nx = func.now()"),
        (house_rules.random_draws, "core/a.py", "import random\nx = random.choice([1])"),
        (house_rules.random_draws, "core/a.py", "from random import shuffle\nshuffle([1])"),
        (house_rules.random_draws, "core/a.py", "import numpy as np\nx = np.random.normal()"),
        (house_rules.random_draws, "core/a.py", "from uuid import uuid4\nx = uuid4()"),
        (house_rules.broad_excepts, "core/a.py", "try: ...\nexcept: ..."),
        (house_rules.broad_excepts, "core/a.py", "try: ...\nexcept Exception as error: ..."),
        (house_rules.broad_excepts, "core/a.py", "try: ...\nexcept (OSError, BaseException): ..."),
        (house_rules.broad_excepts, "core/a.py", "import contextlib\nwith contextlib.suppress(Exception): ..."),
        (house_rules.streamlit_imports, "core/a.py", "import streamlit as st"),
        (house_rules.streamlit_imports, "core/services/a.py", "def f():\n    from streamlit.runtime import x"),
        (house_rules.empty_names, "core/storage/utils.py", ""),
        (house_rules.empty_names, "core/job_manager.py", ""),
        (house_rules.empty_names, "core/common/a.py", ""),
    ],
)
def test_a_rule_names_the_place_of_a_breach(rule: Rule, path: str, text: str) -> None:
    breaches = list(rule(Module(path, text)))
    assert len(breaches) == 1
    assert path in breaches[0]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house_rules.long_functions, "core/a.py", 'def f():\n    """' + "\n" * 60 + '    """\n' + "    x = 1\n" * 39),
        (house_rules.long_functions, "core/a.py", "@g(\n" + "    1,\n" * 60 + ")\ndef f(): ..."),
        (house_rules.unannotated, "core/a.py", "class A:\n    def f(self, x: int) -> int: ..."),
        (house_rules.clock_readings, "core/clock.py", "from datetime import datetime\nx = datetime.now()"),
        (house_rules.clock_readings, "core/a.py", "import time\nx = time.monotonic()"),
        (house_rules.clock_readings, "core/a.py", "def f(clock: Clock) -> int:\n    return clock.now()"),
        (
            house_rules.random_draws,
            "core/a.py",
            "import random\ndef f(rng: random.Random) -> float: return rng.random()",
        ),
        (house_rules.random_draws, "core/storage/ids.py", "from uuid import uuid4\nx = uuid4()"),
        (house_rules.broad_excepts, "core/engine/runner.py", "try: ...\nexcept Exception: ..."),
        (house_rules.broad_excepts, "core/a.py", "try: ...\nexcept OSError: ..."),
        (house_rules.streamlit_imports, "core/ui/a.py", "import streamlit"),
    ],
)
def test_a_rule_lets_good_code_pass(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Module(path, text)))


def functions_of(lengths: list[int]) -> Module:
    return Module(
        "core/a.py", "\n".join(f"def f{n}():" + "\n    x = 1" * (lines - 1) for n, lines in enumerate(lengths))
    )


@pytest.mark.parametrize(
    ("lengths", "breach"),
    [
        ([8] * 60, "the median function has 8.0 lines; at most 7"),
        ([5] * 50 + [36] * 10, "the 95th percentile of functions is 36.0 lines; at most 30"),
    ],
)
def test_long_functions_are_noticed_together(lengths: list[int], breach: str) -> None:
    assert list(house_rules.long_on_the_whole([functions_of(lengths)])) == [breach]


def test_a_few_long_functions_among_short_ones_pass() -> None:
    assert not list(house_rules.long_on_the_whole([functions_of([5] * 59 + [40])]))


@pytest.mark.parametrize(
    "line", ["# TO" + "DO: later", "# FIX" + "ME", "X" + "XX", "open('/ro" + "ot/x')", "/ho" + "me/ann/x"]
)
def test_unfinished_marks_and_machine_paths_are_named_with_their_line(line: str) -> None:
    (breach,) = house_rules.unfinished("core/a.py", f"x = 1\n{line}\n")
    assert breach.startswith("core/a.py:2 ")


@pytest.mark.parametrize("line", ["https://example.com/home/page", "tests/home/page", "a todo list"])
def test_ordinary_text_is_not_unfinished(line: str) -> None:
    assert not list(house_rules.unfinished("core/a.py", line))
