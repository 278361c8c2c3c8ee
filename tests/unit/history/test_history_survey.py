"""What a file's own rows prove about its dates, numbers and weekdays, and what has to be asked."""

import polars as pl
import pytest

from core.history.columns import recognize
from core.history.numbers import FORMULA, NEGATIVE, NO_NUMBER, ROUNDED, TOO_LARGE, UNSETTLED, parse_numbers
from core.history.reading import DateOrder, FirstDay, NumberStyle, Reading
from core.history.survey import NOTHING_SEEN, Doubt, Question, answered, look, settle


def surveyed(**columns: list[str]) -> tuple[Reading, tuple[Question, ...]]:
    mapping = recognize(list(columns))
    return settle(look(NOTHING_SEEN, pl.DataFrame(columns), mapping), mapping, Reading())


def test_one_day_above_twelve_shows_the_order_of_all_dates() -> None:
    assert surveyed(date=["3/4/2024 1:00", "13/4/2024 1:00"], likes=["1", "2"])[0].date_order is DateOrder.DAY_FIRST
    assert surveyed(date=["3/4/2024 1:00", "4/13/2024 1:00"], likes=["1", "2"])[0].date_order is DateOrder.MONTH_FIRST


def test_dates_with_two_readings_only_are_asked_with_both() -> None:
    reading, (question,) = surveyed(date=["3/4/2024 1:00", "5/5/2024 1:00"], likes=["1", "2"])
    assert str(question) == (
        "Column 'date': does '3/4/2024 1:00' mean 3 April 2024 (day_first) or 4 March 2024 (month_first)?"
    )
    assert answered(reading, Doubt.DATE_ORDER, "day_first").date_order is DateOrder.DAY_FIRST


def test_dates_that_contradict_each_other_are_asked() -> None:
    _, questions = surveyed(date=["3/4/2024 1:00", "13/4/2024 1:00", "4/13/2024 1:00"], likes=["1"] * 3)
    assert [question.doubt for question in questions] == [Doubt.DATE_ORDER]


def test_dates_of_three_styles_without_two_readings_need_no_question() -> None:
    _, questions = surveyed(date=["2024-06-24 1:00", "24.06.2016 1:00", "6/24/2016 1:00"], likes=["1"] * 3)
    assert questions == ()


def test_a_point_that_may_group_thousands_is_asked_unless_another_number_shows_it() -> None:
    dates = ["2024-06-24 1:00"] * 2
    assert [question.doubt for question in surveyed(date=dates, likes=["1.234", "5"])[1]] == [Doubt.NUMBER_STYLE]
    assert surveyed(date=dates, likes=["1.234", "1.234.567"])[0].number_style is NumberStyle.COMMA
    assert surveyed(date=dates, likes=["1.234", "79.0"])[0].number_style is NumberStyle.POINT


def test_numbered_weekdays_are_asked_where_no_dialect_is_known() -> None:
    _, (question,) = surveyed(weekday=["4"], hour=["3"], likes=["1"])
    assert question.choices == {"monday": "Thursday", "saturday": "Tuesday", "sunday": "Wednesday"}


def test_a_known_dialect_answers_for_its_weekdays() -> None:
    reading, questions = surveyed(**{"Publicar Mes": ["1"], "Post Weekday": ["4"], "Post Hour": ["3"], "like": ["1"]})
    assert (reading.first_weekday, questions) == (FirstDay.SUNDAY, ())


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("12", None, 12.0), ("79.0", None, 79.0), ("1,234", None, 1234.0), ("1.2K", None, 1200.0),
        ("1,2k", NumberStyle.COMMA, 1200.0), ("3M", None, 3e6), ("1 234", None, 1234.0),
        ("1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567", None, 1234567.0), ("1'234", None, 1234.0),
        ("1.234", NumberStyle.COMMA, 1234.0), ("1.234,5", NumberStyle.COMMA, 1234.5),
        ("1,234.5", NumberStyle.POINT, 1234.5), ("", None, None), ("N/A", None, None), ("-", None, None),
    ],
)  # fmt: skip
def test_every_way_to_write_a_count_is_read(text: str, style: NumberStyle | None, value: float | None) -> None:
    numbers = parse_numbers(pl.Series([text]), style)
    assert (numbers.values[0], numbers.problems[0]) == (value, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-5", NEGATIVE), ("=1+1", FORMULA), ("1.5878E+18", ROUNDED), ("many", NO_NUMBER), ("5%", NO_NUMBER),
        ("1.234", UNSETTLED), ("9999999999999999999", TOO_LARGE), ("inf", NO_NUMBER),
    ],
)  # fmt: skip
def test_a_count_that_is_none_says_why(text: str, problem: str) -> None:
    numbers = parse_numbers(pl.Series([text]), None)
    assert (numbers.values[0], numbers.problems[0]) == (None, problem)
