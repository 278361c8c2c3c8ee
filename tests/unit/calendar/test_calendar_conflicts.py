"""What speaks against a post at its time."""

from datetime import UTC, datetime, time, timedelta

import pytest

from core.calendar.conflicts import Booking, Conflict, ConflictKind, PostingLimits, find_conflicts
from core.calendar.windows import Blackout, QuietHours

BERLIN = "Europe/Berlin"


def booking(clock: str, item: str = "i2", content: str = "c2", channel: str = "ch1") -> Booking:
    return Booking(item, f"Post {item}", channel, content, datetime.fromisoformat(f"{clock}:00+00:00"))


NEW = booking("2026-03-11T14:00", "new", "c1")


def test_a_post_without_neighbours_or_limits_has_no_conflict() -> None:
    assert find_conflicts(NEW, (), PostingLimits(), BERLIN) == ()
    assert find_conflicts(NEW, [booking("2026-03-11T14:00")], PostingLimits(), BERLIN) == ()


def test_a_post_too_close_to_another_names_it_and_both_times_in_the_zone() -> None:
    limits = PostingLimits(min_gap=timedelta(minutes=120))
    assert find_conflicts(NEW, [booking("2026-03-11T15:59")], limits, BERLIN) == (
        Conflict(
            ConflictKind.TOO_CLOSE,
            (
                "“Post new” at 2026-03-11 15:00 (Europe/Berlin) is less than 120 minutes from "
                "“Post i2” at 2026-03-11 16:59."
            ),
            "i2",
        ),
    )
    assert find_conflicts(NEW, [booking("2026-03-11T16:00"), booking("2026-03-11T12:00")], limits, BERLIN) == ()


def test_another_channel_and_the_post_itself_are_no_conflict() -> None:
    limits = PostingLimits(timedelta(hours=2), 30, 1, 1)
    others = [booking("2026-03-11T14:00", channel="ch2", content="c1"), booking("2026-03-11T13:30", "new", "c1")]
    assert find_conflicts(NEW, others, limits, BERLIN) == ()


def test_the_same_content_again_within_the_days_is_a_conflict() -> None:
    limits = PostingLimits(same_content_days=7)
    others = [
        booking("2026-03-18T14:00", "i8", "c1"),
        booking("2026-03-05T09:00", "i5", "c1"),
        booking("2026-03-12T09:00"),
    ]
    (conflict,) = find_conflicts(NEW, others, limits, BERLIN)
    assert conflict == Conflict(
        ConflictKind.SAME_CONTENT,
        (
            "“Post new” at 2026-03-11 15:00 (Europe/Berlin) is the same content within 7 days as "
            "“Post i5” at 2026-03-05 10:00."
        ),
        "i5",
    )


def test_a_day_is_the_local_day() -> None:
    limits, late = PostingLimits(max_per_day=1), booking("2026-03-11T23:30")
    assert find_conflicts(NEW, [late], limits, BERLIN) == ()
    (conflict,) = find_conflicts(NEW, [late], limits, "UTC")
    assert conflict.message == (
        "“Post new” at 2026-03-11 14:00 (UTC) would be post 2 on 2026-03-11; at most 1 are allowed."
    )


def test_a_week_runs_from_monday_to_sunday_across_the_new_year() -> None:
    new_year = booking("2027-01-01T12:00", "new")
    others = [booking("2026-12-28T12:00", "i1"), booking("2027-01-03T12:00", "i3"), booking("2027-01-04T12:00", "i4")]
    (conflict,) = find_conflicts(new_year, others, PostingLimits(max_per_week=2), BERLIN)
    assert conflict.kind is ConflictKind.MAX_PER_WEEK
    assert "would be post 3 in the week from 2026-12-28; at most 2" in conflict.message
    assert find_conflicts(new_year, others, PostingLimits(max_per_week=3), BERLIN) == ()


def test_quiet_hours_and_blackouts_are_conflicts_without_another_item() -> None:
    freeze = Blackout(datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC), "Launch freeze")
    limits = PostingLimits(quiet=QuietHours(time(15), time(16)), blackouts=(freeze,))
    quiet, blackout = find_conflicts(NEW, (), limits, BERLIN)
    assert quiet == Conflict(
        ConflictKind.QUIET_HOURS,
        "“Post new” at 2026-03-11 15:00 (Europe/Berlin) falls in the quiet hours, 15:00 to 16:00.",
    )
    assert blackout.kind is ConflictKind.BLACKOUT
    assert "falls in the blackout “Launch freeze”, 2026-03-11 01:00 to 2026-03-12 01:00." in blackout.message


def test_conflicts_come_by_kind_and_then_by_time() -> None:
    limits = PostingLimits(timedelta(hours=3), 30, 1)
    others = [booking("2026-03-11T15:00", "late", "c1"), booking("2026-03-11T13:00", "early", "c1")]
    found = [(conflict.kind.value, conflict.other_id) for conflict in find_conflicts(NEW, others, limits, BERLIN)]
    assert found == [
        ("too_close", "early"),
        ("too_close", "late"),
        ("same_content", "early"),
        ("same_content", "late"),
        ("max_per_day", None),
    ]


@pytest.mark.parametrize("kind", ConflictKind)
def test_every_kind_can_happen(kind: ConflictKind) -> None:
    day = Blackout(datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC), "")
    limits = PostingLimits(timedelta(hours=1), 1, 1, 1, QuietHours(time(12), time(18)), (day,))
    found = find_conflicts(NEW, [booking("2026-03-11T14:00", "i1", "c1")], limits, BERLIN)
    assert kind in {conflict.kind for conflict in found}
