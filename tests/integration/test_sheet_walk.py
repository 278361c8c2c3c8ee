"""A sheet and Slotwise agree row by row after anything users, Slotwise, Google and a kill -9 have done."""

from random import Random

import pytest
from google_client import ROBOT
from google_world import Google
from sheet_hands import Users, new_paper


@pytest.mark.parametrize("seed", range(3))
def test_the_sheet_and_its_copy_on_paper_are_the_same_without_slotwise(google: Google, seed: int) -> None:
    paper = new_paper(google, ROBOT)
    users = Users(paper, Random(seed))
    for _ in range(1000):
        users.act()
    assert paper.differences() == []
    assert len(paper.rows) > 20
    paper.hand.put(paper.place("note", 3), paper.at(3, "title"))
    assert [(row, column) for row, column, *_ in paper.differences()] == [(3, "note")]
