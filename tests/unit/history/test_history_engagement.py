"""What stands for a post's success, by what its file counts."""

import polars as pl
import pytest

from core.history.columns import ColumnMapping
from core.history.engagement import engagement
from core.history.fields import COUNTS, Field

Row = dict[Field, float]


def of(fields: list[Field], row: Row) -> float | None:
    """Return the engagement of one row of a file that has these fields."""
    headers = {field: (field.value,) for field in fields}
    mapping = ColumnMapping(tuple(field.value for field in fields), headers)
    rows = pl.DataFrame({count.value: [row.get(count)] for count in COUNTS}, dict.fromkeys(COUNTS, pl.Float64()))
    found: float | None = rows.select(engagement(mapping)).item()
    return found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({Field.LIKES: 5, Field.COMMENTS: 2, Field.SHARES: 1, Field.SAVES: 4, Field.VIEWS: 900}, 12.0),
        ({Field.LIKES: 5, Field.VIEWS: 900}, 5.0),
        ({Field.LIKES: 0}, 0.0),
        ({Field.VIEWS: 900}, None),
        ({}, None),
    ],
)
def test_interactions_are_added_up_and_unknown_ones_are_not_zero(row: Row, expected: float | None) -> None:
    assert of([Field.LIKES, Field.COMMENTS, Field.SHARES, Field.SAVES, Field.VIEWS], row) == expected


def test_only_interactions_that_the_file_has_are_added_up() -> None:
    assert of([Field.LIKES, Field.CLICKS], {Field.LIKES: 5, Field.CLICKS: 70, Field.SHARES: 1}) == 5.0


def test_the_total_of_the_platform_goes_before_a_sum() -> None:
    both = [Field.LIKES, Field.INTERACTIONS]
    assert of(both, {Field.LIKES: 5, Field.INTERACTIONS: 9}) == 9.0
    assert of(both, {Field.LIKES: 5}) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([Field.IMPRESSIONS, Field.REACH, Field.VIEWS], 1.0),
        ([Field.IMPRESSIONS, Field.REACH], 2.0),
        ([Field.IMPRESSIONS, Field.CLICKS], 3.0),
        ([Field.CLICKS], None),
    ],
)
def test_views_then_reach_then_impressions_stand_in_where_nothing_is_counted(
    fields: list[Field], expected: float | None
) -> None:
    row = {Field.VIEWS: 1.0, Field.REACH: 2.0, Field.IMPRESSIONS: 3.0, Field.CLICKS: 4.0}
    assert of(fields, row) == expected
