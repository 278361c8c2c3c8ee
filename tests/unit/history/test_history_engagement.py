"""What stands for a post's success, by what its channel counts and when it was looked at."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from core.history.engagement import kind_counted, results
from core.vocabulary import Metric

INTERACTIONS, VIEWS, REACH = 0, 1, 2
OUT = datetime(2026, 1, 6, 15, tzinfo=UTC)
LATE = timedelta(days=30)
Looked = tuple[timedelta | None, dict[str, float]]


def measurements(*looks: Looked) -> pl.DataFrame:
    """Give what was seen of one post; an age of None: nobody knows when it went out."""
    moment = pl.Datetime("us", "UTC")
    frame = pl.DataFrame(
        [(1, OUT if age else None, OUT + (age or LATE), *map(counts.get, Metric)) for age, counts in looks],
        schema={"pk": pl.Int64, "published_at": moment, "measured_at": moment} | dict.fromkeys(Metric, pl.Float64),
        orient="row",
    )
    return frame.sample(fraction=1, shuffle=True, seed=1)


def earned(kind: int, *looks: Looked) -> tuple[float | None, float | None]:
    found = results(measurements(*looks), kind)
    return found.select("engagement", "early_engagement").row(0) if found.height else (None, None)


@pytest.mark.parametrize(
    ("counts", "kind", "expected"),
    [
        ({"likes": 5, "comments": 2, "shares": 1, "saves": 4, "views": 900, "clicks": 70}, INTERACTIONS, 12.0),
        ({"likes": 5, "interactions": 9}, INTERACTIONS, 9.0),
        ({"likes": 0}, INTERACTIONS, 0.0),
        ({"views": 900, "clicks": 70}, INTERACTIONS, None),
        ({"views": 900, "reach": 700, "impressions": 999}, VIEWS, 900.0),
        ({"reach": 700, "impressions": 999}, VIEWS, None),
        ({"reach": 700, "impressions": 999}, REACH, 700.0),
    ],
)
def test_a_post_earned_what_its_channel_counts_and_an_unknown_count_is_not_zero(
    counts: dict[str, float], kind: int, expected: float | None
) -> None:
    assert earned(kind, (LATE, counts))[0] == expected


@pytest.mark.parametrize(
    ("looks", "kind"),
    [
        ([{"views": 900, "reach": 1}, {"saves": 1}], INTERACTIONS),
        ([{"interactions": 0}], INTERACTIONS),
        ([{"impressions": 3}, {"reach": 2}], REACH),
        ([{"clicks": 4}], None),
    ],
)
def test_a_channel_counts_the_best_thing_that_any_measurement_has(
    looks: list[dict[str, float]], kind: int | None
) -> None:
    assert measurements(*((LATE, counts) for counts in looks)).select(kind_counted().min()).item() == kind


def test_the_latest_measurement_with_a_count_says_what_a_post_earned() -> None:
    looks = [(LATE, {"likes": 9.0}), (LATE / 2, {"likes": 7.0}), (2 * LATE, {"views": 900.0})]
    assert earned(INTERACTIONS, *looks) == (9.0, None)
    assert results(measurements(*looks), INTERACTIONS)["measured_at"].item() == OUT + LATE


def test_of_the_looks_at_two_days_the_nearest_counts_and_of_equally_near_ones_the_earlier() -> None:
    hours = {30: 1.0, 36: 2.0, 45: 3.0, 51: 4.0, 60: 5.0, 61: 6.0}
    looks = [(timedelta(hours=age), {"likes": likes}) for age, likes in hours.items()]
    assert earned(INTERACTIONS, *looks) == (6.0, 3.0)
    assert earned(INTERACTIONS, looks[0], looks[1]) == (2.0, 2.0)
    assert earned(INTERACTIONS, looks[0], looks[5]) == (6.0, None)


def test_an_undated_post_has_no_two_day_value() -> None:
    assert earned(INTERACTIONS, (None, {"likes": 5.0})) == (5.0, None)
