"""Histories that teach next to nothing, and files that are none: what the commands and an import answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bad_files import BAD, POSTS, days, usual, write
from planned_posts import StandingClock
from typer.testing import CliRunner, Result

from core.bootstrap import assemble
from core.cli.main import app
from core.history.columns import recognize
from core.history.reading import Reading
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportRequest, import_history
from core.services.recommendations import ChannelAdvice, RecommendationRequest, recommend
from core.settings import Settings
from core.vocabulary import Basis, ChannelKind

NO_HISTORY = "Published research, not your audience: you have no history here yet."
ONE_HOUR = "{posts} posts, all at about the same time of day, cannot show what other hours earn."
NO_EFFECT = "Your history shows no detectable effect of timing; any reasonable time is fine."


@dataclass(frozen=True)
class Answer:
    """What must be said of every hour: what the advice rests on, the sentence, and how wide its intervals are."""

    posts: int
    bases: frozenset[Basis]
    sentence: str
    narrowest: float
    widest: float


LEARNED = frozenset({Basis.HISTORY, Basis.BLEND})
ANSWERS = {
    "one post": Answer(0, frozenset({Basis.BASELINE}), NO_HISTORY, 0.5, 3.0),
    "two posts": Answer(1, frozenset(Basis), "1 post cannot show yet whether timing matters here.", 0.5, 3.0),
    "all at one hour": Answer(299, LEARNED, ONE_HOUR.format(posts="299"), 0.1, 1.0),
    "all zero": Answer(299, LEARNED, NO_EFFECT, 0.0, 0.1),
    "constant": Answer(299, LEARNED, NO_EFFECT, 0.0, 0.1),
    "one viral": Answer(299, LEARNED, NO_EFFECT, 0.1, 1.0),
    "a year's gap": Answer(298, LEARNED, NO_EFFECT, 0.1, 1.0),
    "one minute": Answer(9999, LEARNED, ONE_HOUR.format(posts="9,999"), 0.5, 3.0),
}


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    """Give the owner's context in an installation of its own, on SQLite."""
    house = assemble(Settings(data_dir=tmp_path / "data"), StandingClock())
    yield house.context()
    house.close()


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the commands find no installation; none may come into being."""
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "nowhere"))
    return tmp_path / "nowhere"


def run(command: str, path: Path, *arguments: str) -> Result:
    platform = ["--platform", "instagram"] if command == "recommend" else []
    return CliRunner().invoke(app, [command, str(path), *platform, *arguments])


def told(path: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run("recommend", path, "--count", "5", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    slots: list[dict[str, Any]] = json.loads(done.stdout)
    return slots


def judged(path: Path, *arguments: str) -> dict[str, Any]:
    done = run("backtest", path, "--train", "100,all", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def imported(ctx: Context, path: Path) -> ChannelAdvice:
    channel = add_channel(ctx, ChannelDraft("instagram", "Page", ChannelKind.OUTBOX, "UTC"))
    file = open_history(path, path.name)
    request = ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id=channel.id))
    import_history(ctx, file, request)
    return recommend(ctx, RecommendationRequest((channel.id,), count=5))[0]


# --- Histories that teach little or nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_that_teaches_little_is_answered_honestly(tmp_path: Path, nowhere: Path, name: str) -> None:
    expected = ANSWERS[name]
    for slot in told(write(tmp_path / "posts.csv", BAD[name]())):
        low, high = slot["interval"]["low"], slot["interval"]["high"]
        assert low < 0 < high
        assert expected.narrowest < high - low < expected.widest
        assert abs(slot["expected_lift"]) < 0.1
        assert 0.4 < slot["score"] < 0.7
        assert slot["confidence_score"] < 0.2
        assert slot["basis"] in expected.bases
        assert expected.sentence in slot["reasons"]
    assert not nowhere.exists()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_import_that_teaches_little_is_answered_honestly(ctx: Context, tmp_path: Path, name: str) -> None:
    expected = ANSWERS[name]
    advice = imported(ctx, write(tmp_path / "posts.csv", BAD[name]()))
    assert (advice.posts, advice.timing_matters) == (expected.posts, False)
    assert advice.slots
    for slot in advice.slots:
        assert slot.low < 0 < slot.high
        assert expected.narrowest < slot.high - slot.low < expected.widest
        assert abs(slot.expected_lift) < 0.1
        assert expected.sentence in slot.reasons


@pytest.mark.parametrize("name", ["one post", "two posts"])
def test_a_look_back_on_next_to_no_posts_says_how_many_it_needs(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "posts.csv", BAD[name]())
    report = judged(path)
    assert (report["accounts"], report["left_out"]) == (0, ["all posts"])
    assert set(report["methods"]["model"]["all"].values()) == {None}
    assert "posts with a known outcome needed" in run("backtest", path).stdout


@pytest.mark.parametrize("name", ["all at one hour", "all zero", "constant", "one viral", "a year's gap", "one minute"])
def test_a_look_back_on_nothing_to_find_finds_no_effect(tmp_path: Path, name: str) -> None:
    report = judged(write(tmp_path / "posts.csv", BAD[name]()))
    assert (report["accounts"], report["no_effect"]) == (1, ["all posts"])
    figures = report["methods"]["model"]["all"]
    assert abs(figures["lift_q"]) < 4 * figures["lift_q_se"] + 1e-9


@pytest.mark.parametrize("name", ["all zero", "constant"])
def test_a_look_back_on_outcomes_that_never_vary_leaves_undefined_what_divides_by_it(tmp_path: Path, name: str) -> None:
    figures = judged(write(tmp_path / "posts.csv", BAD[name]()))["methods"]["model"]["all"]
    assert (figures["lift_q"], figures["rmse_ratio"], figures["spearman"]) == (0, None, None)


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [((9, 10), ONE_HOUR), ((23, 0), ONE_HOUR), ((9, 18), NO_EFFECT), ((0, 11, 23), NO_EFFECT)],
)
def test_two_times_of_day_are_compared_and_two_hours_beside_each_other_are_one_time(
    tmp_path: Path, hours: tuple[int, ...], sentence: str
) -> None:
    moments = [at.replace(hour=hours[place % len(hours)]) for place, at in enumerate(days(POSTS))]
    for slot in told(write(tmp_path / "posts.csv", zip(moments, usual(), strict=True))):
        assert sentence.format(posts=299) in slot["reasons"]


def test_one_viral_post_moves_the_advice_no_further_than_a_good_one_would(tmp_path: Path) -> None:
    viral = told(write(tmp_path / "viral.csv", BAD["one viral"]()))
    earned = usual()
    earned[199] = max(earned)
    good = told(write(tmp_path / "good.csv", list(zip(days(POSTS), earned, strict=True))))
    assert [slot["window_start"] for slot in viral] == [slot["window_start"] for slot in good]
    assert [slot["expected_lift"] for slot in viral] == pytest.approx(
        [slot["expected_lift"] for slot in good], abs=0.02
    )


# --- Rows that cannot be ------------------------------------------------------------------------------------------


def test_posts_of_the_future_and_negative_counts_are_left_out_and_counted(tmp_path: Path) -> None:
    posts = list(zip(days(POSTS), usual(), strict=True))
    clean = told(write(tmp_path / "clean.csv", posts))
    future = [(datetime(2131, 1, 1, tzinfo=UTC) + timedelta(days=day), 10**6) for day in range(5)]
    path = write(tmp_path / "posts.csv", [*posts, *future, (posts[9][0], -5)])
    assert [{**slot, "id": ""} for slot in told(path)] == [{**slot, "id": ""} for slot in clean]
    for command in ("recommend", "backtest"):
        shown = run(command, path)
        assert shown.exit_code == 0
        assert "Rows left out: 6. line 302, published_at: '2131-01-01T00:00:00Z' lies in the future" in shown.stderr


def test_an_account_with_three_posts_is_left_out_of_the_look_back_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "posts.csv", zip(days(POSTS), usual(), strict=True))
    text = path.read_text(encoding="utf-8").splitlines()
    rows = [f"{row},{'small' if place < 3 else 'large'}" for place, row in enumerate(text[1:])]
    path.write_text("\n".join([f"{text[0]},account", *rows]), encoding="utf-8")
    report = judged(path, "--peers", "others")
    assert (report["accounts"], report["left_out"], report["no_effect"]) == (1, ["small"], ["large"])


@pytest.mark.slow
def test_two_hundred_thousand_rows_are_read_and_answered_narrowly(tmp_path: Path) -> None:
    first = days(1)[0]
    moments = [first + timedelta(minutes=7 * place) for place in range(200_000)]
    path = write(tmp_path / "posts.csv", zip(moments, usual(200_000), strict=True))
    best = told(path)[0]
    assert best["basis"] == "history"
    assert best["sample_size"] > 3000
    assert best["interval"]["high"] - best["interval"]["low"] < 0.05
    assert NO_EFFECT in best["reasons"]
    assert judged(path)["no_effect"] == ["all posts"]


# --- Files that are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["recommend", "backtest"])
@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("", 1, "it is empty. Choose a file with a header and at least one row."),
        ("post_id,published_at,likes\n", 1, "it has a header but no rows. Choose a file with at least one post."),
        ("colour,taste\nred,sweet\n", 1, "colour, taste"),
        (
            "post_id,published_at,likes\na,2024-01-01T10:00:00Z,-1\n",
            0,
            "Rows left out: 1. line 2, likes: '-1' is negative",
        ),
    ],
    ids=["empty", "header only", "other columns", "no row to trust"],
)
def test_a_file_without_posts_is_answered_in_a_sentence(
    tmp_path: Path, command: str, content: str, code: int, said: str
) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(content, encoding="utf-8")
    answered = run(command, path)
    assert answered.exit_code == code
    assert said in answered.stderr
    honest = {"recommend": NO_HISTORY, "backtest": "No account has enough posts to look back on."}[command]
    assert (honest in answered.stdout) is (code == 0)


@pytest.mark.parametrize("command", ["recommend", "backtest"])
def test_a_column_the_file_has_not_is_refused_with_those_it_has(tmp_path: Path, command: str) -> None:
    path = write(tmp_path / "posts.csv", BAD["constant"]())
    refused = run(command, path, "--outcome-column", "claps")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "the file has no such column; it has post_id, published_at, likes (got 'claps')" in refused.stderr


@pytest.mark.parametrize("command", ["recommend", "backtest"])
def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, command: str) -> None:
    assert run(command, tmp_path / "none.csv").exit_code == 2
    assert run(command, tmp_path).exit_code == 2
