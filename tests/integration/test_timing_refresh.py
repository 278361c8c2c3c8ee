"""Roll-ups: what is learned of posts, figure by figure, on both databases."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from told_posts import FIRST_MONDAY, MEASURED, Told, evenings, tell

from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.curves import fit_channel, load_stats
from core.storage.tables import Channel
from core.timing.rollup import NO_POSTS, WeekStats
from core.vocabulary import Basis, ChannelKind, ContentFormat

TUESDAY_15 = 39


def stats_of(ctx: Context, channel: ChannelView, content_format: ContentFormat | None = None) -> WeekStats:
    with ctx.read() as session:
        return load_stats(session, channel.id, content_format)


def used(stats: WeekStats) -> dict[int, int]:
    return {cell: n for cell, n in enumerate(stats.n) if n}


def test_undated_posts_are_rolled_up_at_a_quarter_of_the_weight(ctx: Context, linkedin: ChannelView) -> None:
    """log1p is ln 2, ln 4, ln 8; the median ln 4; two posts share a cell: mean -½·ln 2, m2 = ¼·2·(½·ln 2)²."""
    tell(ctx, linkedin.id, [Told(None, 1.0, hour_of_week=1), Told(None, 3.0, hour_of_week=1)])
    tell(ctx, linkedin.id, [Told(None, 7.0, hour_of_week=TUESDAY_15)])
    stats = stats_of(ctx, linkedin)
    assert used(stats) == {1: 2, TUESDAY_15: 1}
    assert (stats.weight[1], stats.weight[TUESDAY_15]) == (0.5, 0.25)
    assert (stats.mean[1], stats.mean[TUESDAY_15]) == pytest.approx((-0.34657, 0.69315), abs=1e-4)
    assert (stats.m2[1], stats.m2[TUESDAY_15]) == pytest.approx((0.060057, 0.0), abs=1e-4)


def test_dated_posts_fall_into_the_hour_of_the_audience_and_fade_by_half_in_180_days(
    ctx: Context, linkedin: ChannelView
) -> None:
    """14:30 UTC is 15:30 in Berlin in winter, 16:30 in summer; the first post has no level to be compared with.

    Against January July is six months old, September four: 2^(-6 x 30.436875 / 180) = 0.49497, then 0.62574.
    """
    weeks = [datetime(2025, 7, 1, 14, 30, tzinfo=UTC) + timedelta(days=7 * week) for week in (0, 1, 13, 27, 28)]
    tell(ctx, linkedin.id, [Told(at, 9.0) for at in weeks])
    stats = stats_of(ctx, linkedin)
    assert used(stats) == {TUESDAY_15: 2, TUESDAY_15 + 1: 2}
    assert stats.weight[TUESDAY_15] == pytest.approx(2.0)
    assert stats.weight[TUESDAY_15 + 1] == pytest.approx(0.49497 + 0.62574, abs=1e-4)
    assert set(stats.mean) == {0.0}


def test_a_post_that_teaches_nothing_is_not_counted(ctx: Context, linkedin: ChannelView) -> None:
    """The first has nothing before it; then: unknown, negative, too young, and later than when it was measured."""
    tell(
        ctx,
        linkedin.id,
        [
            Told(FIRST_MONDAY, 1.0),
            Told(FIRST_MONDAY, None),
            Told(FIRST_MONDAY, -1.0),
            Told(MEASURED - timedelta(days=6), 5.0),
            Told(datetime(2027, 1, 1, tzinfo=UTC), 5.0),
        ],
    )
    assert stats_of(ctx, linkedin) == NO_POSTS


def test_each_format_has_its_own_statistics_and_all_together_have_theirs(ctx: Context, linkedin: ChannelView) -> None:
    told = [Told(None, math.e, form, hour_of_week=7) for form in (ContentFormat.IMAGE, ContentFormat.TEXT, None)]
    tell(ctx, linkedin.id, [*told, *told[:1]])
    assert used(stats_of(ctx, linkedin)) == {7: 4}
    assert used(stats_of(ctx, linkedin, ContentFormat.IMAGE)) == {7: 2}
    assert used(stats_of(ctx, linkedin, ContentFormat.TEXT)) == {7: 1}
    assert stats_of(ctx, linkedin, ContentFormat.STORY) == NO_POSTS


def test_a_refresh_replaces_what_was_learned_and_touches_no_other_channel(ctx: Context, linkedin: ChannelView) -> None:
    other = add_channel(ctx, ChannelDraft("linkedin", "Another page", ChannelKind.OUTBOX, "UTC"))
    tell(ctx, other.id, [Told(None, 5.0, hour_of_week=3)])
    for _ in range(2):
        tell(ctx, linkedin.id, [])
        tell(ctx, linkedin.id, [Told(None, 5.0, hour_of_week=9)])
    assert used(stats_of(ctx, linkedin)) == {9: 2}
    assert used(stats_of(ctx, other)) == {3: 1}


def test_a_stranger_has_learned_nothing_of_this_channel(ctx: Context, linkedin: ChannelView, stranger: Context) -> None:
    tell(ctx, linkedin.id, [Told(None, 5.0, hour_of_week=3)])
    assert stats_of(stranger, linkedin) == NO_POSTS


def test_evenings_that_earn_five_times_as_much_are_found(ctx: Context, linkedin: ChannelView) -> None:
    """Log outcomes are centred on the channel's average, which lies between 20 and 100: √5 = 2.24 either way."""
    tell(ctx, linkedin.id, evenings(20))
    with ctx.read() as session:
        curve = fit_channel(session, ctx, session.get_one(Channel, linkedin.id))
    assert curve.posts == 279
    assert curve.timing_matters
    assert curve.basis is Basis.HISTORY
    tuesday_evening = 24 + 19  # 18:00 UTC in Berlin's winter
    assert 0.5 < curve.mean[tuesday_evening] < 0.9
    assert curve.mean[24 + 10] < -0.4


def test_a_channel_that_moves_to_another_zone_learns_its_hours_anew(ctx: Context, linkedin: ChannelView) -> None:
    """14:30 UTC in winter is 15:30 in Berlin and 23:30 in Tokyo."""
    first = datetime(2025, 1, 7, 14, 30, tzinfo=UTC)
    tell(ctx, linkedin.id, [Told(first + timedelta(days=7 * week), 9.0) for week in range(3)])
    assert used(stats_of(ctx, linkedin)) == {TUESDAY_15: 2}
    edit_channel(ctx, linkedin.id, ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "Asia/Tokyo"))
    assert used(stats_of(ctx, linkedin)) == {TUESDAY_15 + 8: 2}


def test_posts_that_do_not_fit_into_memory_at_once_teach_the_same(
    ctx: Context, linkedin: ChannelView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.storage.queries.frames.CHUNK", 2)
    tell(ctx, linkedin.id, [Told(FIRST_MONDAY + timedelta(days=7 * week), 9.0) for week in range(5)])
    assert sum(used(stats_of(ctx, linkedin)).values()) == 4
