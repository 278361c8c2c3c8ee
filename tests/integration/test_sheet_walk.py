"""A sheet and Slotwise agree row by row after anything users, Slotwise, Google and a kill -9 have done."""

from dataclasses import replace
from random import Random

import pytest
from google_cells import Cell
from google_client import ROBOT
from google_world import Google
from planned_posts import StandingClock
from sheet_agreement import Sides
from sheet_hands import Users, new_paper
from sheet_killing import Victim, running_victim
from sheet_walk import Walk
from walk_stage import open_stage

from core.bootstrap import Slotwise
from core.services.item_edits import edit_item
from core.services.item_views import edit_of


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


def walk_of(
    house: Slotwise, clock: StandingClock, google: Google, seed: int, most_rows: int, victim: Victim | None = None
) -> Walk:
    paper = new_paper(google, ROBOT)
    stage = open_stage(house, clock, google, paper.hand, platforms=("linkedin", "facebook"))
    return Walk(stage, Users(paper, Random(seed), most_rows), Random(seed + 1), victim)


def agree(walk: Walk) -> None:
    """Hold both sides and the paper to each other, row by row."""
    walk.calm_down()
    found = list(Sides(walk.stage, walk.users.paper).differences())
    assert not found, "\n".join(found)
    walk.take_over()
    changed = [f"{row} {column}: {was} became {now}" for row, column, was, now in walk.users.paper.differences()]
    assert not changed, "\n".join(changed)
    assert not walk.lost, "\n".join(walk.lost)
    assert walk.stage.google.violations == []


@pytest.mark.timeout(600)
def test_a_hundred_random_acts_leave_both_sides_agreed(house: Slotwise, clock: StandingClock, google: Google) -> None:
    walk = walk_of(house, clock, google, seed=7, most_rows=25)
    for number in range(1, 101):
        walk.step()
        if number % 25 == 0:
            agree(walk)


@pytest.mark.parametrize("house_url", ["sqlite"], indirect=True)
def test_words_that_slotwise_has_replaced_since_are_on_paper_when_users_copy_them(
    house: Slotwise, clock: StandingClock, google: Google
) -> None:
    walk = walk_of(house, clock, google, seed=1, most_rows=25)
    said = {"title": "Post", "text": "Words", "platforms": "linkedin", "time": "2026-04-01 09:00"}
    for column, words in said.items():
        walk.users.paper.write(1, column, Cell(words))
    walk.calm_down()
    for title in ("Ours, first", "Ours, second"):
        (item,) = walk.stage.items().values()
        edit_item(walk.stage.ctx, item.id, replace(edit_of(item), title=title))
        if title == "Ours, first":
            walk.rng = Random(1)  # it draws fair weather
            walk.do(Walk.sync)

    walk.users.paper.copy(1, 1)
    walk.users.paper.write(2, "time", Cell("2026-01-01 09:00"))  # past: no post comes of it that could say these words

    agree(walk)
    titles = [walk.users.paper.at(row, "title").value for row in (1, 2)]
    assert titles == ["Ours, second", "Ours, first"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("house_url", "acts"),
    [("sqlite", 2000), ("postgresql", 2000)],
    indirect=["house_url"],
    ids=["sqlite", "postgresql"],
)
def test_thousands_of_random_acts_and_kills_leave_both_sides_agreed(
    house: Slotwise, clock: StandingClock, google: Google, acts: int
) -> None:
    walk = walk_of(house, clock, google, seed=11, most_rows=60)
    with running_victim(walk.stage) as walk.victim:
        for number in range(1, acts + 1):
            walk.step()
            if number % 100 == 0:
                agree(walk)
                print(number, walk.steps, walk.victim.died)  # noqa: T201 - how far it came
        assert walk.victim.died >= acts // 100
