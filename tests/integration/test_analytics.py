"""Analytics: histories, effects, trend, formats and posts, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from told_posts import FIRST_MONDAY, MEASURED, Told, evenings, tell

from core.errors import NotFound
from core.services.analytics import channel_results, list_histories, posts_behind, top_posts, week_effects
from core.services.channels import ChannelDraft, ChannelView, add_channel
from core.services.context import Context
from core.undefined import Undefined
from core.vocabulary import Basis, ChannelKind, ContentFormat

TUESDAY_10 = 34
"""The local hour of 09:00 UTC on a Tuesday of Berlin's winter."""


def test_histories_name_every_channel_and_what_is_known_of_it(ctx: Context, linkedin: ChannelView) -> None:
    films = add_channel(ctx, ChannelDraft("youtube", "Our films", ChannelKind.OUTBOX, "UTC"))
    last = FIRST_MONDAY + timedelta(days=9)
    tell(ctx, linkedin.id, [Told(FIRST_MONDAY, 3.0), Told(last, None), Told(None, 3.0, hour_of_week=5)])
    page, empty = list_histories(ctx)
    assert (page.channel_id, page.channel_name, page.timezone) == (linkedin.id, "Our page", "Europe/Berlin")
    assert (page.posts, page.undated, page.first, page.last) == (3, 1, FIRST_MONDAY, last)
    assert (empty.channel_id, empty.posts, empty.undated, empty.first) == (films.id, 0, 0, None)


def test_a_stranger_sees_no_history_and_reads_none(ctx: Context, linkedin: ChannelView, stranger: Context) -> None:
    tell(ctx, linkedin.id, evenings(1))
    assert list_histories(stranger) == ()
    for read in (week_effects, channel_results, top_posts):
        with pytest.raises(NotFound):
            read(stranger, linkedin.id)
    with pytest.raises(NotFound):
        posts_behind(stranger, linkedin.id, TUESDAY_10)


def test_the_week_says_what_it_found_and_what_that_rests_on(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(20))
    week = week_effects(ctx, linkedin.id)
    assert (week.posts, week.basis, week.timing_matters, week.is_borrowed) == (279, Basis.HISTORY, True, False)
    assert week.effects.usual_range.startswith("Timing matters here: the best-timed quarter of your 279 posts earned")
    evening, night = week.effects.cells[24 + 19], week.effects.cells[24 + 3]
    assert (evening.name, night.name, night.n) == ("Tuesday 19:00", "Tuesday 03:00", 0)
    assert isinstance(evening.lift, float)
    assert evening.lift > 0.6
    assert isinstance(night.lift, Undefined)


def test_a_format_says_whether_posts_of_others_help_it_out(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, [*evenings(10), *evenings(1, ContentFormat.TEXT)])
    borrowed = week_effects(ctx, linkedin.id, ContentFormat.TEXT)
    assert (borrowed.is_borrowed, borrowed.format_posts, borrowed.posts) == (True, 14, 153)
    alone = add_channel(ctx, ChannelDraft("linkedin", "Images only", ChannelKind.OUTBOX, "UTC"))
    tell(ctx, alone.id, evenings(10))
    own = week_effects(ctx, alone.id, ContentFormat.IMAGE)
    assert (own.is_borrowed, own.format_posts, own.posts) == (False, 139, 139)


def test_without_history_nothing_is_known_and_the_sentence_says_so(ctx: Context, linkedin: ChannelView) -> None:
    week = week_effects(ctx, linkedin.id)
    assert (week.posts, week.basis) == (0, Basis.BASELINE)
    assert week.effects.usual_range == "Published research, not your audience: you have no history here yet."
    assert not any(cell.is_known for cell in week.effects.cells)
    assert channel_results(ctx, linkedin.id).trend.is_empty()
    assert channel_results(ctx, linkedin.id).formats == ()


def test_the_trend_is_of_the_format_asked_for_and_the_comparison_of_all(ctx: Context, linkedin: ChannelView) -> None:
    image, story = ContentFormat.IMAGE, ContentFormat.STORY
    tell(
        ctx,
        linkedin.id,
        [
            Told(FIRST_MONDAY + timedelta(hours=n), 10.0 + n, image if n % 2 else story, measured_at=MEASURED)
            for n in range(20)
        ],
    )
    assert channel_results(ctx, linkedin.id).trend.rows() == [(date(2025, 1, 6), 20, 19.5, 14.75, 24.25)]
    stories = channel_results(ctx, linkedin.id, story)
    assert stories.trend["posts"].to_list() == [10]
    assert [(each.content_format, each.posts) for each in stories.formats] == [("image", 10), ("story", 9)]


def test_a_history_without_dates_has_hours_but_no_trend(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, [Told(None, float(n), hour_of_week=n) for n in range(40)])
    assert channel_results(ctx, linkedin.id).trend.is_empty()
    assert week_effects(ctx, linkedin.id).posts == 40


def test_the_best_posts_come_first_and_the_worst_are_old_enough_to_judge(ctx: Context, linkedin: ChannelView) -> None:
    young = MEASURED - timedelta(days=6)
    tell(
        ctx,
        linkedin.id,
        [
            Told(FIRST_MONDAY, 50.0, title="fifty"),
            Told(None, 4.0, hour_of_week=9, title="four"),
            Told(young, 0.0, title="young and low"),
            Told(young, 90.0, title="young and high"),
            Told(FIRST_MONDAY, None, title="unknown"),
            Told(FIRST_MONDAY, 7.0, ContentFormat.STORY, title="story"),
        ],
    )
    assert [post.title for post in top_posts(ctx, linkedin.id, count=2)] == ["young and high", "fifty"]
    assert [post.title for post in top_posts(ctx, linkedin.id, count=9, worst=True)] == ["four", "story", "fifty"]
    assert [post.title for post in top_posts(ctx, linkedin.id, ContentFormat.STORY)] == ["story"]


def test_posts_behind_an_hour_are_those_of_that_hour_on_the_wall_newest_first_undated_last(
    ctx: Context, linkedin: ChannelView
) -> None:
    """Tuesday 10:00 in Berlin is 09:00 UTC in winter and 08:00 UTC in summer."""
    tell(
        ctx,
        linkedin.id,
        [
            Told(None, 1.0, hour_of_week=TUESDAY_10, title="undated"),
            Told(datetime(2025, 1, 7, 9, 59, tzinfo=UTC), 1.0, title="winter"),
            Told(datetime(2025, 7, 8, 8, 0, tzinfo=UTC), 1.0, title="summer"),
            Told(datetime(2025, 7, 8, 9, 0, tzinfo=UTC), 1.0, title="an hour later"),
            Told(datetime(2025, 7, 9, 8, 0, tzinfo=UTC), 1.0, title="a day later"),
            Told(datetime(2025, 7, 15, 8, 0, tzinfo=UTC), 1.0, ContentFormat.STORY, title="story"),
        ],
    )
    assert [post.title for post in posts_behind(ctx, linkedin.id, TUESDAY_10)] == [
        "story", "summer", "winter", "undated",
    ]  # fmt: skip
    assert [post.title for post in posts_behind(ctx, linkedin.id, TUESDAY_10, ContentFormat.STORY)] == ["story"]
    assert posts_behind(ctx, linkedin.id, 0) == ()


def test_at_most_two_hundred_posts_are_listed_the_newest_ones(ctx: Context, linkedin: ChannelView) -> None:
    first = datetime(2020, 1, 7, 10, tzinfo=UTC)
    utc = add_channel(ctx, ChannelDraft("youtube", "Our films", ChannelKind.OUTBOX, "UTC"))
    tell(ctx, utc.id, [Told(first + timedelta(weeks=n), 1.0) for n in range(220)])
    behind = posts_behind(ctx, utc.id, TUESDAY_10)
    assert len(behind) == 200
    assert behind[0].published_at == first + timedelta(weeks=219)
    assert behind[-1].published_at == first + timedelta(weeks=20)
