"""Sheets as people send them: merged headers, missing columns, dates in several styles, words nobody knows."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from io import BytesIO

import pytest
import xlsxwriter
from bulk_stage import content_row, new_job
from planned_posts import TUESDAY

from core.bulk.words import Mode, Operation
from core.errors import Problem
from core.history.reading import DateOrder
from core.services.bulk_dry_run import DryRun, dry_run
from core.services.bulk_placing import place_rows
from core.services.bulk_sheets import SheetRows, read_lines, read_rows, rows_of
from core.services.bulk_views import MOST_ROWS, NewJob, RowDraft, Schedule
from core.services.channels import ChannelDraft, add_channel, edit_channel
from core.services.context import Context
from core.vocabulary import ChannelKind, OptimizationLevel

HEAD = "Title,Platform,Scheduled Time\n"


def workbook(*rows: list[object], merged: str = "") -> bytes:
    """Give an Excel sheet; `merged` cells hold a title of their own."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merged:
            sheet.merge_range(merged, "Our spring plan")
    return content.getvalue()


def read(text: str, order: DateOrder | None = None) -> SheetRows:
    return read_rows(text.encode(), "posts.csv", date_order=order)


def times(sheet: SheetRows) -> list[str]:
    return [next(iter(row.scheduled_times.values()), "") for row in sheet.rows]


def said(problems: tuple[Problem, ...]) -> dict[str, str]:
    return {problem.place: problem.message for problem in problems}


# --- Headers ---


def test_a_merged_title_above_the_header_is_passed_over_and_said() -> None:
    content = workbook([], ["Title", "Platform", "When"], ["One", "linkedin", "2027-03-04 09:00"], merged="A1:C1")
    sheet = read_rows(content, "plan.xlsx")
    assert [(row.title, row.line) for row in sheet.rows] == [("One", 3)]
    assert sheet.problems == ()
    assert "The header is on line 2. The line above it was passed over." in sheet.notes


def test_lines_of_text_above_the_header_of_a_csv_are_passed_over() -> None:
    sheet = read("Our spring plan\n\nTitle,Platform\nOne,linkedin\n")
    assert [(row.title, row.line) for row in sheet.rows] == [("One", 4)]


def test_a_column_under_a_merged_header_is_asked_for_by_its_letter_and_can_be_named() -> None:
    content = workbook(["Title", "", "Platform"], ["One", "Hello", "linkedin"])
    asked = read_lines(content, "plan.xlsx").header
    assert asked.asks
    assert [problem.place for problem in asked.problems] == ["column B"]
    named = read_lines(content, "plan.xlsx", said={"text": "column 2"})
    (line,) = named.lines
    assert (line.cells["text"], named.problems) == ("Hello", ())


def test_an_empty_column_without_a_header_disturbs_nobody() -> None:
    assert read("Title,,Platform\nOne,,linkedin\n").problems == ()


def test_missing_columns_are_named_with_what_they_may_be_called() -> None:
    problems = said(read("Name of it,Where\nOne,linkedin\n").problems)
    assert list(problems) == ["Title", "Platform"]
    assert "name one title or headline" in problems["Title"]
    assert read_lines(b"Name of it,Where\nOne,linkedin\n", "a.csv").header.asks


def test_a_date_and_a_time_in_columns_of_their_own_belong_together() -> None:
    content = workbook(
        ["Title", "Platform", "Date", "Time"],
        ["One", "linkedin", datetime(2027, 3, 4), time(9, 30)],  # noqa: DTZ001 - a sheet's cell has no zone
        ["Two", "linkedin", "5.3.2027", "10:15"],
    )
    assert times(read_rows(content, "plan.xlsx")) == ["2027-03-04 09:30", "2027-03-05 10:15"]


def test_dates_without_a_time_of_day_are_not_taken_for_midnight() -> None:
    content = workbook(["Title", "Platform", "Date"], ["One", "linkedin", datetime(2027, 3, 4)])  # noqa: DTZ001
    problems = said(read_rows(content, "plan.xlsx").problems)
    assert "no time of day" in problems["line 2, Date"]


# --- Dates ---


def test_styles_that_mean_one_thing_are_all_read_in_one_column() -> None:
    cells = ["2027-03-04 09:00", "5.3.2027 10:00", "March 6, 2027 11:00", "7 Mar 2027 12:00", "2027-03-08T13:00:00Z"]
    sheet = read(HEAD + "".join(f'One,x,"{cell}"\n' for cell in cells))
    assert sheet.problems == ()
    assert times(sheet) == [
        "2027-03-04 09:00",
        "2027-03-05 10:00",
        "2027-03-06 11:00",
        "2027-03-07 12:00",
        "2027-03-08 13:00+00:00",
    ]


@pytest.mark.parametrize(
    ("other", "meant"), [("24/04/2027 09:00", "2027-04-03 09:00"), ("04/24/2027 09:00", "2027-03-04 09:00")]
)
def test_the_rest_of_the_column_says_what_an_ambiguous_date_means(other: str, meant: str) -> None:
    sheet = read(HEAD + f"One,x,03/04/2027 09:00\nTwo,x,{other}\n")
    assert (sheet.problems, times(sheet)[0]) == ((), meant)


def test_an_ambiguous_date_that_nothing_decides_is_asked_never_guessed() -> None:
    text = HEAD + "One,x,03/04/2027 09:00\nTwo,x,2027-05-01 09:00\n"
    assert list(said(read(text).problems)) == ["line 2, Scheduled Time"]
    lines = read_lines(text.encode(), "posts.csv").lines
    question = rows_of(lines, {"scheduled_time": "Scheduled Time"}).question
    assert question is not None
    assert list(question.choices.values()) == ["3 April 2027", "4 March 2027"]
    answered = read(text, DateOrder.MONTH_FIRST)
    assert (answered.problems, times(answered)[0]) == ((), "2027-03-04 09:00")


def test_a_column_that_contradicts_itself_is_asked_about_and_clear_dates_stay_what_they_are() -> None:
    text = HEAD + "One,x,24/04/2027 09:00\nTwo,x,04/24/2027 09:00\nThree,x,03/04/2027 09:00\n"
    assert list(said(read(text).problems)) == ["line 4, Scheduled Time"]
    assert times(read(text, DateOrder.DAY_FIRST)) == ["2027-04-24 09:00", "2027-04-24 09:00", "2027-04-03 09:00"]


# --- Rows ---


def faults(ctx: Context, *rows: RowDraft) -> DryRun:
    return dry_run(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows, timezone="Europe/Berlin"))


def at(text: str) -> RowDraft:
    return content_row(0, scheduled_times={"linkedin": text})


def test_an_unknown_platform_is_answered_with_the_nearest(ctx: Context) -> None:
    run = faults(ctx, content_row(0, "linkdin"), content_row(1, "friendster"))
    first, second = run.faults
    assert "did you mean LinkedIn?" in first.message
    assert "did you mean" not in second.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-01 10:00", "has already passed"),
        ("2026-03-29 02:30", "the clocks jump from 2026-03-29 02:00"),
        ("2026-10-25 02:30", "Write 2026-10-25 02:30+02:00"),
        ("2099-01-01 10:00", "more than ten years ahead"),
    ],
)
def test_times_that_cannot_be_are_named_by_row_and_column(ctx: Context, text: str, words: str) -> None:
    (fault,) = faults(ctx, content_row(1), at(text)).faults
    assert (fault.number, fault.column) == (2, "scheduled_times.linkedin")
    assert words in fault.message


def test_the_two_readings_of_a_doubled_hour_are_accepted_as_they_are_said(ctx: Context) -> None:
    sheet = read("Title,Platform,Scheduled Time\nOne,linkedin,2026-10-25 02:30 +02:00\n")
    assert faults(ctx, *sheet.rows).faults == ()


def test_a_channel_that_is_switched_off_is_refused_before_the_start(ctx: Context) -> None:
    channel = add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    edit_channel(ctx, channel.id, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC", active=False))
    run = faults(ctx, content_row(0), content_row(1, channel_ids={"linkedin": channel.id}))
    assert [(fault.number, fault.value) for fault in run.faults] == [(1, "News"), (2, "News")]
    assert "switch one on" in run.faults[0].message
    assert "switched off" in run.faults[1].message


# --- Placing ---


def timeless(count: int) -> tuple[RowDraft, ...]:
    return tuple(content_row(number, scheduled_times={}) for number in range(count))


def smart(ctx: Context, rows: tuple[RowDraft, ...], **fields: object) -> NewJob:
    schedule = replace(Schedule(mode=Mode.SMART, level=OptimizationLevel.SPEED), **fields)  # type: ignore[arg-type]
    return replace(new_job(0), rows=rows, schedule=schedule)


def test_no_post_is_placed_after_the_end_and_what_finds_no_room_says_so(ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    ends = ctx.now() + timedelta(days=1)
    run = dry_run(ctx, smart(ctx, timeless(12), ends_at=ends))
    assert all(post.scheduled_at < ends for post in run.planned)
    assert len(run.planned) + len(run.unplaced) == 12
    assert run.unplaced
    assert "The job ends 2026-03-03 12:00 UTC" in run.unplaced[0].reason
    assert not run.is_ready


def test_an_end_that_lies_behind_leaves_every_row_unplaced_with_the_reason(ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    run = dry_run(ctx, smart(ctx, timeless(1), ends_at=TUESDAY - timedelta(days=9)))
    assert [problem.place for problem in run.problems] == ["schedule.ends_at"]
    assert len(run.unplaced) == 1


def test_more_than_a_thousand_posts_are_placed_or_named(ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    placing = place_rows(ctx, smart(ctx, timeless(1200)))
    placed = sum("linkedin" in row.placed for row in placing.rows)
    assert placed > 50
    assert placed + len(placing.unplaced) == 1200
    assert {each.number for each in placing.unplaced} == {
        number for number, row in enumerate(placing.rows, start=1) if not row.placed
    }


def test_the_planner_keeps_clear_of_the_times_that_other_rows_bring(ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC", max_per_day=9))
    free = dry_run(ctx, smart(ctx, timeless(1))).planned[0].scheduled_at
    taken = content_row(0, scheduled_times={"linkedin": free.isoformat()})
    run = dry_run(ctx, smart(ctx, (taken, *timeless(1))))
    assert abs(run.planned[1].scheduled_at - free) >= timedelta(minutes=120)
    assert run.clashes == ()


def test_posts_too_near_or_too_many_are_warned_of_and_may_go_all_the_same(ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    near = (content_row(0), content_row(0, title="Again"))
    run = dry_run(ctx, replace(new_job(0), rows=near))
    assert [clash.number for clash in run.clashes] == [1, 2]
    assert "less than 120 minutes from “Again”" in run.clashes[0].message
    many = tuple(content_row(3 * number) for number in range(4))
    words = {clash.message for clash in dry_run(ctx, replace(new_job(0), rows=many)).clashes}
    assert "“Post 0” is one of 4 posts on 2026-03-03; at most 3 are allowed." in words
    assert run.is_ready


# --- Size ---


def test_a_sheet_of_more_rows_than_a_job_takes_is_refused_and_read_no_further() -> None:
    text = HEAD + "One,linkedin,\n" * (MOST_ROWS + 1)
    read = read_lines(text.encode(), "posts.csv")
    assert len(read.lines) == MOST_ROWS
    assert f"a job has at most {MOST_ROWS:,}" in read.problems[0].message
