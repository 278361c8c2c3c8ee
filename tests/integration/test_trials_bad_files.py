"""Files for `slotwise trial analyze` that nobody hopes for: an answer, Undefined, or place, value and remedy."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from core.cli.main import app

HALF = [value / 100 for value in range(1, 41)]


def analyzed(tmp_path: Path, name: str, content: object, *arguments: str) -> Result:
    path = tmp_path / name
    if isinstance(content, pl.DataFrame):
        content.write_parquet(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return CliRunner().invoke(app, ["trial", "analyze", str(path), *arguments])


def answered(tmp_path: Path, name: str, content: object, *arguments: str) -> Any:
    done = analyzed(tmp_path, name, content, "--json", *arguments)
    assert done.exit_code == 0, done.output
    plain = analyzed(tmp_path, name, content, *arguments)
    assert plain.exit_code == 0
    return json.loads(done.stdout)


def arms(first: dict[str, Any], second: dict[str, Any], **plan: object) -> dict[str, Any]:
    return {"arms": [{"name": "a"} | first, {"name": "b"} | second], **plan}


def posts(**columns: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def drawn(n: int, **columns: list[Any]) -> dict[str, list[Any]]:
    return {"arm": ["usual", "evening"] * (n // 2), "value": list(range(1, n + 1))} | columns


def verdict(answer: Any) -> tuple[str, str]:
    return answer["comparisons"][0]["verdict"], answer["comparisons"][0]["sentence"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (arms({"values": HALF, "weight": 0}, {"values": HALF, "weight": 0}), "weights: give an arm a weight above 0"),
        (arms({"values": HALF, "weight": 1e300}, {"values": HALF}), "arms[0].weight: give 0 or a number"),
        (arms({"values": HALF, "missing": 10**18}, {"values": HALF}), "arms[0].missing: give 1,000,000,000,000,000"),
        (arms({"n": 10**39, "sum": 1, "sumsq": 1}, {"n": 9, "sum": 1, "sumsq": 1}), "arms[0].n: give 1,000,000"),
        (arms({"n": 9, "successes": 2.5}, {"n": 9, "successes": 1}), "arms[0].successes: give a whole number"),
        (arms({"values": "x", "before": [1]}, {"values": [1]}), "arms[0].values: give a list in brackets"),
        (arms({"values": HALF}, {"values": HALF}, detect=1e-30), "detect: give a lift from 0.001 to 100"),
        (arms({"values": HALF}, {"values": HALF}, prior_sd=1e-300), "prior_sd: give 0 or a number"),
        (arms({"values": HALF}, {"values": HALF}, weights={"a": 1}), "weights: give each arm its weight"),
        (arms({"values": HALF}, {"values": HALF}, primary="absolute", prior_mean=1), "prior_sd: give it beside"),
        (arms({"values": HALF}, {"values": HALF}, metric="ratio"), "metric: give n and successes for a proportion"),
        ({"arms": [{"name": " ", "values": [1]}, {"name": "b", "values": [1]}]}, "name: give a name that can be"),
        (
            '{"arms": [{"name": "\\ud800", "values": [1]}, {"name": "b", "values": [2]}]}',
            "name: give a name that can be",
        ),
        ('{"arms": [], "arms": []}', "'arms' stands twice in one object"),
        ({"posts": posts(arm=["a", "b"], value=[1, 2], day=["\ud800", "x"])}, "posts[0].day: give whole characters"),
        ({"posts": posts(arm=["a", "b"], value=[1, 2]), "weights": {"c": 1}}, "weights: name only the arms: a, b"),
        ({"posts": posts(arm=["a", "b"], value=[1, 2]), "metric": "ratio"}, "denominator: give it for the posts"),
    ],
)
def test_what_makes_no_sense_is_refused(content: object, words: str, tmp_path: Path) -> None:
    done = analyzed(tmp_path, "trial.json", content, "--json")
    assert (done.exit_code, words in json.loads(done.stdout)["error"]) == (1, True), done.stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", "arm,value,value\na,1,2\nb,2,3\n", "header: name the column value once"),
        ("t.csv", "arm,Arm,value\na,a,2\nb,b,3\n", "header: name the column arm once"),
        ("t.csv", "arm|value\na|1\n", "header: name the columns arm and value (got 'arm|value')"),
        ("t.csv", "arm,value\n", "arms: give two arms or more"),
        ("t.csv", "arm,value\n\x1b[2J,1\nb,2\n", "arms: give names that can be printed"),
        ("t.csv", "arm,value\na,0x10\nb,2\n", "line 2, value: give a number with a decimal point (got '0x10')"),
        ("t.csv", "arm,value\na,1e999\nb,2\n", "posts[0].value: give a finite number"),
        ("t.csv", "arm,value\nü,1\n".encode("latin-1"), "in UTF-8"),
        ("t.csv", "arm,value\na,1\n".encode("utf-16"), "in UTF-8"),
        ("t.parquet", b"PAR1 is what it begins with", "file: give a Parquet file"),
        ("t.parquet", b"", "file: give a Parquet file"),
        ("t.parquet", pl.DataFrame({"arm": ["a"], "value": [[1.0]]}), "column value: give numbers"),
        ("t.parquet", pl.DataFrame({"arm": ["a"], "value": [date(2026, 1, 1)]}), "column value: give numbers"),
        ("t.parquet", pl.DataFrame({"arm": [b"\xff"], "value": [1.0]}), "column arm: give words"),
        ("t.parquet", pl.DataFrame({"arm": ["a", "b"], "value": [1.0, float("inf")]}), "posts[1].value: give a finite"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(name: str, content: object, words: str, tmp_path: Path) -> None:
    done = analyzed(tmp_path, name, content, "--json")
    assert (done.exit_code, words in json.loads(done.stdout)["error"]) == (1, True), done.stdout


def test_the_same_posts_are_the_same_in_every_kind_of_file(tmp_path: Path) -> None:
    told = pl.DataFrame(drawn(60))
    first = answered(tmp_path, "a.json", {"posts": told.to_dicts(), "control": "usual"})
    capitals = told.rename({"arm": " Arm", "value": "VALUE "}).write_csv()
    texts = told.with_columns(pl.col("value").cast(pl.String), pl.col("arm").cast(pl.Categorical))
    for name, content in (
        ("b.csv", "\ufeff" + capitals),
        ("c.tsv", told.write_csv(separator="\t")),
        ("d.parquet", texts),
        ("e.csv", told.write_csv(separator=";").replace(".", ",")),
    ):
        assert answered(tmp_path, name, content, "--control", "usual") == first


def test_blank_lines_are_no_posts_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    told = "arm,value\r\na,1\r\n\r\nb,2\r\na,3\r\nb,4\r\n\r\n"
    assert [arm["n"] + arm["missing"] for arm in answered(tmp_path, "t.csv", told)["arms"]] == [2, 2]
    assert "line 5, value: " in analyzed(tmp_path, "t.csv", told.replace("a,3", "a,x")).stderr
    assert "say which arm" in analyzed(tmp_path, "t.csv", "arm,value,note\na,1,\n,,late\nb,2,\n").stderr


def test_nan_is_an_outcome_that_is_not_known(tmp_path: Path) -> None:
    values = [float("nan") if number < 6 else float(number) for number in range(60)]
    answer = answered(tmp_path, "t.parquet", pl.DataFrame(drawn(60, value=values)))
    assert [arm["missing"] for arm in answer["arms"]] == [3, 3]


def test_days_may_be_dates_and_cross_a_change_of_the_clock(tmp_path: Path) -> None:
    days = [date(2026, 3, 20) + timedelta(days=number // 2) for number in range(40)]
    arm = [("usual", "evening")[number // 6 % 2] for number in range(40)]
    rows = pl.DataFrame(drawn(40, arm=arm, day=days, value=[(7 * number) % 11 for number in range(40)]))
    steady = answered(tmp_path, "t.parquet", rows)["comparisons"][0]["posts"]["without_carry_over"]
    assert (steady["treated"], steady["control"]) == (7, 6)  # of 20 days, the first and six changes left out
    assert "days whose day before had the same arm" in analyzed(tmp_path, "t.parquet", rows).stdout


def test_arms_of_unlike_shares_are_no_mismatch_where_that_was_meant(tmp_path: Path) -> None:
    table = pl.DataFrame(drawn(240, arm=["a", "a", "a", "b"] * 60)).write_csv()
    assert answered(tmp_path, "t.csv", table)["findings"]["sample_ratio"]["severity"] == "invalid"
    told = answered(tmp_path, "t.csv", table, "--weight", "a=3", "--weight", "b=1")
    assert "sample_ratio" not in told["findings"]
    for wrong in ("a", "a=nan", "a=-1"):
        assert analyzed(tmp_path, "t.csv", table, "--weight", wrong).exit_code == 1


def test_rates_are_not_called_the_same_because_1_was_added_to_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rates = rng.uniform(0.008, 0.012, 400) * np.tile([1.0, 1.5], 200)
    word, sentence = verdict(
        answered(tmp_path, "t.parquet", pl.DataFrame(drawn(400, value=rates.tolist())), "--control", "usual")
    )
    assert (word, "by about 51 %" in sentence) == ("won", True), sentence
    logs = {"posts": pl.DataFrame(drawn(400, value=rates.tolist())).to_dicts(), "primary": "log"}
    assert "vanish beside the 1" in verdict(answered(tmp_path, "t.json", logs))[1]


def test_a_difference_in_an_unknown_unit_is_never_called_negligible(tmp_path: Path) -> None:
    small = [value / 1e4 for value in HALF]
    answer = answered(tmp_path, "t.json", arms({"values": small}, {"values": small[::-1]}, primary="absolute"))
    assert verdict(answer)[0] == "too little data"
    assert "depends on the unit" in answer["comparisons"][0]["posterior"]["equivalence"]["undefined"]


def test_a_handful_beside_thousands_is_not_posts_enough(tmp_path: Path) -> None:
    many = np.random.default_rng(1).random(3000).tolist()
    thin = arms({"values": many, "weight": 1000}, {"values": [0.5, 0.7, 0.2], "weight": 1})
    assert "more posts" in verdict(answered(tmp_path, "t.json", thin))[1]


@pytest.mark.parametrize("extra", [
    {"before_sum": 10, "before_sumsq": 20, "before_product": 7000},
    {"denominator_sum": 10, "denominator_sumsq": 20, "product_sum": 7000},
])  # fmt: skip
def test_more_than_perfect_correlation_is_undefined(extra: dict[str, float], tmp_path: Path) -> None:
    arm = {"n": 10, "sum": 5, "sumsq": 5} | extra
    assert "allow: one of them is wrong" in verdict(answered(tmp_path, "t.json", arms(arm, arm)))[1]


def test_sizes_beyond_percents_are_said_otherwise(tmp_path: Path) -> None:
    far = arms({"values": [-1e6, -1e6 + 1]}, {"values": [1e6, 1e6 + 1]}, primary="logged")
    assert "by about a factor of e^2e+06" in verdict(answered(tmp_path, "t.json", far))[1]
    near = arms({"n": 10**9, "sum": 5 * 10**9, "sumsq": 26 * 10**9}, {"n": 10**9, "sum": 5.001e9, "sumsq": 26e9})
    assert "by about 0.02 %" in verdict(answered(tmp_path, "t.json", near))[1]
