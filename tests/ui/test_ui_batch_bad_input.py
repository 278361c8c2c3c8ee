"""The batch scheduler on bad sheets: what it asks, what it names, and how that is mended where it stands."""

from dataclasses import replace
from io import BytesIO

import pytest
import xlsxwriter
from batch_steps_at_hand import HEAD, PAGE, at, named, pasted, said, typed
from screens import Open
from streamlit.testing.v1 import AppTest

from core.services.bulk_jobs import page_jobs, page_rows
from core.services.bulk_views import JobFilter
from core.services.channels import ChannelDraft, add_channel, edit_channel, list_channels
from core.services.context import Context
from core.vocabulary import ChannelKind

NEWS = ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC")


@pytest.fixture
def page(open_page: Open, ctx: Context) -> AppTest:
    add_channel(ctx, NEWS)
    return open_page(PAGE)


def merged() -> bytes:
    """Give a sheet whose header cell spans two columns."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:B1", "Title")
        sheet.write("C1", "Platform")
        sheet.write_row("A2", ["Spring", "The collection is here.", "linkedin"])
    return content.getvalue()


def wrong(page: AppTest) -> list[str]:
    """Give what the grid says of each row."""
    return list(page.dataframe[0].value["What is wrong"])


def test_a_column_under_a_merged_header_is_named_and_its_meaning_chosen(page: AppTest) -> None:
    page.file_uploader(key="batch_file_0").upload("plan.xlsx", merged()).run()
    assert "Column B: this column has no header" in page.warning[0].value
    page.selectbox(key="batch_column_text_0").select("column 2")
    next(each for each in page.button if "Read with these columns" in each.label).click().run()
    assert "1 row" in said(page)
    assert list(page.dataframe[0].value["Text"]) == ["The collection is here."]


def test_columns_with_names_of_their_own_are_chosen_by_hand(page: AppTest) -> None:
    pasted(page, "Name of it;Where;On\nSpring;linkedin;2036-03-04 09:00\n")
    assert "Title: this column is missing" in page.warning[0].value
    button = next(each for each in page.button if "Read with these columns" in each.label)
    button.click().run()
    assert "nothing could be posted" in page.error[0].value
    for field, column in {"title": "Name of it", "platforms": "Where", "scheduled_time": "On"}.items():
        page.selectbox(key=f"batch_column_{field}_0").select(column)
    next(each for each in page.button if "Read with these columns" in each.label).click().run()
    assert "Every row can go as it is" in said(page)


def test_a_sheet_without_platforms_says_where_they_are_chosen(page: AppTest) -> None:
    pasted(page, "Title,Scheduled Time\nSpring,2036-03-04 09:00\n")
    assert "choose them in the step Output" in said(page)


def test_an_ambiguous_date_is_asked_and_the_answer_is_kept(page: AppTest, ctx: Context, open_page: Open) -> None:
    pasted(page, HEAD + "First,linkedin,03/04/2036 09:00,,\n")
    assert "can be read in two ways" in said(page)
    assert "may be day first or month first" in wrong(page)[0]
    page.button(key="batch_dates_month_first").click().run()
    assert "Every row can go as it is" in said(page)
    again = open_page(PAGE)
    assert "are read month first, as you said" in said(again)
    at(named(again), "Review").button(key="batch_start").click().run()
    (row,), _ = page_rows(ctx, page_jobs(ctx, JobFilter(), 1)[0][0].id, 10)
    assert row.draft.scheduled_times == {"linkedin": "2036-03-04 09:00"}


def test_every_cell_that_is_wrong_is_said_once_and_in_words(page: AppTest) -> None:
    pasted(page, HEAD + "First,linkdin,soon,,\nSecond,linkedin,2036-03-04,,\n")
    first, second = wrong(page)
    assert "did you mean LinkedIn?" in first
    assert first.count("Scheduled time") == 1
    assert "no time of day" in second
    typed(
        page,
        {0: {"Platform": "LinkedIn", "Scheduled time": "4.3.2036 9:00"}, 1: {"Scheduled time": "2036-03-04 10:00"}},
    )
    assert "Every row can go as it is" in said(page)


def test_a_channel_that_is_switched_off_is_said_before_the_start(page: AppTest, ctx: Context) -> None:
    (channel,) = list_channels(ctx)
    edit_channel(ctx, channel.id, replace(NEWS, active=False))
    pasted(page, HEAD + "First,linkedin,2036-03-04 09:00,,\n")
    assert "Platform “News”: no channel on LinkedIn is switched on" in wrong(page)[0]
    at(named(page), "Review")
    assert page.button(key="batch_start").disabled


def test_posts_without_a_time_are_named_in_the_review_and_can_be_left_out(page: AppTest, ctx: Context) -> None:
    (channel,) = list_channels(ctx)
    edit_channel(ctx, channel.id, replace(NEWS, max_per_week=1, max_per_day=1))
    pasted(page, HEAD + "".join(f"Post {number},linkedin,,,\n" for number in range(7)))
    at(named(page), "Review")
    table = next(each.value for each in page.dataframe if "Why" in each.value)
    assert len(table) >= 2
    assert list(table.columns) == ["Line", "Post", "Platform", "Why"]
    assert "Times were looked for until" in said(page)
    assert page.button(key="batch_start").disabled
    page.button(key="batch_drop_unplaced").click().run()
    assert not page.button(key="batch_start").disabled


def test_more_rows_than_a_page_can_hold_are_refused_with_the_ways_there_are(page: AppTest) -> None:
    pasted(page, "Title,Platform\n" + "One,linkedin\n" * 20_001)
    assert "more than 20,000 rows" in page.error[0].value.replace("\\", "")
    assert page.button(key="batch_next").disabled
