"""Imports on both databases: what a file becomes, what a repetition changes, and that a failure leaves nothing."""

import csv
import io
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest
from planned_posts import MONDAY_NOON, StandingClock
from sqlalchemy import event
from sqlmodel import func, select

from core.bootstrap import Slotwise, assemble
from core.errors import DatabaseUnavailable, Invalid, NotFound, UnreadableFile, UnwritableFile
from core.history.columns import recognize
from core.history.reading import Reading
from core.services import history_text, imports
from core.services.channels import ChannelDraft, ChannelView, add_channel, list_channels
from core.services.context import Context
from core.services.curves import load_stats
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import JOB, ImportReport, ImportRequest, import_history
from core.services.job_runs import list_runs, start_run
from core.settings import Settings
from core.storage.queries.history_load import Stored, store_posts
from core.storage.tables import PerformanceKpiEvent, PlatformTimingData, PostOutcome
from core.storage.tenancy import ScopedSession
from core.vocabulary import ChannelKind, JobState

ROOT = Path(__file__).resolve().parents[2]
HEADER = ["id", "published_at", "title", "format", "likes", "comments"]
THREE = [
    ["a", "2026-01-06T15:00:00Z", "First", "image", "9", "0"],
    ["b", "2026-01-13T15:00:00Z", "Second", "text", "9", ""],
    ["c", "2026-01-20T15:00:00Z", "Third", "image", "", ""],
]
BAD = ["d", "2026-01-27T15:00:00Z", "Fourth", "image", "many", "1"]
INSTAGRAM = ImportTarget(platform="instagram")
TUESDAY_15 = 39


def as_csv(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def bring(
    ctx: Context,
    content: bytes | Path,
    target: ImportTarget = INSTAGRAM,
    *,
    name: str = "posts.csv",
    skip_rejected: bool = False,
) -> ImportReport:
    file = open_history(content, name)
    return import_history(ctx, file, ImportRequest(recognize(file.headers), Reading(), target, skip_rejected))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


def outcomes(ctx: Context) -> dict[str, PostOutcome]:
    with ctx.read() as session:
        return {row.post_id: row for row in session.scalars(select(PostOutcome))}


def kpi_events(ctx: Context, post_id: str) -> list[tuple[datetime, str, float]]:
    pk = outcomes(ctx)[post_id].pk
    wanted = select(PerformanceKpiEvent).where(PerformanceKpiEvent.outcome_pk == pk)
    with ctx.read() as session:
        return sorted((row.measured_at, row.metric.value, row.value) for row in session.scalars(wanted))


def stored(ctx: Context) -> dict[str, int]:
    """Count what imports leave behind, besides their runs."""
    with ctx.read() as session:
        rows = {
            table.__name__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (PostOutcome, PerformanceKpiEvent, PlatformTimingData)
        }
    return rows | {"channels": len(list_channels(ctx))}


NOTHING = {"PostOutcome": 0, "PerformanceKpiEvent": 0, "PlatformTimingData": 0, "channels": 0}


def last_run(ctx: Context) -> tuple[JobState, str | None]:
    run = list_runs(ctx, JOB)[0]
    return run.state, run.error


@pytest.fixture
def two_rows_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file of a few rows be read in several batches."""
    for bound in ("BATCH_ROWS", "_PIECE_ROWS", "_FEW"):
        monkeypatch.setattr(history_text, bound, 2)


# --- What a file becomes -----------------------------------------------------------------------------------------


def test_a_file_becomes_outcomes(ctx: Context) -> None:
    assert counts(bring(ctx, as_csv(THREE))) == (3, 0, 0, 0)
    found = outcomes(ctx)
    assert {key: (row.title, row.content_format, row.engagement) for key, row in found.items()} == {
        "a": ("First", "image", 9.0),
        "b": ("Second", "text", 9.0),
        "c": ("Third", "image", None),
    }
    assert found["a"].published_at == datetime(2026, 1, 6, 15, tzinfo=UTC)
    assert {row.measured_at for row in found.values()} == {MONDAY_NOON}


def test_each_known_number_becomes_a_kpi_event_and_an_unknown_one_none(ctx: Context) -> None:
    bring(ctx, as_csv(THREE))
    assert kpi_events(ctx, "a") == [(MONDAY_NOON, "comments", 0.0), (MONDAY_NOON, "likes", 9.0)]
    assert kpi_events(ctx, "b") == [(MONDAY_NOON, "likes", 9.0)]
    assert kpi_events(ctx, "c") == []


def test_the_hour_of_the_channel_learns_from_the_posts(ctx: Context) -> None:
    """Tuesday 15:00 is hour 39 of the week; the first post has nothing to be compared with, the third no number."""
    report = bring(ctx, as_csv(THREE))
    with ctx.read() as session:
        stats = load_stats(session, report.channel_ids[0])
    assert {cell: n for cell, n in enumerate(stats.n) if n} == {TUESDAY_15: 1}
    assert stats.mean[TUESDAY_15] == 0.0


def test_a_measurement_has_the_moment_that_the_file_names(ctx: Context) -> None:
    rows = [[*THREE[0], "2026-02-01T08:00:00Z"], [*THREE[1], ""]]
    bring(ctx, as_csv(rows, [*HEADER, "measured_at"]))
    assert kpi_events(ctx, "a")[0][0] == datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert kpi_events(ctx, "b")[0][0] == MONDAY_NOON


def test_a_file_may_have_no_format_no_title_and_a_single_number(ctx: Context) -> None:
    rows = [["2026-01-06T15:00:00Z", "120"], ["2026-01-07T15:00:00Z", "80"]]
    assert counts(bring(ctx, as_csv(rows, ["published_at", "views"]))) == (2, 0, 0, 0)
    assert sorted(row.engagement or 0 for row in outcomes(ctx).values()) == [80.0, 120.0]


def test_the_progress_only_grows_and_ends_at_the_whole(ctx: Context, two_rows_a_batch: None) -> None:
    file, told = open_history(as_csv(THREE), "posts.csv"), list[float]()
    import_history(ctx, file, ImportRequest(recognize(file.headers), Reading(), INSTAGRAM), told.append)
    assert told == sorted(told)
    assert (told[-1], len(told)) == (1.0, 4)


def test_a_finished_import_is_a_run_and_a_line_in_the_audit_log(ctx: Context) -> None:
    report = bring(ctx, as_csv(THREE))
    run = list_runs(ctx, JOB)[0]
    assert (run.id, run.state, run.subject, run.error) == (report.run_id, JobState.COMPLETED, "posts.csv", None)
    assert run.result["created"] == 3
    assert run.finished_at == MONDAY_NOON


# --- Again -------------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(ctx: Context, clock: StandingClock) -> None:
    first = bring(ctx, as_csv(THREE))
    before = (stored(ctx), kpi_events(ctx, "a"), outcomes(ctx)["a"].model_dump())
    clock.move(timedelta(days=1))
    again = bring(ctx, as_csv(THREE))
    assert counts(again) == (0, 0, 3, 0)
    assert again.channel_ids == first.channel_ids
    assert (stored(ctx), kpi_events(ctx, "a"), outcomes(ctx)["a"].model_dump()) == before


def test_a_newer_export_updates_the_numbers_and_adds_measurements(ctx: Context, clock: StandingClock) -> None:
    bring(ctx, as_csv(THREE))
    clock.move(timedelta(days=1))
    newer = [[*THREE[0][:4], "15", "2"], THREE[1], ["e", "2026-02-03T15:00:00Z", "Fifth", "image", "4", "1"]]
    assert counts(bring(ctx, as_csv(newer))) == (1, 1, 1, 0)
    tuesday = MONDAY_NOON + timedelta(days=1)
    assert outcomes(ctx)["a"].engagement == 17.0
    assert kpi_events(ctx, "a") == [
        (MONDAY_NOON, "comments", 0.0),
        (MONDAY_NOON, "likes", 9.0),
        (tuesday, "comments", 2.0),
        (tuesday, "likes", 15.0),
    ]
    assert kpi_events(ctx, "b") == [(MONDAY_NOON, "likes", 9.0)]
    assert outcomes(ctx).keys() == {"a", "b", "c", "e"}


def test_a_correction_at_the_same_moment_replaces_the_measurement(ctx: Context) -> None:
    bring(ctx, as_csv(THREE[:1]))
    assert counts(bring(ctx, as_csv([[*THREE[0][:4], "8", "0"]]))) == (0, 1, 0, 0)
    assert kpi_events(ctx, "a") == [(MONDAY_NOON, "comments", 0.0), (MONDAY_NOON, "likes", 8.0)]


def test_a_post_without_the_total_of_its_file_earned_the_interactions_it_has(ctx: Context) -> None:
    rows = [[*THREE[0], "20"], [*THREE[1], ""], [*THREE[2], ""]]
    bring(ctx, as_csv(rows, [*HEADER, "interactions"]))
    assert {key: row.engagement for key, row in outcomes(ctx).items()} == {"a": 20.0, "b": 9.0, "c": None}


def test_posts_without_ids_are_found_again_by_moment_and_title(ctx: Context) -> None:
    header = ["published_at", "title", "likes"]
    bring(ctx, as_csv([["2026-01-06T15:00:00Z", "Same hour", "1"], ["2026-01-06T15:00:00Z", "Other", "2"]], header))
    again = [["2026-01-06T15:00:00Z", "Other", "2"], ["2026-01-06T15:00:00Z", "Same hour", "5"]]
    assert counts(bring(ctx, as_csv(again, header))) == (0, 1, 1, 0)


# --- Twice in one file --------------------------------------------------------------------------------------------

TWICE = [*THREE, [*THREE[0][:2], "First, corrected", "image", "30", "3"]]


def last_row_counts(ctx: Context) -> None:
    assert counts(bring(ctx, as_csv(TWICE))) == (3, 0, 0, 0)
    assert (outcomes(ctx)["a"].title, outcomes(ctx)["a"].engagement) == ("First, corrected", 33.0)
    assert kpi_events(ctx, "a") == [(MONDAY_NOON, "comments", 3.0), (MONDAY_NOON, "likes", 30.0)]
    assert counts(bring(ctx, as_csv(TWICE))) == (0, 0, 3, 0)


def test_of_a_post_twice_in_a_batch_the_last_row_counts(ctx: Context) -> None:
    last_row_counts(ctx)


def test_of_a_post_twice_in_a_file_the_last_row_counts_across_batches(ctx: Context, two_rows_a_batch: None) -> None:
    last_row_counts(ctx)


def test_accounts_that_share_a_channel_share_its_post_ids(ctx: Context, linkedin: ChannelView) -> None:
    rows = [[*THREE[0], "one"], [*THREE[0][:4], "50", "0", "two"]]
    report = bring(ctx, as_csv(rows, [*HEADER, "account"]), ImportTarget(channel_id=linkedin.id))
    assert counts(report) == (1, 0, 0, 0)
    assert outcomes(ctx)["a"].engagement == 50.0


# --- Channels ----------------------------------------------------------------------------------------------------


def test_each_account_gets_its_channel_once(ctx: Context) -> None:
    rows = [[*THREE[0], "Berlin shop"], [*THREE[1], "Paris shop"], [*THREE[2], ""], [*THREE[0], "Paris shop"]]
    target = ImportTarget(platform="Instagram", timezone="Europe/Paris", name="Unnamed")
    content = as_csv(rows, [*HEADER, "account"])
    first, again = bring(ctx, content, target), bring(ctx, content, target)
    assert (counts(first), counts(again)) == ((4, 0, 0, 0), (0, 0, 4, 0))
    assert first.channel_ids == again.channel_ids
    found = [(each.platform, each.name, each.kind, each.timezone) for each in list_channels(ctx)]
    assert found == [
        ("instagram", name, ChannelKind.OUTBOX, "Europe/Paris") for name in ("Berlin shop", "Paris shop", "Unnamed")
    ]


def test_an_account_fills_the_channel_that_has_its_name_on_its_platform_only(ctx: Context) -> None:
    same = add_channel(ctx, ChannelDraft("instagram", "Shop", ChannelKind.OUTBOX, "UTC"))
    add_channel(ctx, ChannelDraft("facebook", "Shop", ChannelKind.OUTBOX, "UTC"))
    report = bring(ctx, as_csv([[*THREE[0], "Shop"]], [*HEADER, "account"]))
    assert report.channel_ids == (same.id,)


def test_a_column_that_is_no_account_makes_no_channels(ctx: Context) -> None:
    rows = [[str(number), *THREE[0][1:], f"user {number}"] for number in range(101)]
    with pytest.raises(Invalid, match="choose the column that names the account") as refused:
        bring(ctx, as_csv(rows, [*HEADER, "account"]))
    assert "101 different values" in str(refused.value)
    assert stored(ctx) == NOTHING


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (ImportTarget(platform="myspace"), "this platform is not known; use one of"),
        (ImportTarget(platform="instagram", timezone="Mars/Olympus"), "Mars/Olympus"),
    ],
)
def test_an_unknown_platform_or_zone_is_refused_with_the_value(ctx: Context, target: ImportTarget, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        bring(ctx, as_csv(THREE), target)
    assert stored(ctx) == NOTHING


def test_a_channel_of_another_workspace_does_not_exist(ctx: Context, stranger: Context, linkedin: ChannelView) -> None:
    with pytest.raises(NotFound):
        bring(stranger, as_csv(THREE), ImportTarget(channel_id=linkedin.id))
    assert last_run(stranger) == (JobState.FAILED, f"There is no channel '{linkedin.id}' in this workspace.")
    assert stored(stranger) == NOTHING
    assert outcomes(ctx) == {}


# --- Refused -----------------------------------------------------------------------------------------------------


def test_a_bad_row_refuses_the_file_with_line_column_and_value(ctx: Context) -> None:
    with pytest.raises(Invalid) as refused:
        bring(ctx, as_csv([*THREE, BAD]))
    assert str(refused.value) == (
        "line 5, likes: is not a number; leave the cell empty where the number is not known. Rows with errors: 1. "
        "Correct those the dry run lists, or choose to import the good rows only (got 'many')"
    )
    assert last_run(ctx) == (JobState.FAILED, str(refused.value))
    assert stored(ctx) == NOTHING


def test_good_rows_are_imported_where_the_bad_ones_may_be_left_out(ctx: Context) -> None:
    assert counts(bring(ctx, as_csv([BAD, *THREE]), skip_rejected=True)) == (3, 0, 0, 1)
    assert "d" not in outcomes(ctx)


@pytest.mark.parametrize("rows", [[], [BAD]], ids=["none", "bad ones only"])
def test_a_file_without_a_good_row_is_refused(ctx: Context, rows: list[list[str]]) -> None:
    with pytest.raises(UnreadableFile, match="it has no row to import"):
        bring(ctx, as_csv(rows), skip_rejected=True)
    assert stored(ctx) == NOTHING


def test_what_only_the_user_knows_is_asked_before_anything_is_stored(ctx: Context) -> None:
    with pytest.raises(Invalid, match="3/4/2025"):
        bring(ctx, as_csv([["a", "3/4/2025 10:00", "x", "image", "1", "1"]]))
    assert stored(ctx) == NOTHING


# --- Hostile -----------------------------------------------------------------------------------------------------

HOSTILE = {
    "html": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "formula": '=HYPERLINK("https://example.com";"click")',
    "sql": "'); DROP TABLE post_outcomes; --",
    "letters": "🎉 Ünïcödé \u202e detsrever",
    "percent": "100%s %(likes)s :workspace ?",
}


def test_hostile_titles_stay_the_text_they_are(ctx: Context) -> None:
    rows = [[key, *THREE[0][1:2], title, *THREE[0][3:]] for key, title in HOSTILE.items()]
    assert counts(bring(ctx, as_csv(rows))) == (5, 0, 0, 0)
    assert {key: row.title for key, row in outcomes(ctx).items()} == HOSTILE


def test_of_a_title_of_a_million_characters_the_first_200_are_kept(ctx: Context) -> None:
    bring(ctx, as_csv([[*THREE[0][:2], "é" * 1_000_000, *THREE[0][3:]]]))
    assert outcomes(ctx)["a"].title == "é" * 200


def test_an_address_too_long_for_an_index_still_names_its_post(ctx: Context) -> None:
    """Random letters: PostgreSQL would pack a repetitive text until it fits."""
    long = "https://example.com/?" + "".join(f"{number * 7919 % 99991:x}" for number in range(1500))
    content = as_csv([["2026-01-06T15:00:00Z", long, "1"]], ["published_at", "url", "likes"])
    assert counts(bring(ctx, content)) == (1, 0, 0, 0)
    assert counts(bring(ctx, content)) == (0, 0, 1, 0)
    assert [row.url for row in outcomes(ctx).values()] == [long]


def test_a_nul_is_refused_as_no_text_and_its_row_can_be_left_out(ctx: Context) -> None:
    with pytest.raises(UnreadableFile, match="line 2 holds bytes that are no text"):
        bring(ctx, as_csv([[*THREE[0][:2], "x\0y", *THREE[0][3:]]]))
    buffer = io.BytesIO()
    columns = dict(zip(HEADER, zip(*THREE[:2], strict=True), strict=True))
    pl.DataFrame(columns | {"title": ["x\0y", "Good"]}).write_parquet(buffer)
    with pytest.raises(Invalid, match="holds a NUL character"):
        bring(ctx, buffer.getvalue())
    assert counts(bring(ctx, buffer.getvalue(), skip_rejected=True)) == (1, 0, 0, 1)
    assert [row.title for row in outcomes(ctx).values()] == ["Good"]


def test_a_file_may_have_any_name_a_disk_allows(ctx: Context) -> None:
    bring(ctx, as_csv(THREE), name=b"p\xe1gina.csv".decode(errors="surrogateescape"))
    assert list_runs(ctx, JOB)[0].subject == "p?gina.csv"


# --- Failures ----------------------------------------------------------------------------------------------------


def test_a_failure_in_the_middle_of_storing_leaves_nothing_but_the_failed_run(
    ctx: Context, two_rows_a_batch: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail_at_the_second(session: ScopedSession, posts: pl.DataFrame) -> Stored:
        calls.append(posts.height)
        if len(calls) == 2:
            raise ZeroDivisionError
        return store_posts(session, posts)

    monkeypatch.setattr(imports, "store_posts", fail_at_the_second)
    with pytest.raises(ZeroDivisionError):
        bring(ctx, as_csv(THREE))
    assert calls == [2, 1]
    assert stored(ctx) == NOTHING
    assert last_run(ctx) == (JobState.FAILED, "Something went wrong inside Slotwise. (ZeroDivisionError)")
    assert counts(bring(ctx, as_csv(THREE))) == (3, 0, 0, 0)


def test_an_import_that_is_stopped_leaves_nothing_and_says_so(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "refresh_timing", interrupt)
    with pytest.raises(KeyboardInterrupt):
        bring(ctx, as_csv(THREE))
    assert stored(ctx) == NOTHING
    assert last_run(ctx) == (JobState.FAILED, "It was stopped before its end.")


def test_a_full_disk_under_the_temporary_files_is_said(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_ipc", full)
    with pytest.raises(UnwritableFile, match="temporary files cannot be written: No space left on device"):
        bring(ctx, as_csv(THREE))
    assert stored(ctx) == NOTHING


def many(rows: int) -> bytes:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    header = ["id", "published_at", "title", "likes", "views"]
    return as_csv(
        [[f"post {n}", f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}", "t" * 100, "1", "2"] for n in range(rows)],
        header,
    )


@pytest.fixture
def sqlite_house(tmp_path: Path, clock: StandingClock) -> Slotwise:
    """Give an installation on a file of its own."""
    return assemble(Settings(data_dir=tmp_path), clock)


def test_a_full_disk_under_the_database_is_said_and_nothing_is_stored(sqlite_house: Slotwise) -> None:
    ctx, engine = sqlite_house.context(), sqlite_house.db.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()
    event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages + 100}"))
    with pytest.raises(DatabaseUnavailable, match=r"disk is full.*Free some space"):
        bring(ctx, many(5_000))
    assert stored(ctx) == NOTHING
    assert last_run(ctx)[0] is JobState.FAILED
    sqlite_house.close()


KILLED_IN_THE_MIDDLE = """
import os, signal, sys
from pathlib import Path
from core.bootstrap import assemble
from core.history.columns import recognize
from core.history.reading import Reading
from core.services import history_text, imports
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.settings import Settings

left, store = [3], imports.store_posts

def kill(session, posts):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return store(session, posts)

imports.store_posts, history_text.BATCH_ROWS = kill, 1
house = assemble(Settings(data_dir=Path(sys.argv[1])))
file = open_history(Path(sys.argv[2]), "posts.csv")
request = imports.ImportRequest(recognize(file.headers), Reading(), ImportTarget(platform="instagram"))
imports.import_history(house.context(), file, request)
"""


def test_kill_9_in_the_middle_of_storing_leaves_the_database_as_it_was(tmp_path: Path, clock: StandingClock) -> None:
    """Two of three batches are in the write-ahead log by then."""
    posts, data = tmp_path / "posts.csv", tmp_path / "data"
    posts.write_bytes(many(9_000))
    command = [sys.executable, "-c", KILLED_IN_THE_MIDDLE, str(data), str(posts)]
    dead = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=60)  # noqa: S603 - the text above
    assert (dead.returncode, dead.stderr) == (-signal.SIGKILL, b"")
    house = assemble(Settings(data_dir=data), clock)
    ctx = house.context()
    with house.db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert stored(ctx) == NOTHING
    assert counts(bring(ctx, posts)) == (9_000, 0, 0, 0)
    house.close()


def test_a_run_whose_process_was_killed_is_not_running_for_ever(ctx: Context, clock: StandingClock) -> None:
    start_run(ctx, JOB, "posts.csv")
    clock.move(timedelta(hours=1))
    assert last_run(ctx) == (JobState.RUNNING, None)
    clock.move(timedelta(seconds=1))
    state, reason = last_run(ctx)
    assert state is JobState.FAILED
    assert reason == "It did not end within an hour: Slotwise was stopped in the middle. Start it again."


def test_the_same_file_twice_at_once_is_stored_once(ctx: Context) -> None:
    """Both have checked their rows before either may store."""
    content, both = as_csv(THREE), Barrier(2, timeout=30)

    def meet(share: float) -> None:
        if share == 0.5:
            both.wait()

    def bring_together() -> tuple[int, int, int, int]:
        file = open_history(content, "posts.csv")
        request = ImportRequest(recognize(file.headers), Reading(), INSTAGRAM)
        return counts(import_history(ctx, file, request, meet))

    with ThreadPoolExecutor(2) as pool:
        done = sorted(each.result() for each in [pool.submit(bring_together) for _ in range(2)])
    assert done == [(0, 0, 3, 0), (3, 0, 0, 0)]
    assert (len(outcomes(ctx)), len(list_channels(ctx))) == (3, 1)
    assert [run.state for run in list_runs(ctx, JOB)] == [JobState.COMPLETED] * 2


# --- Real exports: the expected numbers come from wc, awk and pandas, not from the code under test ----------------


def test_history_without_dates_becomes_evidence_for_hours(ctx: Context, shared_data: Path) -> None:
    report = bring(ctx, shared_data / "facebook_page_metrics_en.csv", ImportTarget(platform="facebook"))
    assert counts(report) == (500, 0, 0, 0)
    with ctx.read() as session:
        stats = load_stats(session, report.channel_ids[0])
    assert (stats.posts, stats.n[147]) == (500, 19)  # all posts, and those of Sunday 03:00
    assert stats.weight[147] == pytest.approx(19 / 4)
    assert {row.published_at for row in outcomes(ctx).values()} == {None}


def test_a_real_export_of_five_channels_fills_five_channels(ctx: Context, shared_data: Path) -> None:
    report = bring(ctx, shared_data / "youtube_channels.csv", ImportTarget(platform="youtube"))
    assert (counts(report), len(report.channel_ids)) == ((1649, 0, 0, 0), 5)
    assert counts(bring(ctx, shared_data / "youtube_channels.csv", ImportTarget(platform="youtube"))) == (0, 0, 1649, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "platform", "posts", "rejected", "channels"),
    [
        ("instagram_organizations.csv.gz", "instagram", 61_538, 2, 13),
        ("facebook_news_pages.csv.gz", "facebook", 19_600, 0, 82),
    ],
)
def test_a_large_real_export_is_imported_whole_and_only_once(
    ctx: Context, shared_data: Path, name: str, platform: str, posts: int, rejected: int, channels: int
) -> None:
    target = ImportTarget(platform=platform)
    report = bring(ctx, shared_data / name, target, skip_rejected=True)
    assert (counts(report), len(report.channel_ids)) == ((posts, 0, 0, rejected), channels)
    assert counts(bring(ctx, shared_data / name, target, skip_rejected=True)) == (0, 0, posts, rejected)
    assert stored(ctx)["PostOutcome"] == posts
