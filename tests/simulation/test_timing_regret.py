"""What the advice leaves lying: true earnings of the advised quarter of posts against the truly best quarter."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from planted_channels import Judged, Likes, Plant, draw, judge

from core.bootstrap import read_reference
from core.content.baseline import baseline_week

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CHANNELS = 40


@cache
def judged(plant: Plant) -> Sequence[Judged]:
    rng = np.random.default_rng([21, plant.posts])
    research = np.array(baseline_week(read_reference().baseline, "instagram", None))
    return [judge(draw(plant, rng), research) for _ in range(CHANNELS)]


def earned(plant: Plant, name: str) -> float:
    """Give the mean lift (log) over random advice, which earns 0."""
    return float(np.mean([getattr(each, name) for each in judged(plant)]))


@pytest.mark.parametrize("posts", [250, 1000, 5000])
def test_the_advice_leaves_less_lying_than_plain_averages_research_or_chance(posts: int) -> None:
    world = Plant(posts, peak=0.3)
    assert earned(world, "model") > earned(world, "raw_means") > 0
    assert earned(world, "model") > earned(world, "research")


def test_more_posts_leave_less_lying() -> None:
    left = [earned(Plant(posts, 0.3), "possible") - earned(Plant(posts, 0.3), "model") for posts in (50, 1000, 5000)]
    assert left[0] > left[1] > left[2]
    assert left[2] < 0.25 * earned(Plant(5000, 0.3), "possible")


def test_like_channels_make_up_for_a_history_that_is_still_short() -> None:
    alone, helped = Plant(50, 0.3), Plant(50, 0.3, like=Likes.LIKE)
    assert earned(helped, "model") > 2 * earned(alone, "model")
    assert earned(helped, "model") > 0.5 * earned(helped, "possible")


def test_channels_that_contradict_are_outvoted_by_a_long_history() -> None:
    world = Plant(5000, 0.3, like=Likes.CONTRARY)
    assert earned(world, "model") > 0.5 * earned(world, "possible")
