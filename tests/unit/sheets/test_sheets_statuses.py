"""The words in the Status column."""

import pytest

from core.sheets.plans import Fault
from core.sheets.statuses import MOST_OF_STATUS, WORDS, PostStatus, error_status, fault_words, joined_faults, status_of
from core.vocabulary import ItemState


@pytest.mark.parametrize(
    ("posts", "status"),
    [
        ([], ""),
        ([PostStatus("TikTok", ItemState.SCHEDULED)], "Scheduled"),
        ([PostStatus("TikTok", ItemState.PUBLISHED), PostStatus("X", ItemState.PUBLISHED)], "Published"),
        ([PostStatus("TikTok", ItemState.FAILED, "the video\nis too long")], "Failed: the video is too long"),
        ([PostStatus("TikTok", ItemState.UNCONFIRMED)], "Needs a look"),
        ([PostStatus("TikTok", ItemState.AWAITING_APPROVAL)], "Waiting for approval"),
        (
            [PostStatus("YouTube", ItemState.PUBLISHED), PostStatus("LinkedIn", ItemState.PUBLISHED),
             PostStatus("TikTok", ItemState.FAILED, "the video is too long")],
            "Failed on TikTok: the video is too long; Published on YouTube, LinkedIn",
        ),
    ],
)  # fmt: skip
def test_a_row_says_how_its_posts_stand_the_most_urgent_first(posts: list[PostStatus], status: str) -> None:
    assert status_of(posts) == status


def test_every_state_has_a_word() -> None:
    assert set(WORDS) == set(ItemState)


def test_an_error_says_which_cell_and_how_to_mend_it() -> None:
    faults = [
        Fault("row_1", 7, "scheduled_time", "#REF!", "its formula is broken; write the value itself"),
        Fault("row_1", 7, "clock", "", "has no date; write one"),
    ]
    assert fault_words(faults) == (
        "Scheduled Time “#REF!”: its formula is broken; write the value itself; Time of Day: has no date; write one"
    )
    assert fault_words([]) == ""


def test_the_faults_of_a_row_are_one_status() -> None:
    assert error_status(joined_faults("Title: it is empty", "", "Error: Tone: too long")) == (
        "Error: Title: it is empty; Tone: too long"
    )
    assert error_status(joined_faults("", "")) == ""


def test_a_long_status_is_cut() -> None:
    status = status_of([PostStatus("X", ItemState.FAILED, "long " * 500)])
    assert len(status) == MOST_OF_STATUS
    assert status.endswith("…")
