"""Why an hour is rated as it is, and formats by time of day, on both databases."""

import pytest
from told_posts import evenings, tell

from core.errors import NotFound
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.week_analysis import explain_hour, format_times
from core.undefined import Undefined
from core.vocabulary import ContentFormat

TUESDAY_19, TUESDAY_3 = 43, 27


def test_an_hour_with_many_posts_rests_on_posts_and_one_without_history_on_what_was_expected(
    ctx: Context, linkedin: ChannelView
) -> None:
    before = explain_hour(ctx, linkedin.id, TUESDAY_19)
    assert (before.influence.prior, before.influence.own) == (1, 0)
    assert before.baseline_name == "Published research"
    tell(ctx, linkedin.id, evenings(20))
    evening, night = explain_hour(ctx, linkedin.id, TUESDAY_19), explain_hour(ctx, linkedin.id, TUESDAY_3)
    assert evening.interval.low > 0.3
    assert evening.influence.prior < 0.2 < evening.influence.own + evening.influence.neighbours
    assert night.influence.own == 0
    shares = evening.influence
    assert shares.own + shares.neighbours + shares.elsewhere + shares.prior == pytest.approx(1)
    assert evening.reasons[0].startswith("Your Tuesday 19:00 posts earned")


def test_each_format_says_at_which_times_of_day_it_does_well_and_where_it_was_never_tried(
    ctx: Context, linkedin: ChannelView
) -> None:
    tell(ctx, linkedin.id, [*evenings(20), *evenings(20, ContentFormat.TEXT)])
    found = {each.content_format: each.times for each in format_times(ctx, linkedin.id)}
    assert set(found) == {ContentFormat.IMAGE, ContentFormat.TEXT}
    night, _, morning, _, evening, _ = found[ContentFormat.TEXT]
    assert (night.name, evening.name) == ("00:00 to 04:00", "16:00 to 20:00")
    assert isinstance(night.lift, Undefined)
    assert isinstance(morning.lift, float)
    assert isinstance(evening.lift, float)
    assert morning.lift < 0 < evening.lift


def test_a_channel_without_history_has_no_formats_and_a_stranger_sees_neither(
    ctx: Context, linkedin: ChannelView, stranger: Context
) -> None:
    assert format_times(ctx, linkedin.id) == ()
    with pytest.raises(NotFound):
        format_times(stranger, linkedin.id)
    with pytest.raises(NotFound):
        explain_hour(stranger, linkedin.id, TUESDAY_19)
