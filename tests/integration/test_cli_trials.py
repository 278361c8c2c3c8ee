"""The command that analyzes a trial: what it prints for every kind of file, and what it says of bad ones."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from core.cli.main import app
from core.settings import ROOT

SUMS = {
    "arms": [
        {"name": "usual", "n": 3407, "sum": 1396.87, "sumsq": 52377.9767},
        {"name": "tuesday", "n": 3461, "sum": 2422.7, "sumsq": 134698.29},
    ]
}


def analyze(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["trial", "analyze", str(path), *arguments])


def written(tmp_path: Path, content: object, name: str = "trial.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def found(tmp_path: Path, content: object, name: str = "trial.json", *arguments: str) -> Any:
    done = analyze(written(tmp_path, content, name), "--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def table(n: int = 200, lift: float = 0.0, **columns: list[str]) -> str:
    rng = np.random.default_rng(1)
    arms = rng.permutation(np.repeat(["usual", "evening"], n // 2))
    values = np.exp(rng.normal(4, 1, n) + np.where(arms == "evening", np.log1p(lift), 0)).round(3)
    lines = [",".join(["unit", "arm", "value", *columns])]
    lines += [",".join([str(i), arms[i], str(values[i]), *(each[i] for each in columns.values())]) for i in range(n)]
    return "\n".join(lines)


def test_sums_give_effects_interval_posterior_and_verdict(tmp_path: Path) -> None:
    answer = found(tmp_path, SUMS)
    (one,) = answer["comparisons"]
    assert one["relative"]["effect"]["estimate"] == pytest.approx(0.70732, abs=1e-5)
    assert one["relative"]["interval"] == pytest.approx([-0.03526, 1.44989], abs=1e-5)
    assert one["absolute"]["p"] == pytest.approx(0.02016, abs=1e-5)
    assert one["verdict"] == "too little data"
    assert "needs about" in one["sentence"]
    assert one["posts"]["ranks"] == {"undefined": "This needs the posts themselves, not their sums."}


def test_what_was_known_before_is_shown_by_a_line_of_its_own_where_it_is_known(tmp_path: Path) -> None:
    before = {"before_sum": 22.7, "before_sumsq": 1348.29, "before_product": 1}
    with_before = {"arms": [arm | before for arm in SUMS["arms"]]}
    assert re.search(
        r"^  by CUPED: 0\.7\d+ \(.+ to .+\), p = ", analyze(written(tmp_path, with_before)).output, re.MULTILINE
    )
    assert "CUPED" not in analyze(written(tmp_path, SUMS)).output


def test_the_example_of_the_readme_is_answered(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"cat > trial.json <<'END'\n(.*?)END\n", readme, re.DOTALL)
    assert found(tmp_path, example)["arms"][0] == {"name": "usual", "n": 3407, "missing": 0} | {
        "estimate": pytest.approx(0.41), "sd": pytest.approx(3.9)
    }  # fmt: skip


def test_a_table_of_posts_is_decided_by_geometric_means(tmp_path: Path) -> None:
    answer = found(tmp_path, table(lift=1.0), "posts.csv", "--control", "usual")
    (one,) = answer["comparisons"]
    assert (one["arm"], one["against"], one["verdict"]) == ("evening", "usual", "won")
    assert one["posts"]["logs"]["lift"] == pytest.approx(1.0, abs=0.5)
    assert one["posts"]["permuted"]["p"] < 0.001
    assert [arm["n"] for arm in answer["arms"]] == [100, 100]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    head, *lines = table().splitlines()
    first = found(tmp_path, "\n".join([head, *lines]), "a.csv")
    second = found(tmp_path, "\n".join([head, *lines[::-1]]), "b.csv")
    assert first["comparisons"][0]["p"] == pytest.approx(second["comparisons"][0]["p"], rel=1e-9)


def test_cases_of_the_reference_file_are_answered_or_explained(shared_data: Path) -> None:
    done = analyze(shared_data / "ab_reference_cases.json", "--json")
    assert done.exit_code == 0
    answers = {case["id"]: case for case in json.loads(done.stdout)}
    assert answers["R03"]["result"]["comparisons"][0]["relative"]["p"] == pytest.approx(0.80707, abs=1e-5)
    assert answers["R12"]["result"]["p"] == pytest.approx(2.0079e-05, abs=1e-9)
    assert answers["R30"]["result"]["power"] == pytest.approx(0.1359562887679666, abs=1e-9)
    assert answers["R39"]["result"]["comparisons"][0]["shares"]["p"] == pytest.approx(0.074866, abs=1e-6)
    assert answers["R02"]["result"]["comparisons"][0]["absolute"]["p"] == pytest.approx(0.02016, abs=1e-5)
    assert answers["R46"]["result"]["chi_square"] == pytest.approx(11.11938768628861, abs=1e-9)
    assert (answers["R04"]["result"]["taken_from"], answers["R06"]["result"]["taken_from"]) == ("R02", "R04")
    assert answers["R06"]["result"]["comparisons"][0]["relative"]["p"] == pytest.approx(0.0655826, abs=1e-6)
    assert answers["R48"]["result"]["p"] == pytest.approx(0.695, abs=5e-4)
    for without_data in ("R08", "R26", "R44", "R45", "R49", "R50", "R51", "R52"):
        assert re.search("write two arms", answers.pop(without_data)["error"])
    assert [name for name, answer in answers.items() if "error" in answer] == []


def test_designs_and_looks_of_the_reference_file_have_their_published_numbers(shared_data: Path) -> None:
    answers = {case["id"]: case.get("result") for case in json.loads(
        analyze(shared_data / "ab_reference_cases.json", "--json").stdout
    )}  # fmt: skip
    assert answers["R19"]["power"] == pytest.approx(0.52144, abs=1e-5)
    assert answers["R20"]["detectable_lift"] == pytest.approx(0.07027, abs=1e-5)
    assert answers["R21"]["sequential_power"] == pytest.approx(0.072, abs=5e-4)
    assert answers["R21"]["sequential_power_by_growthbooks_convention"] == pytest.approx(0.20596, abs=2e-5)
    assert answers["R34"]["posts_per_arm"] == pytest.approx(22.0211, abs=1e-4)
    assert answers["R35"]["posts_total"] == pytest.approx(39906, abs=1)
    assert answers["R37"]["posts_total"]["unpooled"] == pytest.approx(366424, abs=1832)
    assert answers["R54"]["constant"]["pocock"] == pytest.approx(2.413, abs=1e-3)
    assert answers["R56"]["any_rejection"] == pytest.approx([0.083, 0.142, 0.193], abs=5e-4)
    assert answers["R57"]["posts_per_arm"]["control"] == pytest.approx(1030, abs=1.5)


@pytest.mark.parametrize(
    ("case", "path", "number"),
    [
        # R, power.t.test help: power.t.test(power = .90, delta = 1, alternative = "one.sided")
        ({"input": "power=.9, delta=1, one-sided"}, ["posts_per_arm"], 17.84713),
        ({"input": 'power=.90, delta=1, alternative = "one.sided"'}, ["posts_per_arm"], 17.84713),
        # R, power.prop.test help: power.prop.test(p1 = .5, p2 = .501, sig.level = .001, power = 0.90)
        ({"input": "p1=.5, p2=.501, sig.level=.001, power=.90"}, ["posts_per_arm", "pooled"], 10451937),
        ({"input": "n=50, p1=.5, power=.9"}, ["detectable_p2"], 0.80263),
        # R, pwr.2p.test help: h = 0.3, n = 80, greater
        ({"input": "h=.3, n=80, greater"}, ["power"], 0.5996777),
        ({"input": "h=.3, power=.8"}, ["posts_per_arm"], 174.42),
        ({"input": "d=-.5, n=64, one-sided"}, ["power"], 0.87866),
        ({"input": "n=20, power=.9, sd=2"}, ["detectable"], 2.10399),
        # Jennison & Turnbull (2000), table 2.3
        ({"input": "K=5", "topic": "O'Brien-Fleming"}, ["constant", "obrien_fleming"], 2.040),
        ({"input": "looks=[2,5,10]"}, ["any_rejection", 1], 0.142),
        # statsmodels, proportions_ztest help: two shares
        ({"input": "count=[5, 12], nobs=[83, 99]"}, ["p"], 0.159),
        # Benjamini & Hochberg (1995), section 3.2
        (
            {"input": "p=[.0001,.0004,.0019,.0095,.0201,.0278,.0298,.0344,.0459,.324,.4262,.5719,.6528,.759,1]"},
            ["rejected", "benjamini_hochberg"], 4,
        ),
        ({"input": "abs_mde=.3,variance=100,power=.85"}, ["posts_total"], 39906),
        ({"input": "conversion rate 20 %; relative lift 25 %", "power": 0.8}, ["posts_per_arm", "control"], 1030.2),
        ({"input": "users=[100,115]"}, ["p"], 0.3063),
        # R, t.test help: the paired test of sleep
        (
            {"input": "[.7,-1.6,-.2,-1.2,-.1,3.4,3.7,.8,0,2] vs [1.9,.8,1.1,.1,-.1,4.4,5.5,1.6,4.6,3.4]",
             "topic": "paired t"},
            ["paired", "statistic"], -4.0621,
        ),
        # the posterior of 49 and 51 of 100 (lift 0.04082, sd 0.14725, GrowthBook) after N(0, 0.3^2): 0.04082 * 0.80587
        ({"input": "49/100 vs 51/100", "topic": "Bayes, prior mean 0 sd 0.3"},
         ["comparisons", 0, "posterior", "mean"], 0.03289),
        ({"input": "49/100 vs 51/100", "topic": "Bayes, prior ~ N(0.1, 0.3\u00b2)"},
         ["comparisons", 0, "posterior", "mean"], 0.05230),
        ({"input": "49/100 vs 51/100", "prior_mean": 0.1, "prior_sd": 0.3},
         ["comparisons", 0, "posterior", "mean"], 0.05230),
        ({"input": "14/28 vs 16/30", "topic": "one-sided", "quantity": "p (H1 less)"},
         ["comparisons", 0, "relative", "p"], 1 - 0.80707 / 2),
    ],
)  # fmt: skip
def test_a_case_in_other_words_is_answered(
    case: dict[str, Any], path: list[Any], number: float, tmp_path: Path
) -> None:
    (answer,) = found(tmp_path, [{"id": "x"} | case])
    value = answer["result"]
    for step in path:
        value = value[step]
    assert value == pytest.approx(number, rel=5e-4, abs=5e-4)


def test_same_stands_for_the_input_before(tmp_path: Path) -> None:
    _, again = found(tmp_path, [{"input": "d=1,n=30"}, {"input": "Same", "topic": "paired"}])
    assert again["result"]["power"] == pytest.approx(0.9995, abs=1e-3)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("users=3, weights=[0.5]", "input, users: give a list in brackets"),
        ("users=[3, 4], weights=[1]", "give one weight for each"),
        ("p=[0.1, 7]", "input, p: give numbers from 0 to 1"),
        ("d=1,n=0", "input, n: give a number from 2 on"),
        ("d=1,n=30,m=2", "(got 'm=2')"),
        ("d=1,n=30,d=2", "input, d: say it once"),
        ("d=1,100", "say what 100 is"),
        ("d=1,n=1,00", "say what 0 is"),
        ("d=1,n1=20", "one of the README's lines (got 'd, n1')"),
        ("abs MDE .3", "give variance, sd or baseline beside it"),
        ("d=-.5,n=64,greater", "the effect lies on the other side"),
        ("K=0", "input, looks: give whole numbers up to 200"),
        ("K=5, one-sided", "give a two-sided alpha"),
        ("K=5, alpha=1e-9", "input, alpha: give 0.0001 to 0.5"),
        ("baseline 99 %, lift 10 %", "input, p2: give a number between 0 and 1"),
        ("users=[3, 4], weights=[0, 0]", "one above 0"),
        ("d=1e999,n=5", "give numbers up to 1e+40"),
        ("1," * 1000, "200 numbers at most"),
        ("sum=1,sumsq=2,n=3 vs 1,2", "give sum, sumsq, n, or name what there is"),
        ("p1=2,p2=.5,n=9", "input, p1: give a number between 0 and 1"),
        ("5,9 of 4", "as many totals as counts"),
        ("9/4 vs 1/5", "arms[0].successes: give at most n"),
        ("n=1.2.3", "(got 'n=1.2.3')"),
        ("", "write two arms"),
    ],
)
def test_a_case_that_makes_no_sense_says_why(told: str, words: str, tmp_path: Path) -> None:
    (answer,) = found(tmp_path, [{"id": "x", "input": told}])
    assert words in answer["error"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[1, 2", "file:"),
        ({"arms": []}, "give two arms or more (got '0')"),
        ({}, "give either arms or posts"),
        ({"arms": [{"name": "a", "n": -1, "sum": 0, "sumsq": 0}]}, "arms[0].n: give a number from 0 on (got '-1')"),
        ({"arms": [{"name": "a", "n": 5, "successes": 9}]}, "arms[0].successes: give at most n (got '9')"),
        ({"arms": [{"name": "a", "values": [1, "x"]}]}, "arms[0].values[1]: give a finite number (got 'x')"),
        ({"arms": [{"name": "a", "values": [1e300]}]}, "arms[0].values[0]: give 0 or a number from 1e-40 to 1e+40"),
        ({"arms": SUMS["arms"], "alpha": 2}, "alpha: give 0.0001 to 0.5: 0.05 is an interval of 95 % (got '2')"),
        ({"arms": SUMS["arms"], "metric": "median"}, "give one of mean, proportion, ratio (got 'median')"),
        ({"arms": SUMS["arms"], "control": "x"}, "control: name one of the arms: usual, tuesday (got 'x')"),
        ({"arms": SUMS["arms"], "colour": 1}, "colour: leave it out"),
        ({"posts": [{"arm": "a", "value": 1}, {"value": 2}]}, "posts[1].arm: it must be given"),
    ],
)
def test_a_bad_file_is_refused_with_place_value_and_remedy(content: object, words: str, tmp_path: Path) -> None:
    done = analyze(written(tmp_path, content), "--json")
    assert done.exit_code == 1
    assert words in json.loads(done.stdout)["error"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("arm|value\na|1", "header: name the columns"),
        ("arm,value\na,1\nb,many", "line 3, value: give a number with a decimal point (got 'many')"),
        ("arm,value\n,1\nb,2", "posts[0].arm: say which arm"),
        ("arm,value\na,inf\nb,2", "posts[0].value: give a finite number"),
        ("arm,value\na,1\nb,1e300", "posts[1].value: give a finite number of ordinary size"),
        ("unit,arm,value\n1,a,1\n1,b,2", "posts[0].unit: give each post once (got '1')"),
        ("", "file:"),
    ],
)
def test_a_bad_table_is_refused_with_place_value_and_remedy(content: str, words: str, tmp_path: Path) -> None:
    done = analyze(written(tmp_path, content, "posts.csv"), "--json")
    assert done.exit_code == 1
    assert words in json.loads(done.stdout)["error"]


AWKWARD: dict[str, Any] = {
    "empty arm": [{"name": "a", "n": 0, "sum": 0, "sumsq": 0}, {"name": "b", "n": 9, "sum": 9, "sumsq": 30}],
    "one post": [{"name": "a", "values": [3]}, {"name": "b", "values": [1, 2, 3]}],
    "no variance": [{"name": "a", "values": [2, 2, 2]}, {"name": "b", "values": [2, 2]}],
    "all zeros": [{"name": "a", "n": 9, "successes": 0}, {"name": "b", "n": 9, "successes": 0}],
    "negative": [{"name": "a", "values": [-1, -2, -4]}, {"name": "b", "values": [-3, -2, -9]}],
    "no posts at all": [{"name": "a", "values": []}, {"name": "b", "values": []}],
    "hardly doubles": [{"name": "a", "values": [1e39, -1e39, 2]}, {"name": "b", "values": [1, 2, 3]}],
    "zero denominators": [
        {"name": name, "n": 4, "sum": 9, "sumsq": 30, "denominator_sum": 0, "denominator_sumsq": 0, "product_sum": 0}
        for name in "ab"
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_what_cannot_be_known_is_undefined_with_its_reason(name: str, tmp_path: Path) -> None:
    answer = found(tmp_path, {"arms": AWKWARD[name]})
    (one,) = answer["comparisons"]
    assert one["relative"]["undefined"].endswith(".")
    assert one["p_holm"] == one["primary"]
    assert one["verdict"] == "too little data"
    assert analyze(written(tmp_path, {"arms": AWKWARD[name]})).exit_code == 0


def test_arms_of_one_to_a_thousand_are_a_mismatch_unless_meant(tmp_path: Path) -> None:
    arms = [{"name": "a", "n": 1000, "successes": 100}, {"name": "b", "n": 1, "successes": 1}]
    assert "sample_ratio" in found(tmp_path, {"arms": arms})["findings"]
    weights = [{**arms[0], "weight": 1000}, {**arms[1], "weight": 1}]
    assert "sample_ratio" not in found(tmp_path, {"arms": weights})["findings"]


def test_a_metric_missing_for_half_is_a_finding(tmp_path: Path) -> None:
    head, *lines = table().splitlines()
    halved = [line if number % 2 else line.rpartition(",")[0] + "," for number, line in enumerate(lines)]
    answer = found(tmp_path, "\n".join([head, *halved]), "posts.csv")
    assert answer["findings"]["censoring"]["sentence"].startswith("100 of 200 posts have no outcome")


def test_several_arms_are_corrected_together(tmp_path: Path) -> None:
    arms = [{"name": str(number), "n": 500, "successes": 100 + 12 * number} for number in range(4)]
    answer = found(tmp_path, {"arms": arms, "control": "0"})
    for one in answer["comparisons"]:
        assert one["p_holm"] >= one["p_benjamini_hochberg"] >= one["primary"]["p"] - 1e-12


def test_people_get_sentences(tmp_path: Path) -> None:
    done = analyze(written(tmp_path, table(lift=1.0), "posts.csv"), "--control", "usual")
    assert "WON: evening beats usual by about" in done.stdout
