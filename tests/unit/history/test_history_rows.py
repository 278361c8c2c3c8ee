"""Rows of a history file: accepted whole or refused by cell, named, counted once."""

from datetime import UTC, datetime

import polars as pl
import pytest

from core.history.columns import recognize
from core.history.duplicates import NONE_SEEN, Duplicate, find_duplicates
from core.history.fields import Field
from core.history.reading import FirstDay, Reading
from core.history.results import HOUR_OF_WEEK, LINE, SCHEMA, CheckedBatch, RowError
from core.history.rows import check

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def checked(reading: Reading = Reading(), **columns: list[str]) -> CheckedBatch:  # noqa: B008 - frozen
    rows = pl.DataFrame(columns)
    lines = pl.int_range(2, rows.height + 2, eager=True).alias(LINE)
    return check(rows.insert_column(0, lines), recognize(list(columns)), reading, NOW)


def test_accepted_rows_have_the_declared_schema() -> None:
    batch = checked(date=["2024-05-01 10:00"], likes=["3"])
    assert batch.accepted.schema == SCHEMA
    assert batch.accepted[Field.LIKES].to_list() == [3.0]


def test_one_bad_cell_keeps_its_row_out_and_every_bad_cell_is_named() -> None:
    batch = checked(date=["never", "2024-05-01 10:00"], likes=["-1", "3"], title=["a", "=b"])
    assert [(error.line, error.column, error.value) for error in batch.errors] == [
        (2, "date", "never"), (2, "likes", "-1")
    ]  # fmt: skip
    assert (batch.rejected, batch.error_count, batch.accepted[Field.TITLE].to_list()) == (1, 2, ["=b"])


def test_a_row_without_its_moment_is_refused() -> None:
    (error,) = checked(date=[" "], likes=["1"]).errors
    assert error == RowError(2, "date", "", "is empty; every post needs it")


def test_a_date_and_a_time_of_day_are_put_together() -> None:
    dates = ["2024-05-01", "2024-05-02 00:00:00", "2024-05-03 07:00"]
    batch = checked(Date=dates, Time=["14:30", "1899-12-31 08:15:00", ""], likes=["1", "2", "3"])
    assert [str(each) for each in batch.accepted[Field.PUBLISHED_AT]] == [
        "2024-05-01 14:30:00+00:00", "2024-05-02 08:15:00+00:00", "2024-05-03 07:00:00+00:00"
    ]  # fmt: skip


def test_rows_without_dates_keep_their_hour_of_the_week() -> None:
    weekday, hour, month = ["1", "2", "lunes", "8"], ["3", "0", "23", "3"], ["12", "", "enero", "1"]
    batch = checked(Reading(first_weekday=FirstDay.SUNDAY), weekday=weekday, hour=hour, month=month, likes=["1"] * 4)
    assert batch.accepted[HOUR_OF_WEEK].to_list() == [6 * 24 + 3, 0, 23]
    assert batch.accepted[Field.MONTH].to_list() == [12, None, 1]
    assert batch.accepted[Field.PUBLISHED_AT].null_count() == 3
    assert [(error.line, error.column) for error in batch.errors] == [(5, "weekday")]


def test_a_header_in_utc_outweighs_the_zone_of_the_audience() -> None:
    rows = {"likes": ["1"], "tz": ["America/Sao_Paulo"]}
    utc, local = checked(created_utc=["2024-05-01 10:00"], **rows), checked(created_at=["2024-05-01 10:00"], **rows)
    assert str(utc.accepted[Field.PUBLISHED_AT][0]) == "2024-05-01 10:00:00+00:00"
    assert str(local.accepted[Field.PUBLISHED_AT][0]) == "2024-05-01 13:00:00+00:00"
    assert utc.accepted[Field.ZONE].to_list() == ["America/Sao_Paulo"]


def test_a_measurement_before_its_post_is_left_out_and_counted() -> None:
    batch = checked(created_at=["2024-05-01 10:00"], scrape_time=["2024-05-01 08:00"], likes=["1"])
    assert (batch.accepted[Field.MEASURED_AT].to_list(), batch.tally.measured_early) == ([None], 1)


def test_parts_of_a_count_are_added_and_unknown_only_when_all_are() -> None:
    batch = checked(
        date=["2024-05-01 10:00"] * 3, react_like=["1", "", ""], react_love=["2", "5", ""], shares=["0"] * 3
    )
    assert batch.accepted[Field.LIKES].to_list() == [3.0, 5.0, None]


@pytest.mark.parametrize(
    ("header", "text", "content_format"),
    [
        ("type", "Photo", "image"), ("Tipo", "Status", "text"), ("post type", "IG reel", "video_short"),
        ("media_type", "CAROUSEL_ALBUM", "carousel"), ("type", "video_long", "video_long"), ("type", "Hologram", None),
        ("is_reel", "True", "video_short"), ("is_reel", "False", None), ("duration", "PT59S", "video_short"),
        ("duration", "PT1M1S", "video_long"), ("duration", "1:02:03", "video_long"), ("duration", "45", "video_short"),
        ("duration", "P0D", None),
    ],
)  # fmt: skip
def test_the_kind_of_a_post_becomes_its_format(header: str, text: str, content_format: str | None) -> None:
    batch = checked(**{"date": ["2024-05-01 10:00"], "likes": ["1"], header: [text]})
    assert batch.accepted[Field.CONTENT_FORMAT].to_list() == [content_format]
    assert batch.tally.unknown_formats == ({"Hologram"} if text == "Hologram" else frozenset())


def test_a_post_is_named_by_its_id_then_its_address_then_what_stays_the_same() -> None:
    columns = {"date": ["2024-05-01 10:00"] * 3, "title": ["a", "a", "b"]}
    before = checked(**columns, id=["7", "", ""], url=["https://a", "https://b", ""], likes=["1", "1", "1"])
    after = checked(**columns, id=["7", "", ""], url=["https://a", "https://b", ""], likes=["9", "9", "9"])
    ids = before.accepted[Field.POST_ID].to_list()
    assert ids[:2] == ["7", "https://b"]
    assert ids == after.accepted[Field.POST_ID].to_list()


def test_a_shared_link_does_not_name_a_post() -> None:
    batch = checked(date=["2024-05-01 10:00", "2024-05-02 10:00"], link=["https://a"] * 2, likes=["1", "2"])
    assert batch.accepted[Field.POST_ID].n_unique() == 2


def test_an_id_that_a_spreadsheet_rounded_is_refused() -> None:
    (error,) = checked(date=["2024-05-01 10:00"], id=["1.58781E+18"], likes=["1"]).errors
    assert (error.column, error.reason.split(";")[0]) == ("id", "was rounded by a spreadsheet")


def test_a_nul_character_and_an_unknown_zone_are_refused() -> None:
    batch = checked(date=["2024-05-01 10:00Z"] * 2, title=["a\0b", "c"], tz=["UTC", "Mars"], likes=["1", "1"])
    assert [(error.line, error.column) for error in batch.errors] == [(2, "title"), (3, "tz")]


def test_a_post_that_stands_twice_is_found_within_and_across_batches() -> None:
    columns = {"likes": ["1"] * 4, "date": ["2024-05-01 10:00"] * 4}
    first = checked(id=["a", "b", "a", "c"], **columns).accepted
    second = checked(id=["d", "a", "c", "c"], **columns).accepted.with_columns(pl.col(LINE) + 4)
    seen, found = find_duplicates(NONE_SEEN, first)
    assert found == (Duplicate("a", 2, 4),)
    seen, found = find_duplicates(seen, second)
    assert found == (Duplicate("a", 4, 7), Duplicate("c", 5, 8), Duplicate("c", 8, 9))
    assert len(seen.hashes) == 4


def test_the_same_id_of_two_accounts_is_two_posts() -> None:
    rows = checked(id=["a", "a"], account=["x", "y"], date=["2024-05-01 10:00"] * 2, likes=["1", "1"])
    assert find_duplicates(NONE_SEEN, rows.accepted)[1] == ()
