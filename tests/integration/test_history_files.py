"""History files as teams have them: real exports, every kind of broken file, a hostile archive."""

import gzip
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from core.errors import UnreadableFile
from core.history.columns import recognize
from core.history.fields import Field
from core.history.reading import DateOrder, Reading
from core.history.results import HOUR_OF_WEEK
from core.history.survey import answered
from core.services.history_dry_run import DryRun, checked, dry_run
from core.services.history_files import open_history

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
HEADER = b"id,published_at,likes,title\n"
ROW = b"1,2024-05-01 10:00,5,hello\n"


def run(content: bytes | Path, reading: Reading = Reading(), sheet: str | None = None) -> DryRun:  # noqa: B008 - frozen
    file = open_history(content, "posts", sheet)
    return dry_run(file, recognize(file.headers), reading, NOW)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the real export {name} is not on this machine")
    return path


def whole(name: str) -> pl.DataFrame:
    """Return all accepted rows of a real export."""
    file = open_history(shared(name), name)
    mapping = recognize(file.headers)
    reading = dry_run(file, mapping, Reading(), NOW).reading
    return pl.concat([batch.accepted for batch, _ in checked(file, mapping, reading, NOW)])


# --- Real exports: the expected numbers come from wc, awk and pandas, not from the code under test ----------------


@pytest.mark.parametrize(
    ("name", "read", "accepted", "rejected", "duplicates", "first", "last"),
    [
        ("brand_tweets.csv", 2614, 2614, 0, 0, "2012-11-28 21:04:46", "2022-11-02 14:15:13"),
        ("facebook_news_pages.csv.gz", 19850, 19600, 0, 250, "2015-01-26 20:43:54", "2017-07-14 16:46:34"),
        ("hacker_news.csv", 21348, 21348, 0, 0, "2015-09-06 06:02:00", "2016-09-25 23:27:00"),
        ("instagram_organizations.csv.gz", 61540, 61538, 2, 0, "2021-01-01 03:06:04", "2025-01-01 02:29:40"),
        ("youtube_channels.csv", 1649, 1649, 0, 0, "2015-12-20 01:21:07", "2024-08-09 15:17:26"),
    ],
)
def test_a_real_export_is_read_without_mapping_anything(
    name: str, read: int, accepted: int, rejected: int, duplicates: int, first: str, last: str
) -> None:
    result = run(shared(name))
    assert result.questions == ()
    assert (result.rows_read, result.accepted, result.rejected) == (read, accepted, rejected)
    assert result.duplicates == duplicates
    assert (str(result.first), str(result.last)) == (f"{first}+00:00", f"{last}+00:00")


@pytest.mark.parametrize(
    ("name", "sums"),
    [
        ("brand_tweets.csv", {Field.LIKES: 182271, Field.COMMENTS: 22787, Field.SHARES: 90899}),
        ("facebook_news_pages.csv.gz", {Field.LIKES: 33790445, Field.SHARES: 7327573}),
        ("hacker_news.csv", {Field.LIKES: 3166437, Field.COMMENTS: 1716577}),
        ("instagram_organizations.csv.gz",
         {Field.LIKES: 57606794, Field.COMMENTS: 2710125, Field.INTERACTIONS: 60316919}),
        ("youtube_channels.csv", {Field.VIEWS: 204028956, Field.LIKES: 4729229, Field.COMMENTS: 197586}),
        ("facebook_page_metrics.csv",
         {Field.LIKES: 88795, Field.COMMENTS: 3741, Field.SHARES: 13524, Field.INTERACTIONS: 106060,
          Field.REACH: 6951680, Field.IMPRESSIONS: 14792974, Field.CLICKS: 707565}),
    ],
)  # fmt: skip
def test_no_count_of_a_real_export_is_lost(name: str, sums: dict[Field, int]) -> None:
    rows = whole(name)
    assert {field: rows[field].sum() for field in sums} == sums


def test_negative_counts_of_a_real_export_are_named_with_line_and_value() -> None:
    errors = run(shared("instagram_organizations.csv.gz")).errors
    assert [(error.line, error.column, error.value) for error in errors] == [
        (14253, "comments", "-149"), (49620, "comments", "-41")
    ]  # fmt: skip


def test_american_dates_are_proven_by_the_file_itself() -> None:
    result = run(shared("hacker_news.csv"))
    assert result.reading.date_order is DateOrder.MONTH_FIRST
    assert "Stamps without a time zone were read as wall clocks in UTC (found: 21,348)." in result.notes


def test_video_lengths_become_formats() -> None:
    formats = whole("youtube_channels.csv")[Field.CONTENT_FORMAT].value_counts()
    assert dict(formats.iter_rows()) == {"video_short": 374, "video_long": 1275}


def test_measurements_in_another_zone_are_left_out_and_said() -> None:
    notes = run(shared("facebook_news_pages.csv.gz")).notes
    assert any(note.startswith("In 614 rows 'scrape_time' lies before the post itself") for note in notes)


@pytest.mark.parametrize("name", ["facebook_page_metrics.csv", "facebook_page_metrics_en.csv"])
def test_a_file_without_dates_teaches_hours_and_says_what_it_cannot(name: str) -> None:
    result, rows = run(shared(name)), whole(name)
    assert (result.accepted, result.first) == (500, None)
    assert any("can teach hours and weekdays, but not trends" in note for note in result.notes)
    assert rows[HOUR_OF_WEEK].head(3).to_list() == [51, 34, 27]
    assert rows.filter(pl.col(HOUR_OF_WEEK) == 147).height == 19  # Sunday 03:00
    formats = rows[Field.CONTENT_FORMAT].value_counts()
    assert dict(formats.iter_rows()) == {"image": 426, "text": 45, "article": 22, "video_long": 7}


# --- Ways to write the same rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        HEADER + ROW,
        b"\xef\xbb\xbf" + HEADER + ROW,
        (HEADER + ROW).decode().encode("utf-16"),
        (HEADER + ROW).replace(b",", b"\t"),
        (HEADER + ROW).replace(b",", b"|"),
        b"sep=;\r\n" + (HEADER + ROW).replace(b",", b";"),
        (HEADER + ROW).replace(b"\n", b"\r"),
        b"\n" + HEADER + b"\n,,,\n" + ROW + b"\n",
        HEADER + b"1,2024-05-01 10:00,5,hello,,\n",
        gzip.compress(HEADER + ROW),
    ],
    ids=["utf-8", "mark", "utf-16", "tab", "bar", "sep line", "carriage returns", "blank rows", "empty tail", "gzip"],
)
def test_the_same_row_is_read_from_every_way_to_write_it(content: bytes) -> None:
    result = run(content)
    assert (result.rows_read, result.accepted) == (1, 1)
    assert result.sample.select(Field.POST_ID, Field.LIKES, Field.TITLE).row(0) == ("1", 5.0, "hello")


def test_a_western_encoding_is_read_with_a_note() -> None:
    result = run(HEADER + "1,2024-05-01 10:00,5,página\n".encode("cp1252"))
    assert result.sample[Field.TITLE].to_list() == ["página"]
    assert "read as cp1252" in result.notes[0]


def test_a_workbook_keeps_the_row_numbers_its_user_sees() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, stamp = book.add_worksheet("Posts"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        book.add_worksheet("Notes")
        sheet.write_row(2, 1, ["Published", "Likes", "Title"])
        sheet.write_datetime(3, 1, datetime(2024, 5, 1, 14, 30), stamp)  # noqa: DTZ001 - a sheet has no zones
        sheet.write_row(3, 2, [12, "hello"])
        sheet.write_row(5, 1, [45413.604166667, "many", "x"])
        sheet.write_formula(5, 3, "=1+1", value=2)
    result = run(buffer.getvalue())
    assert str(result.sample[Field.PUBLISHED_AT][0]) == "2024-05-01 14:30:00+00:00"
    assert [(error.line, error.column, error.value) for error in result.errors] == [(6, "Likes", "many")]
    assert "Read sheet 'Posts'; the workbook has 1 more." in result.notes
    with pytest.raises(UnreadableFile, match=r"it has no sheet 'Plan'\. It has Posts, Notes"):
        run(buffer.getvalue(), sheet="Plan")


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_parquet_file_keeps_its_moments(tmp_path: Path, on_disk: bool) -> None:
    berlin = pl.Series([datetime(2024, 5, 1, 10, tzinfo=UTC)]).dt.convert_time_zone("Europe/Berlin")
    frame = pl.DataFrame({"id": [7], "published_at": berlin, "likes": [79.0], "tags": [["a", "b"]]})
    path = tmp_path / "posts.bin"
    frame.write_parquet(path)
    result = run(path if on_disk else path.read_bytes())
    row = result.sample.select(Field.POST_ID, Field.PUBLISHED_AT, Field.LIKES).row(0)
    assert row == ("7", datetime(2024, 5, 1, 10, tzinfo=UTC), 79.0)
    assert "Columns of lists or records are not read: tags." in result.notes


# --- Broken rows: each is named, the others are read ---------------------------------------------------------------


def test_rows_of_another_length_and_stray_quotes_are_errors_of_their_line() -> None:
    result = run(HEADER + b"1,2024-05-01 10:00,5\n" + b'2,2024-05-01 10:00,5,"a "b" c"\n' + ROW + b"3,a,b,c,d\n")
    assert [(error.line, error.reason) for error in result.errors] == [
        (2, "has 3 cells where the header has 4"),
        (3, 'has a quote inside a quoted cell; write it twice ("")'),
        (5, "has 5 cells where the header has 4"),
    ]
    assert (result.rows_read, result.accepted, result.rejected) == (4, 1, 3)


def test_line_numbers_are_true_after_cells_of_several_lines() -> None:
    result = run(
        HEADER + b'1,2024-05-01 10:00,5,"a\r\nb\n\nc\rd"\n2,never,5,x\n3,2024-05-01 10:00,5,"bad "q"\n4,no,1,y\n'
    )
    assert [error.line for error in result.errors] == [7, 8, 9]


def test_only_the_first_thousand_errors_are_kept_and_all_are_counted() -> None:
    result = run(HEADER + b"1,never,many,x\n" * 3000)
    assert (len(result.errors), result.error_count, result.rejected) == (1000, 6000, 3000)


def test_duplicates_are_counted_with_both_lines_and_every_row_has_one_fate() -> None:
    result = run(HEADER + ROW + b"2,never,1,x\n" + ROW)
    (duplicate,) = result.duplicate_posts
    assert (duplicate.post_id, duplicate.first_line, duplicate.later_line) == ("1", 2, 4)
    assert result.rows_read == result.accepted + result.rejected + result.duplicates == 3


def test_repeated_headers_are_told_apart() -> None:
    result = run(b"date,likes,likes\n2024-05-01 10:00,1,2\n")
    assert result.sample[Field.LIKES].to_list() == [1.0]
    assert "the second is called 'likes (2)' here" in result.notes[0]


def test_a_title_of_a_million_characters_is_read() -> None:
    assert run(HEADER + b"1,2024-05-01 10:00,5," + b"a" * 10**6 + b"\n").accepted == 1


def test_nothing_is_checked_before_an_open_question_is_answered() -> None:
    content = HEADER + b"1,3/4/2024 10:00,5,x\n"
    asked = run(content)
    (question,) = asked.questions
    assert (asked.rows_read, question.example) == (0, "3/4/2024 10:00")
    result = run(content, answered(asked.reading, question.doubt, "day_first"))
    assert str(result.first) == "2024-04-03 10:00:00+00:00"


def test_dates_without_times_say_what_they_would_teach() -> None:
    notes = run(HEADER + b"1,2024-05-01 00:00,5,x\n2,2024-05-02 00:00:00,5,x\n").notes
    assert any(note.startswith("Every stamp is at 00:00") for note in notes)


# --- Broken files: refused whole, with the reason ------------------------------------------------------------------


def archive(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (gzip.compress(b""), "it is empty"),
        (HEADER, "it has a header but no rows"),
        (HEADER + ROW + b"\x00\x01", "line 3 holds bytes that are no text"),
        ((HEADER + ROW).decode().encode("utf-16")[:-1], "its bytes are no text in UTF-16"),
        (HEADER + ROW + b'2,2024-05-01 10:00,5,"open\n' + ROW, "a quote opened in the row on line 3 is never closed"),
        (HEADER + b'1,2024-05-01 10:00,5,"' + b"a\n" * 2**20, "the row that starts on line 2 is longer than 1,048,576"),
        (HEADER + ROW + b"a" * 2**21, "the line that starts on line 3 is longer than 1,048,576"),
        (b'id,"da"te\n', "the quotes in its header do not fit"),
        (gzip.compress(HEADER + ROW * 99)[:40], "its gzip packing is damaged"),
        (gzip.compress(archive(a=b"")), "it is packed twice"),
        (b"%PDF-1.7 ...", "it is a PDF document"),
        (b"PK\x03\x04 damaged", "it is a damaged workbook or archive"),
        (archive(a=ROW), "it is a ZIP archive, not a workbook"),
        (archive(**{"xl/workbook.xml": b"<workbook"}), "it is a damaged workbook"),
        (OLE, "it is a damaged workbook"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "it is protected by a password"),
        (b"PAR1 damaged", "it is a damaged Parquet file"),
    ],
    # Not the bytes: a packed file holds the second it was packed in, and each worker collects in its own.
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refused:
        run(content)
    assert refused.value.fix.endswith(".")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        run(tmp_path / "posts.csv")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened() -> None:
    content = bytearray(archive(**{"xl/workbook.xml": b"0" * 1000}))
    place = content.index(b"PK\x01\x02")  # the directory's entry; the unpacked size stands 24 bytes in
    content[place + 24 : place + 28] = (2**31).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="larger than 1 GiB once unpacked"):
        run(bytes(content))


def test_a_line_without_end_is_refused_in_a_few_megabytes() -> None:
    content = gzip.compress(HEADER + b"a" * (128 << 20), compresslevel=1)
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="line that starts on line 2"):
        run(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_file_is_closed_when_its_reader_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(HEADER + ROW)
    batches = open_history(path, "posts").batches()
    next(batches)
    batches.close()  # an open file would be a ResourceWarning, and warnings are errors here
