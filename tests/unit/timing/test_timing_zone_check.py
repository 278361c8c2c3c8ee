"""A history imported with a shifted zone is suspected where the evidence is strong, and only there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timing.zone_check import shift_odds, suspect_zone

OFFICE = tuple(8 if 8 <= hour < 19 and day < 5 else 0 for day in range(7) for hour in range(24))
ALWAYS = (3,) * 168


def late(week: tuple[int, ...], hours: int) -> tuple[int, ...]:
    """The same posts with every stamp so many hours late."""
    return tuple(np.roll(week, hours).tolist())


def local_week(posts: pl.DataFrame, zone: str) -> tuple[int, ...]:
    local = posts["at"].dt.convert_time_zone(zone).dt
    cells = (local.weekday().cast(pl.Int64) - 1) * 24 + local.hour().cast(pl.Int64)
    return tuple(np.bincount(cells.to_numpy(), minlength=168).tolist())


def read(path: Path, stamp: str) -> pl.DataFrame:
    at = pl.col(stamp).str.slice(0, 19).str.replace("T", " ").str.to_datetime("%Y-%m-%d %H:%M:%S", time_zone="UTC")
    return pl.read_csv(path, infer_schema_length=None).with_columns(at=at)


@pytest.fixture(scope="module")
def organizations(shared_data: Path) -> dict[str, tuple[int, ...]]:
    posts = read(shared_data / "instagram_organizations.csv.gz", "created_utc")
    return {str(name): local_week(own, str(zone)) for (name, zone), own in posts.group_by("account", "tz")}


@pytest.fixture(scope="module")
def news_pages(shared_data: Path) -> list[tuple[int, ...]]:
    posts = read(shared_data / "facebook_news_pages.csv.gz", "created_time")
    return [local_week(page, "America/New_York") for page in posts.partition_by("page_id")]


def test_office_hours_eight_hours_late_are_suspected_in_words_a_team_can_check() -> None:
    suspicion = suspect_zone(late(OFFICE, 8))
    assert suspicion is not None
    assert suspicion.shift_hours == 7  # this office starts an hour earlier than the generic day
    assert suspicion.odds > 1000
    assert suspicion.sentence == (
        "Posts seem to be stamped about 7 hours late: 27 % of them stand between midnight and 6:00, "
        "7 hours earlier it would be 0 %. Check the zone of the file or of the channel."
    )


def test_a_history_stamped_too_early_is_suspected_with_a_negative_shift() -> None:
    suspicion = suspect_zone(late(OFFICE, -9))
    assert suspicion is not None
    assert -10 <= suspicion.shift_hours <= -8
    assert "hours early" in suspicion.sentence
    assert "later it would be" in suspicion.sentence


@pytest.mark.parametrize("week", [OFFICE, ALWAYS, late(OFFICE, 2), late(ALWAYS, 7), (0,) * 168])
def test_plausible_hours_and_posts_around_the_clock_are_not_suspected(week: tuple[int, ...]) -> None:
    assert suspect_zone(week) is None


def test_fewer_than_sixty_posts_are_silent_however_they_lie() -> None:
    nights = tuple(59 if cell == 27 else 0 for cell in range(168))
    assert suspect_zone(nights) is None
    assert suspect_zone(tuple(6 if cell % 24 < 6 and cell < 48 else 0 for cell in range(168))) is not None


def test_other_channels_that_post_at_night_make_the_night_plausible() -> None:
    assert suspect_zone(late(OFFICE, 12)) is not None
    assert suspect_zone(late(OFFICE, 12), [late(OFFICE, 12)] * 20) is None


@given(st.lists(st.integers(0, 40), min_size=168, max_size=168), st.integers(0, 23))
def test_shifting_all_stamps_shifts_the_odds_and_nothing_else(week: list[int], hours: int) -> None:
    """Relative to each other: the odds are against the clock as it stands."""
    before, after = shift_odds(week), shift_odds(late(tuple(week), hours))
    assert np.allclose(np.roll(before, hours) - np.roll(before, hours)[0], after, atol=1e-6)


def test_a_week_that_is_no_week_is_refused() -> None:
    with pytest.raises(ValueError, match="168 numbers, one for each hour, not 24"):
        suspect_zone([9] * 24)


# --- Real histories ----------------------------------------------------------------------------------------------


def shifted(organizations: dict[str, tuple[int, ...]], size: int | None) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each account with its stamps 5 to 12 hours late and early, of all posts or a sample of them."""
    rng = np.random.default_rng(3)
    for week in organizations.values():
        share = np.array(week) / sum(week)
        posts = week if size is None else tuple(np.bincount(rng.choice(168, size, p=share), minlength=168).tolist())
        for hours in range(5, 13):
            yield hours, late(posts, hours)
            yield -hours, late(posts, -hours)


@pytest.mark.parametrize("size", [100, None])
def test_most_real_accounts_shifted_by_five_hours_or_more_are_found_with_the_right_shift(
    organizations: dict[str, tuple[int, ...]], size: int | None
) -> None:
    found, wrong, tried = 0, 0, 0
    for hours, week in shifted(organizations, size):
        suspicion = suspect_zone(week)
        tried += 1
        if suspicion is not None:
            off = (suspicion.shift_hours - hours + 12) % 24 - 12
            found, wrong = found + (abs(off) <= 2), wrong + (abs(off) > 2)
    assert tried == 13 * 16
    assert wrong == 0
    assert found / tried >= 0.8


def test_the_habit_of_like_channels_finds_more(organizations: dict[str, tuple[int, ...]]) -> None:
    alone, together = 0, 0
    for name, week in organizations.items():
        others = [other for key, other in organizations.items() if key != name]
        for hours in (-5, 5):
            alone += suspect_zone(late(week, hours)) is not None
            together += suspect_zone(late(week, hours), others) is not None
    assert together > alone
    assert together >= 0.6 * 26


def test_no_real_account_is_suspected_in_its_own_zone(
    organizations: dict[str, tuple[int, ...]], news_pages: list[tuple[int, ...]], shared_data: Path
) -> None:
    assert [name for name, week in organizations.items() if suspect_zone(week)] == []
    assert len(news_pages) == 82
    assert [week for week in news_pages if suspect_zone(week)] == []
    tweets = read(shared_data / "brand_tweets.csv", "created_at")
    assert suspect_zone(local_week(tweets, "America/New_York")) is None
    videos = read(shared_data / "youtube_channels.csv", "publishedAt")
    homes = {
        "Absent Data": "America/New_York",
        "Alex The Analyst": "America/Chicago",
        "TechWorld with Nana": "Europe/Berlin",
        "Thu Vu data analytics": "Europe/Amsterdam",
        "codebasics": "Asia/Kolkata",
    }
    for (name,), own in videos.group_by("channelTitle"):
        assert suspect_zone(local_week(own, homes[str(name)])) is None
        assert suspect_zone(local_week(own, "UTC")) is None


def test_news_pages_that_post_around_the_clock_are_silent_even_when_shifted(
    news_pages: list[tuple[int, ...]],
) -> None:
    sleepless = [week for week in news_pages if min(np.reshape(week, (7, 24)).sum(0)) >= 0.02 * sum(week)]
    assert len(sleepless) >= 20
    assert not any(suspect_zone(late(week, hours)) for week in sleepless for hours in range(-12, 13))
