"""A history stamped in another zone than its channel's is noticed, on both databases."""

from datetime import timedelta

import pytest
from told_posts import FIRST_MONDAY, Told, tell

from core.errors import NotFound
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.zone_checks import check_zone

BERLIN_DAY = (8, 10, 12, 14, 16, 18)
"""Hours UTC of posts that go out between 9:00 and 20:00 in Berlin."""


def days(hours_late: int, hours: tuple[int, ...] = BERLIN_DAY) -> list[Told]:
    """Give a month of posts whose stamps are so many hours late."""
    return [
        Told(FIRST_MONDAY + timedelta(days=day, hours=hour + hours_late), 9.0 + day % 3)
        for day in range(30)
        for hour in hours
    ]


def test_stamps_of_another_zone_are_noticed_with_the_shift_and_the_way_out(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, days(9))
    suspicion = check_zone(ctx, linkedin.id)
    assert suspicion is not None
    assert abs(suspicion.shift_hours - 9) <= 2
    assert "Check the zone of the file or of the channel." in suspicion.sentence


def test_a_day_as_people_keep_it_is_no_suspicion(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, days(0))
    assert check_zone(ctx, linkedin.id) is None


def test_without_posts_or_dates_nothing_is_suspected(ctx: Context, linkedin: ChannelView) -> None:
    assert check_zone(ctx, linkedin.id) is None
    tell(ctx, linkedin.id, [Told(None, float(n), hour_of_week=n % 5) for n in range(100)])
    assert check_zone(ctx, linkedin.id) is None


def test_a_stranger_learns_nothing(ctx: Context, linkedin: ChannelView, stranger: Context) -> None:
    tell(ctx, linkedin.id, days(9))
    with pytest.raises(NotFound):
        check_zone(stranger, linkedin.id)
