"""The published timing: what ships, the curve it makes, and what is refused with its line."""

from collections.abc import Mapping

import pytest

from core.content.baseline import baseline_week, parse_baseline
from core.content.platforms import Platform
from core.errors import BadReferenceData
from core.vocabulary import ContentFormat

HEADING = "platform,content_format,weekdays,start_hour,end_hour,strength,source,note\n"
ROW = "youtube,,mon-fri,15,17,0.10,research,note\n"
MONDAY_15, WEDNESDAY_16, WEDNESDAY_17, SUNDAY_20 = 15, 2 * 24 + 16, 2 * 24 + 17, 6 * 24 + 20


def test_every_platform_but_pinterest_has_published_windows(
    platforms: Mapping[str, Platform], baseline_text: str
) -> None:
    windows = parse_baseline(baseline_text, "timing_baseline.csv", platforms)
    assert {window.platform for window in windows} == set(platforms) - {"pinterest"}
    assert all(0.05 <= window.strength <= 0.15 for window in windows)
    assert baseline_week(windows, "pinterest", None) == (0.0,) * 168


def test_the_week_of_a_platform_peaks_where_research_says_and_has_mean_zero(
    platforms: Mapping[str, Platform], baseline_text: str
) -> None:
    windows = parse_baseline(baseline_text, "timing_baseline.csv", platforms)
    youtube, tiktok = baseline_week(windows, "youtube", None), baseline_week(windows, "tiktok", None)
    assert len(youtube) == 168
    assert max(range(168), key=youtube.__getitem__) == WEDNESDAY_16
    assert youtube[MONDAY_15] - youtube[0] == pytest.approx(0.10)
    assert youtube[WEDNESDAY_17] == youtube[0]
    assert tiktok[SUNDAY_20] - tiktok[0] == pytest.approx(0.15)
    assert sum(youtube) == pytest.approx(0, abs=1e-12)


def test_a_formats_own_windows_count_only_for_it_and_the_strongest_wins(
    platforms: Mapping[str, Platform], baseline_text: str
) -> None:
    windows = parse_baseline(baseline_text, "timing_baseline.csv", platforms)
    every = baseline_week(windows, "instagram", None)
    reels = baseline_week(windows, "instagram", ContentFormat.VIDEO_SHORT)
    assert every[10] - every[0] == pytest.approx(0.10)
    assert reels[10] - reels[0] == pytest.approx(0.12)
    assert reels[14] - reels[0] == pytest.approx(0.10)
    assert baseline_week(windows, "instagram", ContentFormat.IMAGE) == every


def test_no_windows_make_a_flat_week() -> None:
    assert baseline_week((), "youtube", ContentFormat.VIDEO_LONG) == (0.0,) * 168


def test_days_and_ranges_of_days_are_read(platforms: Mapping[str, Platform]) -> None:
    text = "# why\n" + HEADING + '\nyoutube,video_short,Tue-Thu sun,0,24,0.5,"research, 2025",\n'
    (window,) = parse_baseline(text, "b.csv", platforms)
    assert window.weekdays == (1, 2, 3, 6)
    assert (window.content_format, window.start_hour, window.end_hour) == (ContentFormat.VIDEO_SHORT, 0, 24)
    assert window.source == "research, 2025"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("youtube", "myspace", "platform: 'myspace' is not known; use one of youtube, tiktok"),
        ("youtube,,", "youtube,text,", "content_format: YouTube does not accept 'text'; use video_long, video_short"),
        ("mon-fri", "monday", "weekdays: 'monday' is not a day"),
        ("mon-fri", "mon-", "weekdays: 'mon-' is not a day"),
        ("mon-fri", "fri-mon", "weekdays: 'fri-mon' runs backwards"),
        ("mon-fri", "", "weekdays: name at least one day"),
        ("15,17", "15,25", "end_hour: '25' is not an hour; use 0 to 24"),
        ("15,17", "-1,17", "start_hour: '-1' is not an hour"),
        ("15,17", "9" * 5000 + ",17", "start_hour: "),
        ("15,17", "22,2", "end_hour: the window ends at 2, not after its start at 22"),
        ("0.10", "nan", "strength: 'nan' is not above 0 and at most 0.5"),
        ("0.10", "30", "strength: '30' is not above 0 and at most 0.5"),
        ("0.10", "strong", "strength: 'strong' is not above 0"),
        ("research", "", "source: say where this comes from"),
        (",note", "", "row: it has 7 cells and the heading has 8"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_column(
    platforms: Mapping[str, Platform], old: str, new: str, message: str
) -> None:
    with pytest.raises(BadReferenceData) as refused:
        parse_baseline(HEADING + ROW + "# comment\n" + ROW.replace(old, new), "b.csv", platforms)
    assert str(refused.value).startswith(f"b.csv, line 4, {message}")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "platform,content_format\n"])
def test_a_file_without_all_columns_is_refused(platforms: Mapping[str, Platform], text: str) -> None:
    with pytest.raises(BadReferenceData, match=r"b\.csv, line 1, \w+: the heading must have this column exactly once"):
        parse_baseline(text, "b.csv", platforms)
