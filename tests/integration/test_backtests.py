"""Back-tests as services: on a file by the protocol, on a channel from its own past, never across workspaces."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import assemble, read_reference
from core.cli.main import app
from core.errors import Invalid, NotFound
from core.history.reading import Reading
from core.services.backtests import Comparison, backtest_channel, compare_on_file
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.services.demo import load_sample
from core.services.post_files import FileColumns, FileRequest
from core.settings import Settings
from core.timing.backtest import BacktestReport, Verdict
from core.timing.methods import Method
from core.timing.protocol import ALL
from core.undefined import Undefined
from core.vocabulary import ChannelKind, ContentFormat

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def history(folder: Path, accounts: int = 3, posts: int = 200, lift: float = 1.0, name: str = "posts.csv") -> Path:
    """Write accounts that post daily at hours of chance, with `lift` (log) more from 18:00 UTC on."""
    rng = np.random.default_rng(1)
    lines = ["account,created_utc,interactions,tz"]
    for account in range(accounts):
        for day in range(posts):
            hour, minute = int(rng.integers(24)), int(rng.integers(60))
            at = datetime(2024, 1, 1, hour, minute, tzinfo=UTC) + timedelta(days=day)
            earned = round(float(np.exp(5 + lift * (hour >= 18) + rng.normal(0, 0.5))))
            lines.append(f"page {account},{at:%Y-%m-%d %H:%M:%S},{earned},Etc/UTC")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- On a file ----------------------------------------------------------------------------------------------------


def test_good_evenings_of_a_file_are_found_and_beat_the_constant(tmp_path: Path) -> None:
    request = FileRequest(FileColumns(), Reading())
    found = compare_on_file(read_reference(), history(tmp_path), request, Comparison((100, ALL), with_peers=True), NOW)
    model, peers = (found.report.figures[method][ALL] for method in (Method.MODEL, Method.PEER_PRIOR))
    assert isinstance(model.lift_q, float)
    assert model.lift_q > 0.4
    assert isinstance(peers.lift_q, float)
    assert found.report.accounts == 3
    assert "Posts that cannot be judged: 3 with no post before them to compare with." in found.notes


def test_research_takes_part_where_the_platform_is_named(tmp_path: Path) -> None:
    path, request = history(tmp_path, accounts=1), FileRequest(FileColumns(), Reading())
    for platform, is_known in (("", False), ("instagram", True)):
        comparison = Comparison((ALL,), with_peers=False, platform=platform)
        baseline = compare_on_file(read_reference(), path, request, comparison, NOW).report.figures[Method.BASELINE]
        assert isinstance(baseline[ALL].lift_q, float) is is_known


def test_an_unknown_platform_is_refused(tmp_path: Path) -> None:
    comparison = Comparison((ALL,), with_peers=False, platform="myspace")
    with pytest.raises(Invalid, match="myspace"):
        compare_on_file(read_reference(), history(tmp_path), FileRequest(FileColumns(), Reading()), comparison, NOW)


# --- On a channel -------------------------------------------------------------------------------------------------


@pytest.fixture
def sample(ctx: Context) -> tuple[str, ...]:
    """Load the sample history; give the ids of its channels (Instagram, LinkedIn, YouTube)."""
    reports = load_sample(ctx, lambda _: None)
    return tuple(channel for report in reports for channel in report.channel_ids)


def test_a_channel_with_history_has_a_report(ctx: Context, sample: tuple[str, ...]) -> None:
    found = backtest_channel(ctx, sample[0])
    assert isinstance(found.report, BacktestReport)
    assert found.platform == "instagram"
    assert found.report.verdict is Verdict.EARNED_MORE
    assert [result.method for result in found.report.methods] == [
        Method.MODEL, Method.CONSTANT, Method.RAW_SLOT_MEAN, Method.POPULAR_SLOT, Method.BASELINE,
    ]  # fmt: skip
    assert not any(isinstance(result.lift, Undefined) for result in found.report.methods)


def test_a_format_is_judged_by_its_own_posts(ctx: Context, sample: tuple[str, ...]) -> None:
    whole = backtest_channel(ctx, sample[0]).report
    part = backtest_channel(ctx, sample[0], ContentFormat.IMAGE).report
    assert isinstance(whole, BacktestReport)
    assert isinstance(part, BacktestReport)
    assert 0 < part.posts < whole.posts


def test_a_channel_without_history_says_what_is_missing(ctx: Context, linkedin: ChannelView) -> None:
    report = backtest_channel(ctx, linkedin.id).report
    assert report == Undefined("0 of 60 posts with a known outcome needed for a look back.")


def test_a_channel_nobody_knows_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        backtest_channel(ctx, "chan_nobody")


# --- The command --------------------------------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


COLUMNS = ("--account-column", "account", "--time-column", "created_utc", "--outcome-column", "interactions",
           "--zone-column", "tz")  # fmt: skip


def test_the_command_prints_the_protocols_json_without_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "nowhere"))
    done = run(history(tmp_path, name="posts.csv"), *COLUMNS, "--train", "100,all", "--peers", "others", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["accounts"], report["no_effect"]) == (0, 3, [])
    assert set(report) == {"accounts", "methods", "no_effect", "left_out", "seconds"}
    assert set(report["methods"]) == set(Method)
    assert set(report["methods"]["model"]) == {"100", "all"}
    figures = {"lift_q", "lift_q_se", "rmse_ratio", "spearman", "coverage90", "beats_raw_share"}
    assert set(report["methods"]["model"]["100"]) == figures
    assert report["methods"]["constant"]["all"]["rmse_ratio"] == 1
    assert report["methods"]["constant"]["all"]["spearman"] is None
    assert report["methods"]["baseline"]["all"] == dict.fromkeys(figures)
    assert not (tmp_path / "nowhere").exists()


def test_without_peers_and_columns_the_file_is_read_by_its_headers(tmp_path: Path) -> None:
    report = json.loads(run(history(tmp_path), "--train", "all", "--json").stdout)
    assert report["accounts"] == 3
    assert report["methods"]["peer_prior"]["all"]["lift_q"] is None


def test_the_text_shows_a_table_and_a_verdict(tmp_path: Path) -> None:
    shown = run(history(tmp_path), "--train", "100,500,all")
    assert shown.exit_code == 0
    assert "3 accounts; methods learn from the earlier 70 % of the posts" in shown.stdout
    assert "Learned from the newest 500 posts" in shown.stdout
    assert "Learned from all posts: the same, there are no more" in shown.stdout
    assert "finds no detectable effect of timing on 0 of 3 accounts" in shown.stdout
    assert "only a randomized trial shows a cause" in shown.stdout
    assert "Note: Columns: " in shown.stderr


@pytest.mark.parametrize("posts", [1, 2, 30])
def test_accounts_with_next_to_no_posts_are_named(tmp_path: Path, posts: int) -> None:
    path = history(tmp_path, accounts=1, posts=posts)
    report = json.loads(run(path, "--json").stdout)
    assert (report["accounts"], report["left_out"]) == (0, ["page 0"])
    assert report["methods"]["model"]["all"]["lift_q"] is None
    shown = run(path)
    assert f"Left out: page 0 ({posts - 1} of 60 posts with a known outcome needed)" in shown.stdout
    assert "No account has enough posts" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--account-column", "page"], "the file has no such column; it has account, created_utc, interactions, tz"),
        (["--train", "few"], "write numbers of posts and the word all"),
        (["--train", "0"], "write numbers of posts and the word all"),
        (["--timezone", "Mars/Base"], "Mars/Base"),
        (["--stamp-zone", "Mars/Base"], "Mars/Base"),
        (["--platform", "myspace"], "myspace"),
    ],
)
def test_the_command_refuses_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    refused = run(history(tmp_path, posts=70), *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert said in refused.stderr


def test_bad_rows_are_counted_on_stderr_and_the_rest_is_judged(tmp_path: Path) -> None:
    path = history(tmp_path, accounts=1)
    with path.open("a", encoding="utf-8") as file:
        file.write("page 0,never,1,Etc/UTC\npage 0,2024-09-01 10:00:00,-1,Etc/UTC\n")
    done = run(path, "--train", "all", "--json")
    assert json.loads(done.stdout)["accounts"] == 1
    assert "Rows left out: 2. line 202" in done.stderr


@pytest.fixture
def house_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the data folder of an installation with the sample and one empty channel."""
    folder = tmp_path / "data"
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(folder))
    monkeypatch.delenv("SLOTWISE_DATABASE_URL", raising=False)
    house = assemble(Settings(data_dir=folder))
    load_sample(house.context(), lambda _: None)
    add_channel(house.context(), ChannelDraft("linkedin", "New page", ChannelKind.OUTBOX, "Europe/Berlin"))
    house.close()
    return folder


def test_without_a_file_every_channel_is_looked_back_on(house_dir: Path) -> None:
    reports = {each["channel_name"] + each["platform"]: each for each in json.loads(run("--json").stdout)}
    assert len(reports) == 4
    assert reports["New pagelinkedin"]["verdict"] is None
    assert "60 posts" in reports["New pagelinkedin"]["sentence"]
    shown = run().stdout
    assert "Following the advice would have earned" in shown
    assert "New page (linkedin)\n  0 of 60 posts" in shown


def test_a_named_channel_gives_one_report(house_dir: Path) -> None:
    channels = {each["platform"]: each["channel_id"] for each in json.loads(run("--json").stdout)}
    report = json.loads(run("--channel", channels["instagram"], "--json").stdout)
    assert report["verdict"] == "earned_more"
    assert report["methods"]["constant"] == {
        "posts": 88,
        "lift": 0.0,
        "interval": {"low": 0.0, "high": 0.0, "level": 0.9},
    }
    assert report["methods"]["model"]["interval"]["low"] > 0
    assert [point["nominal"] for point in report["calibration"]] == [0.5, 0.8, 0.9, 0.95]


# --- Real histories -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_hacker_news_has_no_usable_effect() -> None:
    path = DATA / "hacker_news.csv"
    if not path.exists():
        pytest.skip("hacker_news.csv is not on this machine")
    report = json.loads(run(path, "--outcome-column", "num_points", "--timezone", "America/New_York", "--json").stdout)
    assert report["no_effect"] == ["all posts"]
    assert report["methods"]["model"]["all"]["lift_q"] < 0.04
