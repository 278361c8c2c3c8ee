"""Cells are shown as people read them: a serial number in a column of times is a date."""

import pytest

from core.sheets.times import cell_words


@pytest.mark.parametrize(
    ("field", "cell", "shown"),
    [
        ("scheduled_time", 49735.4375, "2036-03-01 10:30"),
        ("scheduled_time", 49735, "2036-03-01"),
        ("scheduled_time", 0.5, "12:00"),
        ("clock", 0.5, "12:00"),
        ("scheduled_time", "next Tuesday", "next Tuesday"),
        ("title", 49735, "49735"),
        ("scheduled_time", None, ""),
    ],
)
def test_a_serial_number_is_shown_as_the_date_or_time_it_is(field: str, cell: str | float | None, shown: str) -> None:
    assert cell_words(field, cell) == shown
