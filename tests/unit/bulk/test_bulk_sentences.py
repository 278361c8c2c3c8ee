"""What is kept of a failure is said without places of fields, ids and quotes of nothing."""

import pytest

from core.bulk.sentences import counted, field_name, sentences
from core.errors import Invalid, Problem

CHANNEL = "chan_0123456789abcdef0123"


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        (
            [Problem("channel_ids.linkedin", "", f"LinkedIn has several channels; name one of {CHANNEL} (A)")],
            "Channel: LinkedIn has several channels; name one of A.",
        ),
        (
            [Problem("text", "Hi", "use 5 characters"), Problem("items[2].scheduled_at", "", "give a time")],
            "Text: use 5 characters (it says “Hi”). Posting time: give a time.",
        ),
        ([Problem("platforms[0]", "it's", "use youtube")], "Platform: use youtube (it says “it's”)"),
    ],
)  # fmt: skip
def test_an_error_of_a_row_is_a_sentence(problems: list[Problem], said: str) -> None:
    assert sentences(str(Invalid(tuple(problems)))) == said


def test_what_is_a_sentence_already_stays_as_it_is() -> None:
    said = "The job was canceled before its turn."
    assert sentences(said) == said
    assert sentences("") == ""


def test_numbers_and_fields_are_said_as_people_say_them() -> None:
    assert [counted(1, "row"), counted(2_000, "row")] == ["1 row", "2,000 rows"]
    assert [field_name("rows[3].scheduled_times.x"), field_name("time_zone")] == ["Posting time", "Time zone"]
