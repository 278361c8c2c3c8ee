"""The Analytics page: without channels, without history, full, filtered, undated, failing; its words and tables."""

import io
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from screens import Open, frame, words
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from core.bootstrap import assemble, running
from core.services.analytics import PostView
from core.services.channels import ChannelDraft, add_channel, edit_channel
from core.services.context import Context
from core.services.demo import load_sample
from core.services.timing import refresh_timing
from core.settings import Settings
from core.storage.tables import Channel, PostOutcome
from core.timing.curve import Interval
from core.timing.effects import Effect
from core.timing.summary import TREND_SCHEMA
from core.ui.analytics_tables import as_csv, as_parquet, effect_table, post_table, web_link
from core.ui.analytics_words import effect_words, format_finding, trend_finding
from core.ui.charts import Ink, legible
from core.undefined import Undefined
from core.vocabulary import ChannelKind, ContentFormat

NONE = Undefined("none")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the sample once: it takes a second."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("sample"))
    house = assemble(settings)
    load_sample(house.context())
    house.close()
    return settings.sqlite_path


@pytest.fixture
def sampled(data_dir: Path, sample_file: Path) -> None:
    """Let the installation of this test start with the sample history."""
    shutil.copy(sample_file, data_dir)


def said(page: AppTest) -> str:
    """Give what the page says, without the marks that keep user text plain."""
    return words(page).replace("\\", "").replace("\u2060", "")


def address(**choices: str) -> AppTest:
    page = frame()
    for key, value in choices.items():
        page.query_params[f"analytics_{key}"] = value
    return page.run().switch_page("analytics.py").run()


def undated(ctx: Context, title: str = "A post") -> str:
    channel = add_channel(ctx, ChannelDraft("facebook", "Old page", ChannelKind.OUTBOX, "UTC")).id
    post = {"channel_id": channel, "title": title, "url": "javascript:alert(1)", "measured_at": datetime.now(UTC)}
    rows = [
        {**post, "post_id": str(n), "fingerprint": n, "hour_of_week": 39, "engagement": float(n)} for n in range(12)
    ]
    with ctx.write() as session:
        session.execute(insert(PostOutcome), rows)
        refresh_timing(session, session.get_one(Channel, channel))
    return channel


# --- States ------------------------------------------------------------------------------------------------------


def test_without_channels_the_page_says_what_will_be_here_and_loads_the_sample_with_one_click(open_page: Open) -> None:
    page = open_page("analytics.py")
    assert page.subheader[0].value == "Nothing to learn from yet"
    page.button(key="load_sample").click().run()
    assert not page.exception
    assert page.selectbox(key="analytics_channel").options == [
        "Instagram · Sample · Tidewick Coffee (synthetic)",
        "LinkedIn · Sample · Tidewick Coffee (synthetic)",
        "YouTube · Sample · Tidewick Coffee (synthetic)",
    ]
    assert "marked as synthetic" in page.toast[0].value


def test_a_peer_is_called_one_and_is_not_what_the_page_opens_with(ctx: Context, open_page: Open) -> None:
    own = add_channel(ctx, ChannelDraft("youtube", "Ours", ChannelKind.OUTBOX, "UTC")).id
    peer = undated(ctx)
    edit_channel(ctx, peer, ChannelDraft("facebook", "Old page", ChannelKind.OUTBOX, "UTC", is_peer=True))
    page = open_page("analytics.py")
    assert page.selectbox(key="analytics_channel").value == own
    assert page.selectbox(key="analytics_channel").options == ["YouTube · Ours", "Facebook · Old page (peer)"]
    assert "badge[:material/groups: Peer]" not in words(page)
    page.selectbox(key="analytics_channel").select(peer).run()
    assert "badge[:material/groups: Peer]" in words(page)
    assert not page.exception


def test_a_channel_without_history_says_so_by_its_name(open_page: Open, ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("linkedin", HOSTILE, ChannelKind.OUTBOX, "UTC"))
    page = open_page("analytics.py")
    assert f"No history of {HOSTILE} yet" in said(page)
    assert HOSTILE not in words(page)
    assert not page.exception


def test_the_full_page_names_finding_basis_sample_and_caveat(open_page: Open, sampled: None) -> None:
    page = open_page("analytics.py")
    assert not page.exception
    text = said(page)
    assert "Timing matters here: the best-timed quarter of your" in text
    assert "Your data and others' · 5" in text
    assert "Only a randomized trial shows a cause." in text
    assert "is your best hour: +" in text
    assert "90 % interval" in text
    assert "600 posts" in text
    assert "times in Europe/London" in text
    assert len(page.get("plotly_chart")) == 5
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))


def test_each_question_has_its_address_and_its_own_charts(sampled: None) -> None:
    page = address(view="What works")
    text = said(page)
    assert "A typical post of the last 8 weeks earned" in text
    assert "Best and worst content" in text
    assert "is your best hour" not in text
    assert len(page.get("plotly_chart")) == 3


def test_how_often_to_post_is_told_with_its_interval_or_not_at_all(sampled: None, ctx: Context) -> None:
    assert "per post in weeks with" in said(address(view="What works"))
    undated(ctx)
    text = said(address(channel="Facebook · Old page", view="What works"))
    assert "How often to post cannot be told yet" in text
    assert "0 of 12 whole weeks with posts are needed" in text


def test_the_look_back_compares_the_advice_with_naive_methods_and_says_what_it_is_not(sampled: None) -> None:
    page = address(view="Does it hold")
    text = said(page)
    assert "Following the advice would have earned about" in text
    assert "only a randomized trial shows a cause" in text
    chart = page.get("plotly_chart")[0].proto.spec
    for name in ("Slotwise's advice", "Any time", "Best raw averages", "Your usual hours", "Published research"):
        assert name in chart
    assert "show no change of the week: what was learned before still holds" in text


def test_a_short_history_is_told_to_be_too_short_for_a_look_back(ctx: Context) -> None:
    undated(ctx)
    text = said(address(view="Does it hold"))
    assert "Too little history for a back-test" in text
    assert "0 of 60 posts with a known outcome needed" in text


def test_changes_may_be_asked_for_since_a_month(sampled: None) -> None:
    page = address(view="Does it hold", since="6 months ago")
    assert "against" in said(page)
    assert page.segmented_control(key="analytics_since").value == "6 months ago"
    assert not page.exception


def test_the_colours_of_the_week_may_say_how_sure_each_hour_is(sampled: None) -> None:
    page = address()
    assert "Colour: what an hour's posts earn against your average." in said(page)
    page.segmented_control(key="analytics_colour").select("Uncertainty").run()
    assert "the paler, the surer" in said(page)
    assert "Width of the 90 % interval" in page.get("plotly_chart")[0].proto.spec


def test_a_weekday_shows_its_own_curve(sampled: None) -> None:
    page = address(day="Tue")
    assert "Tuesday" in page.get("plotly_chart")[1].proto.alt
    page.segmented_control(key="analytics_day").select("Sun").run()
    assert "Sunday by the hour" in page.get("plotly_chart")[1].proto.alt


def test_a_channel_without_an_effect_of_timing_says_so(sampled: None) -> None:
    page = address(channel="YouTube · Sample · Tidewick Coffee (synthetic)")
    text = said(page)
    assert "Your history shows no detectable effect of timing" in text
    assert "No single hour of the week stands out" in text
    assert "Weekdays differ by no more than chance" in text


def test_an_address_with_an_hour_lists_the_posts_behind_it(sampled: None) -> None:
    page = address(hour="Tuesday 19:00")
    assert "on Tuesday 19:00**, newest first" in said(page)
    assert "Tuesday 19:00: +" in said(page)
    assert "on the hours beside it" in said(page)
    assert "Allowing for chance we expect" in said(page)
    behind = page.dataframe[0].value
    assert {stamp.hour for stamp in behind["published"]} == {19}
    assert {stamp.weekday() for stamp in behind["published"]} == {1}
    assert behind["link"].str.startswith("https://example.com/").all()


def test_an_hour_without_posts_is_unknown_not_zero(sampled: None) -> None:
    assert "No posts on Tuesday 03:00 yet: nothing is known of this hour." in said(address(hour="Tuesday 03:00"))


def test_a_format_without_posts_offers_to_clear_the_filter(sampled: None) -> None:
    page = address(format="Story")
    assert "No posts match this filter" in said(page)
    assert not page.get("plotly_chart")
    page.button(key="clear_format").click().run()
    assert "Timing matters here" in said(page)


def test_a_format_with_few_posts_says_that_all_formats_speak_for_it(sampled: None) -> None:
    page = address(channel="LinkedIn · Sample · Tidewick Coffee (synthetic)", format="Article")
    assert "of the format article count in full. Your posts of other formats help out" in said(page)


def test_a_choice_that_is_not_there_is_ignored(sampled: None) -> None:
    page = address(channel="MySpace · Nobody", format="Hologram", hour="Someday 25:00")
    assert not page.exception
    assert "Timing matters here" in said(page)


def test_a_history_without_dates_shows_hours_and_says_why_there_is_no_trend(ctx: Context) -> None:
    undated(ctx)
    page = address(view="What works")
    assert not page.exception
    text = said(page)
    assert "No trend to show yet" in text
    assert "This history has no dates, only hours and weekdays" in text
    assert "12 without a date" in text
    assert list(page.dataframe[0].value["hour"].unique()) == ["Tuesday 15:00"]
    assert page.dataframe[0].value["link"].isna().all()


def test_when_the_data_cannot_be_read_the_page_says_what_still_works(open_page: Open, sampled: None) -> None:
    page = open_page("analytics.py")
    with running().db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE platform_timing_data RENAME TO gone")
        connection.exec_driver_sql("UPDATE revisions SET value = value + 1")
    page.run()
    assert "What still works" in words(page)
    assert not page.exception


def test_a_history_stamped_in_another_zone_is_flagged_here_and_on_the_dashboard(open_page: Open, ctx: Context) -> None:
    channel = add_channel(ctx, ChannelDraft("linkedin", "Night owl", ChannelKind.OUTBOX, "UTC")).id
    first = datetime(2026, 1, 5, tzinfo=UTC)
    stamps = [first + timedelta(days=day, hours=hour) for day in range(30) for hour in (0, 2, 4, 18, 20, 22)]
    post = {"channel_id": channel, "engagement": 9.0, "measured_at": datetime(2026, 6, 1, tzinfo=UTC)}
    rows = [{**post, "post_id": str(n), "fingerprint": n, "published_at": at} for n, at in enumerate(stamps)]
    with ctx.write() as session:
        session.execute(insert(PostOutcome), rows)
        refresh_timing(session, session.get_one(Channel, channel))
    for name in ("analytics.py", "dashboard.py"):
        page = open_page(name)
        assert "Check the zone of the file or of the channel." in said(page)
        assert not page.exception


# --- Words -------------------------------------------------------------------------------------------------------


def trend(medians: list[float | None]) -> pl.DataFrame:
    first = date(2026, 1, 5)
    rows = [(first + timedelta(weeks=n), 1, value, value, value) for n, value in enumerate(medians)]
    return pl.DataFrame(rows, schema=pl.Schema(TREND_SCHEMA), orient="row")


def test_a_trend_is_told_against_the_weeks_before_and_weeks_without_posts_do_not_count() -> None:
    medians = [100.0] * 8 + [None] * 3 + [125.0] * 8
    assert trend_finding(trend(medians)) == (
        "A typical post of the last 8 weeks earned 125, 25 % more than in the 8 before"
    )
    assert trend_finding(trend([100.0] * 8 + [75.0] * 8)).endswith("earned 75, 25 % less than in the 8 before")
    assert trend_finding(trend([100.0] * 16)).endswith("earned 100, as much as in the 8 before")


@pytest.mark.parametrize("medians", [[100.0], [100.0] * 15, [0.0] * 8 + [100.0] * 8])
def test_a_short_or_silent_past_is_no_comparison(medians: list[float | None]) -> None:
    assert trend_finding(trend(medians)) == "A typical post earned 100"


def test_only_an_effect_whose_interval_lies_above_the_average_stands_out() -> None:
    sure = Effect("Carousel", 40, 0.1, Interval(0.02, 0.19))
    larger = Effect("Story", 6, 0.5, Interval(-0.1, 1.4))
    assert format_finding([sure, larger]) == (
        "Carousel earns most: +10 % against your average (90 % interval +2 % to +19 %, 40 posts)"
    )
    assert format_finding([larger]) == "No format earns clearly more than your average post"
    assert format_finding([Effect("Text", 2, NONE, NONE)]) == "No format earns clearly more than your average post"


def test_an_hour_says_what_is_known_of_it() -> None:
    assert effect_words(Effect("Tuesday 15:00", 0, NONE, NONE)) == "Tuesday 15:00<br>No posts yet: unknown"
    assert effect_words(Effect("Tuesday 15:00", 1, 0.04, Interval(-0.1, 0.1))) == (
        "Tuesday 15:00<br>+4 % (90 % interval -10 % to +10 %)<br>1 post"
    )


# --- Tables ------------------------------------------------------------------------------------------------------


def test_unknown_effects_are_empty_cells_not_zeros() -> None:
    table = effect_table([Effect("Monday", 3, 0.1, Interval(0.0, 0.2)), Effect("Sunday", 0, NONE, NONE)])
    assert table.rows() == [("Monday", 3, 0.1, 0.0, 0.2), ("Sunday", 0, None, None, None)]
    assert as_csv(table).decode() == "name,posts,lift,low,high\nMonday,3,0.1,0.0,0.2\nSunday,0,,,\n"


def test_a_downloaded_text_is_no_formula_in_a_spreadsheet_and_stays_itself_in_parquet() -> None:
    post = PostView("c", "p1", None, 39, ContentFormat.IMAGE, "=1+1", "https://a.example", 5.0, datetime.now(UTC))
    table = post_table([post], "UTC")
    assert b"'=1+1,," in as_csv(table)
    assert pl.read_parquet(io.BytesIO(as_parquet(table)))["title"].to_list() == ["=1+1"]


def test_a_table_of_no_posts_has_its_columns() -> None:
    assert post_table([], "UTC").columns == ["title", "published", "hour", "format", "engagement", "link", "post_id"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//a.example", "", None, "a.example"])
def test_only_addresses_of_the_web_become_links(url: str | None) -> None:
    assert web_link(url) is None
    assert web_link("HTTPS://a.example/1") == "HTTPS://a.example/1"


def test_times_stand_on_the_clocks_of_the_audience() -> None:
    at = datetime(2026, 7, 7, 13, 5, tzinfo=UTC)
    post = PostView("c", "p1", at, None, None, "", None, None, at)
    (row,) = post_table([post], "Europe/Berlin").rows(named=True)
    assert (row["published"], row["hour"], row["title"]) == (datetime(2026, 7, 7, 15, 5), "Tuesday 15:00", "p1")  # noqa: DTZ001 - a clock on the wall


@pytest.mark.parametrize(
    ("ground", "standing_out"),
    [("#7f3404", "#ffffff"), ("#f5dcc8", "#1c2629"), ("#0f6b73", "#ffffff"), ("#ffffff", "#1c2629")],
)
def test_a_figure_on_a_tile_is_written_in_the_ink_that_stands_out(ground: str, standing_out: str) -> None:
    inks = Ink("#1c2629", "#66757a", "#ffffff", "#0f6b73", (), ())
    assert legible(ground, inks) == standing_out
