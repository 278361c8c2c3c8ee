"""Advice from a file without a database, and the one shape in which recommendations leave Slotwise."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from core.bootstrap import read_reference
from core.cli.main import app
from core.errors import Invalid
from core.history.reading import FirstDay, Reading
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.file_advice import FileAdvice, recommend_from_file
from core.services.post_files import LEARNED, FileColumns, FileRequest
from core.services.recommendation_wire import on_the_wire
from core.services.recommendations import RecommendationRequest, recommend
from core.vocabulary import Basis, ContentFormat

NOW = datetime(2026, 3, 2, 12, 10, tzinfo=UTC)
"""A Monday."""
FIELDS = {
    "id", "platform", "channel_id", "content_format", "window_start", "window_end", "recommended_time", "timezone",
    "score", "confidence_score", "expected_lift", "interval", "sample_size", "basis", "reasons", "reason",
}  # fmt: skip


def write(folder: Path, rows: list[tuple[datetime, float]], zone: str = "UTC", name: str = "posts.csv") -> Path:
    lines = [
        "published_at,likes,media type,tz",
        *(f"{at.isoformat()},{earned:.0f},photo,{zone}" for at, earned in rows),
    ]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def evenings(posts: int, zone: str, lift: float = 1.5) -> list[tuple[datetime, float]]:
    """Make a history that earns more from 18:00 to 21:59 on the clocks of `zone`."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(posts):
        at = datetime(2025, 1, 1, int(rng.integers(24)), tzinfo=UTC) + timedelta(days=number // 2, minutes=number)
        is_evening = 18 <= at.astimezone(ZoneInfo(zone)).hour < 22
        made.append((at, float(np.exp(5 + lift * is_evening + rng.normal(0, 0.4)))))
    return made


def advise(path: Path, timezone: str = "", columns: FileColumns | None = None, **wanted: object) -> FileAdvice:
    how = FileRequest(columns or FileColumns(), Reading(first_weekday=FirstDay.SUNDAY), timezone, fields=LEARNED)
    asked = RecommendationRequest(platforms=("instagram",), **wanted)  # type: ignore[arg-type]
    return recommend_from_file(read_reference(), path, how, asked, NOW)


# --- What a file teaches ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Kolkata"])
def test_good_evenings_are_advised_on_the_audiences_clock(tmp_path: Path, zone: str) -> None:
    advice = advise(write(tmp_path, evenings(600, zone)), zone).advice
    assert advice.timing_matters
    assert advice.timezone == zone
    assert {18 <= slot.window_start.astimezone(ZoneInfo(zone)).hour < 22 for slot in advice.slots} == {True}
    assert all(slot.low > 0 for slot in advice.slots)


def test_a_zone_column_is_the_audiences_zone(tmp_path: Path) -> None:
    advice = advise(write(tmp_path, evenings(600, "Asia/Tokyo"), "Asia/Tokyo")).advice
    assert advice.timezone == "Asia/Tokyo"
    assert {18 <= slot.window_start.astimezone(ZoneInfo("Asia/Tokyo")).hour < 22 for slot in advice.slots} == {True}


def test_slots_are_half_hours_to_come_within_the_range(tmp_path: Path) -> None:
    path = write(tmp_path, evenings(100, "UTC"))
    slots = advise(path, count=200, ends=NOW + timedelta(days=7)).advice.slots
    assert all(NOW <= slot.window_start < NOW + timedelta(days=7) for slot in slots)
    assert {slot.window_start.minute % 30 for slot in slots} == {0}
    assert {slot.window_end - slot.window_start for slot in slots} == {timedelta(minutes=30)}
    past = advise(path, starts=NOW - timedelta(days=3), ends=NOW + timedelta(days=1)).advice.slots
    assert min(slot.window_start for slot in past) >= NOW


def test_a_file_without_dates_teaches_hours(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [(day, hour, 400 if hour == 19 else rng.integers(50, 150)) for day in range(1, 8) for hour in range(24)] * 3
    path = tmp_path / "undated.csv"
    pl.DataFrame(rows, schema=["Weekday", "Hour", "likes"], orient="row").with_row_index("id").write_csv(path)
    advice = advise(path).advice
    assert advice.posts == 504
    assert {slot.window_start.hour for slot in advice.slots} == {19}


def test_a_format_is_advised_by_its_own_posts(tmp_path: Path) -> None:
    advice = advise(write(tmp_path, evenings(300, "UTC")), content_format=ContentFormat.IMAGE).advice
    assert {slot.content_format for slot in advice.slots} == {ContentFormat.IMAGE}
    assert advice.timing_matters


def test_young_posts_do_not_count_as_low(tmp_path: Path) -> None:
    fresh = [(NOW - timedelta(minutes=15 * quarter + 1), 0.0) for quarter in range(100)]
    whole = advise(write(tmp_path, [*evenings(300, "UTC"), *fresh])).advice
    assert whole.slots == advise(write(tmp_path, evenings(300, "UTC"))).advice.slots


def test_several_accounts_speak_together_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(
        "account,published_at,likes\na,2025-01-01T10:00:00Z,1\nb,2025-01-02T10:00:00Z,2\n", encoding="utf-8"
    )
    assert "2 accounts speak together here; for one of them, keep only its rows." in advise(path).notes


def test_ids_stay_the_same_until_the_file_says_something_new(tmp_path: Path) -> None:
    path = write(tmp_path, evenings(300, "UTC"))
    first, again = (tuple(slot.id for slot in advise(path).advice.slots) for _ in range(2))
    more = write(tmp_path, [*evenings(300, "UTC"), (datetime(2025, 6, 5, tzinfo=UTC), 9.0)], name="more.csv")
    assert first == again
    assert not set(first) & {slot.id for slot in advise(more).advice.slots}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"count": 0}, "ask for 1 to 200 slots"),
        ({"ends": NOW - timedelta(days=1)}, "choose an end within 366 days after the start"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, wanted: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        advise(write(tmp_path, evenings(3, "UTC")), **wanted)


# --- Bad input: a sane answer each --------------------------------------------------------------------------------


def hourly(posts: int, earned: float = 5.0) -> list[tuple[datetime, float]]:
    return [(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=25 * number), earned) for number in range(posts)]


@pytest.mark.parametrize("posts", [1, 2])
def test_with_next_to_no_posts_research_leads_and_no_effect_is_claimed(tmp_path: Path, posts: int) -> None:
    advice = advise(write(tmp_path, hourly(posts))).advice
    assert not advice.timing_matters
    assert advice.slots
    assert {slot.basis for slot in advice.slots} <= {Basis.BASELINE, Basis.BLEND}


def test_a_file_with_no_good_row_is_research_alone(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("published_at,likes\nnever,1\n", encoding="utf-8")
    advice = advise(path).advice
    assert (advice.posts, advice.basis) == (0, Basis.BASELINE)
    assert all("Published research, not your audience" in slot.reasons[0] for slot in advice.slots)


@pytest.mark.parametrize("earned", [0.0, 500.0])
def test_equal_outcomes_show_no_effect(tmp_path: Path, earned: float) -> None:
    advice = advise(write(tmp_path, hourly(200, earned))).advice
    assert not advice.timing_matters
    assert any("no detectable effect" in reason for reason in advice.slots[0].reasons)


def test_posts_of_one_hour_say_nothing_of_the_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        (datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=day), float(rng.integers(50, 150))) for day in range(99)
    ]
    assert not advise(write(tmp_path, rows)).advice.timing_matters


def test_one_viral_post_owns_no_hour(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [(at, float(rng.integers(50, 150))) for at, _ in hourly(300)]
    rows[150] = (rows[150][0], 1e8)
    advice = advise(write(tmp_path, rows)).advice
    assert not advice.timing_matters
    assert max(slot.expected_lift for slot in advice.slots) < 0.3


def test_future_stamps_and_negative_numbers_are_left_out(tmp_path: Path) -> None:
    rows = [*hourly(100), (NOW + timedelta(days=400), 9.0), (NOW - timedelta(days=100), -9.0)]
    found = advise(write(tmp_path, rows))
    assert any(note.startswith("Rows left out: 2.") for note in found.notes)
    assert found.advice.posts == 99  # the first has nothing before it to be compared with


def test_a_year_without_posts_and_a_minute_with_ten_thousand_are_survived(tmp_path: Path) -> None:
    gap = [*hourly(100), *((at + timedelta(days=500), earned) for at, earned in hourly(40))]
    assert not advise(write(tmp_path, gap)).advice.timing_matters
    minute = [(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(milliseconds=6 * number), 5.0) for number in range(10_000)]
    assert not advise(write(tmp_path, minute)).advice.timing_matters


# --- The shape ----------------------------------------------------------------------------------------------------


def test_the_wire_has_the_contracts_fields_best_first(ctx: Context, linkedin: ChannelView) -> None:
    advice = recommend(ctx, RecommendationRequest(count=5))
    wires = on_the_wire(slot for each in advice for slot in each.slots)
    assert len(wires) == 5
    assert {tuple(vars(wire)) for wire in wires} == {tuple(vars(wires[0]))}
    assert set(vars(wires[0])) == FIELDS
    assert [wire.score for wire in wires] == sorted((wire.score for wire in wires), reverse=True)
    assert {wire.channel_id for wire in wires} == {linkedin.id}
    assert wires[0].reason == " ".join(wires[0].reasons)
    assert wires[0].recommended_time == wires[0].window_start
    assert datetime.fromisoformat(wires[0].window_start) == advice[0].slots[0].window_start
    assert wires[0].window_start.endswith("00Z")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["recommend", *map(str, arguments)])


def test_the_command_prints_the_same_shape_from_a_file_without_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_DATA_DIR", str(tmp_path / "nowhere"))
    path = write(tmp_path, evenings(300, "UTC"))
    done = run(path, "--platform", "instagram", "--timezone", "Europe/Berlin", "--count", "3", "--json")
    slots = json.loads(done.stdout)
    assert (done.exit_code, len(slots)) == (0, 3)
    assert set(slots[0]) == FIELDS
    assert slots[0]["channel_id"] is None
    assert set(slots[0]["interval"]) == {"low", "high", "level"}
    assert {slot["timezone"] for slot in slots} == {"Europe/Berlin"}
    assert [slot["score"] for slot in slots] == sorted((slot["score"] for slot in slots), reverse=True)
    assert "Note: Columns: published_at from 'published_at'" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_command_prints_text_from_a_file(tmp_path: Path) -> None:
    shown = run(write(tmp_path, evenings(300, "UTC")), "--platform", "instagram", "--count", "1").stdout
    assert shown.startswith("posts.csv (instagram): 299 posts, times in UTC\n")
    assert shown.count("score") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the one platform of the file"),
        (["--platform", "instagram", "--platform", "tiktok"], "name the one platform of the file"),
        (["--platform", "myspace"], "myspace"),
        (["--platform", "instagram", "--channel", "Our page"], "a file has no channel"),
        (["--platform", "instagram", "--time-column", "when"], "no such column; it has published_at, likes"),
        (["--platform", "instagram", "--start", "soon"], "--start: write a date and a time"),
        (["--platform", "instagram", "--timezone", "Mars/Base"], "Mars/Base"),
    ],
)
def test_the_command_refuses_a_file_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    refused = run(write(tmp_path, evenings(3, "UTC")), *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert said in refused.stderr


def test_a_range_is_read_on_the_clock_that_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, evenings(300, "UTC"))
    span = ("--start", "2099-06-01T00:00", "--end", "2099-06-02T00:00", "--timezone", "Asia/Tokyo")
    slots = json.loads(run(path, "--platform", "instagram", *span, "--count", "200", "--json").stdout)
    starts = [slot["window_start"] for slot in slots]
    assert slots
    assert min(starts) >= "2099-05-31T15:00:00Z"
    assert max(starts) < "2099-06-01T15:00:00Z"
