"""Files of posts as the back-test and the advice read them: any kind, any dialect, nothing stored, nothing guessed."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from core.errors import Invalid, UnreadableFile
from core.history.reading import DateOrder, Reading
from core.services.post_files import JUDGED, LEARNED, FileColumns, FileRequest, PostFile, read_posts_file

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROWS = [("2024-01-05 09:00", 10), ("2024-01-06 10:30", 20)]
CSV = "posted,likes\n2024-01-05 09:00,10\n2024-01-06 10:30,20\n"


def read(
    path: Path, columns: FileColumns | None = None, timezone: str = "", order: DateOrder | None = None
) -> PostFile:
    return read_posts_file(path, FileRequest(columns or FileColumns(), Reading("UTC", order), timezone), NOW)


def write(folder: Path, text: str, name: str = "posts.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def posts_of(file: PostFile) -> list[tuple[str, float]]:
    (account,) = file.accounts
    return [
        (f"{at:%Y-%m-%d %H:%M}", earned) for at, earned in account.posts.select("published_at", "engagement").rows()
    ]


def write_kind(folder: Path, kind: str) -> Path:
    frame = pl.DataFrame(ROWS, schema=["posted", "likes"], orient="row")
    path = folder / f"posts.{kind}"
    match kind:
        case "csv.gz":
            path.write_bytes(gzip.compress(CSV.encode()))
        case "tsv":
            path.write_text(CSV.replace(",", "\t"), encoding="utf-8")
        case "parquet":
            frame.with_columns(pl.col("posted").str.to_datetime("%Y-%m-%d %H:%M")).write_parquet(path)
        case "xlsx":
            frame.write_excel(path)
        case "semicolon.csv":
            path.write_bytes(CSV.replace(",", ";").replace("likes", "Gefällt mir").encode("cp1252"))
    return path


@pytest.mark.parametrize("kind", ["csv.gz", "tsv", "parquet", "xlsx", "semicolon.csv"])
def test_every_kind_of_file_says_the_same(tmp_path: Path, kind: str) -> None:
    assert posts_of(read(write_kind(tmp_path, kind))) == [("2024-01-05 09:00", 10.0), ("2024-01-06 10:30", 20.0)]


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("1/31/2024 14:05", "2024-01-31 14:05"),
        ("31.1.2024 14:05", "2024-01-31 14:05"),
        ("2024-01-31T14:05:00+02:00", "2024-01-31 12:05"),
        ("1706709900", "2024-01-31 14:05"),
        ("1706709900000", "2024-01-31 14:05"),
    ],
)
def test_stamps_in_many_forms_are_the_same_moment(tmp_path: Path, stamp: str, moment: str) -> None:
    assert posts_of(read(write(tmp_path, f"posted,likes\n{stamp},3\n"))) == [(moment, 3.0)]


def test_epoch_seconds_of_a_parquet_file_are_moments(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pl.DataFrame({"created_utc": [1706709900], "score": [3]}).write_parquet(path)
    assert posts_of(read(path)) == [("2024-01-31 14:05", 3.0)]


def test_a_date_with_two_readings_is_refused_with_the_option_that_settles_it(tmp_path: Path) -> None:
    path = write(tmp_path, "posted,likes\n3/4/2024 10:00,1\n")
    with pytest.raises(Invalid, match=r"3 April 2024 .* or 4 March 2024 .* Say it with --date-order"):
        read(path)
    assert posts_of(read(path, order=DateOrder.DAY_FIRST)) == [("2024-04-03 10:00", 1.0)]


def test_an_audiences_zone_moves_no_stamp(tmp_path: Path) -> None:
    path = write(tmp_path, "account,posted,likes,tz\na,2024-01-05 09:00,1,Asia/Tokyo\nb,2024-01-05 09:00,1,\n")
    file = read(path)
    assert [(each.name, each.zone) for each in file.accounts] == [("a", "Asia/Tokyo"), ("b", "UTC")]
    assert {f"{each.posts['published_at'][0]:%H:%M}" for each in file.accounts} == {"09:00"}


def test_a_zone_said_for_all_overrules_a_column_nobody_named(tmp_path: Path) -> None:
    path = write(tmp_path, "posted,likes,tz\n2024-01-05 09:00,1,Asia/Tokyo\n")
    assert read(path, timezone="Europe/Berlin").accounts[0].zone == "Europe/Berlin"
    named = FileColumns(zone="tz")
    assert read(path, named, timezone="Europe/Berlin").accounts[0].zone == "Asia/Tokyo"


def test_rows_that_cannot_be_trusted_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = ["2024-01-05 09:00,1,UTC", "2024-01-06 09:00,-5,UTC", "soon,1,UTC", "2044-01-01 09:00,1,UTC",
            "2024-01-07 09:00,many,UTC", "2024-01-08 09:00,1,Mars/Base"]  # fmt: skip
    file = read(write(tmp_path, "posted,likes,tz\n" + "\n".join(rows) + "\n"))
    assert posts_of(file) == [("2024-01-05 09:00", 1.0)]
    (said,) = [note for note in file.notes if note.startswith("Rows left out")]
    assert said.startswith("Rows left out: 5. line 3, likes: '-5' is negative")


def test_a_file_of_bad_rows_has_no_accounts(tmp_path: Path) -> None:
    assert read(write(tmp_path, "posted,likes\nnever,1\n")).accounts == ()


def test_an_unknown_column_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"no such column; it has posted, likes \(got 'when'\)"):
        read(write(tmp_path, CSV), FileColumns(time="when"))


@pytest.mark.parametrize("text", ["", "posted,likes\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile):
        read(write(tmp_path, text))


def test_a_file_without_dates_can_be_learned_from_but_not_be_looked_back_on(tmp_path: Path) -> None:
    path = write(tmp_path, "Weekday,Hour,likes\n1,9,3\n")
    with pytest.raises(Invalid, match="--time-column: choose the column with the date and time"):
        read(path)
    reading = Reading(first_weekday=None)
    with pytest.raises(Invalid, match="--first-weekday"):
        read_posts_file(path, FileRequest(FileColumns(), reading, fields=LEARNED), NOW)


def test_the_named_number_counts_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "posted,likes,comments\n2024-01-05 09:00,10,5\n")
    assert posts_of(read(path)) == [("2024-01-05 09:00", 15.0)]
    assert posts_of(read(path, FileColumns(outcome="comments"))) == [("2024-01-05 09:00", 5.0)]


def test_a_named_time_column_is_not_joined_with_another_clock(tmp_path: Path) -> None:
    path = write(tmp_path, "date,time,went out,likes\n2024-01-05,09:00,2024-01-05 11:00,1\n")
    assert posts_of(read(path)) == [("2024-01-05 09:00", 1.0)]
    assert posts_of(read(path, FileColumns(time="went out"))) == [("2024-01-05 11:00", 1.0)]


def test_of_a_post_that_stands_in_the_file_twice_the_last_row_counts(tmp_path: Path) -> None:
    path = write(tmp_path, "post id,posted,likes\np,2024-01-05 09:00,1\np,2024-01-05 09:00,9\n")
    file = read(path)
    assert posts_of(file) == [("2024-01-05 09:00", 9.0)]
    assert "Rows that a later row of the same post replaces: 1." in file.notes


def test_without_ids_only_equal_rows_are_one_post(tmp_path: Path) -> None:
    path = write(tmp_path, "posted,likes\n2024-01-05 09:00,1\n2024-01-05 09:00,1\n2024-01-05 09:00,2\n")
    assert posts_of(read(path)) == [("2024-01-05 09:00", 1.0), ("2024-01-05 09:00", 2.0)]


def test_a_shared_link_does_not_make_two_posts_one(tmp_path: Path) -> None:
    path = write(
        tmp_path, "posted,likes,link\n2024-01-05 09:00,1,https://a.example\n2024-01-06 09:00,2,https://a.example\n"
    )
    assert len(posts_of(read(path))) == 2


def test_a_look_back_takes_numbers_as_final_and_advice_heeds_when_they_were_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "posted,likes,scraped at\n2024-01-05 09:00,1,2024-01-05 10:00\n")
    taken = [
        read_posts_file(path, FileRequest(FileColumns(), Reading(), fields=fields), NOW)
        .accounts[0]
        .posts["measured_at"][0]
        for fields in (JUDGED, LEARNED)
    ]
    assert taken == [NOW, datetime(2024, 1, 5, 10, tzinfo=UTC)]
