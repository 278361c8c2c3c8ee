"""Reasons: every sentence is checked against the numbers again, by a reader that knows only the sentence."""

import math
import re
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.timing.curve import WeekCurve
from core.timing.estimator import fit
from core.timing.explain import budget_words, no_effect, reasons, why_try
from core.timing.priors import PriorCurve, published_research
from core.timing.rollup import NO_POSTS, WeekStats
from core.timing.week import WEEKDAYS

TUESDAY_15 = 39
STRONG_HOUR = tuple(0.3 if cell == TUESDAY_15 else 0.0 for cell in range(168))
DAYTIME = {d * 24 + h: 1.0 if d * 24 + h in range(38, 41) else 0.0 for d in range(7) for h in range(8, 22)}


def week_of(means: Mapping[int, float], posts: int = 18, weight: float = 1.0) -> WeekStats:
    """Posts of noise 1 in the cells named, with exactly these mean outcomes, each counting `weight`."""
    n = [posts if cell in means else 0 for cell in range(168)]
    mass = tuple(weight * count for count in n)
    return WeekStats(tuple(n), mass, tuple(means.get(cell, 0.0) for cell in range(168)), mass)


STRONG = fit(week_of(DAYTIME), [published_research(STRONG_HOUR)])


def test_a_slot_with_an_effect_is_explained_by_its_posts_its_interval_and_the_research() -> None:
    own, expected, research = reasons(STRONG, TUESDAY_15)
    assert own == "Your Tuesday 15:00 posts earned 164 % more than your average (18 posts)."  # exp(1 - 3/98) = 2.64
    assert expected.startswith("Allowing for chance we expect ")
    assert "(90 % interval +" in expected
    # Half of a lift of 0.3 · 167/168 in log units: exp(0.149) = 1.16.
    assert research == "Published research led us to expect 16 % more than in an average hour, in line with this."


def test_research_that_says_the_opposite_is_overruled_by_own_posts() -> None:
    curve = fit(week_of(DAYTIME), [published_research([-x for x in STRONG_HOUR])])
    assert reasons(curve, TUESDAY_15)[-1] == (
        "Published research led us to expect 14 % less than in an average hour; "
        "your own posts say otherwise and count for more."
    )


def test_a_baseline_that_says_nothing_is_not_mentioned() -> None:
    assert not any("research" in reason for reason in reasons(fit(week_of(DAYTIME)), TUESDAY_15))


def test_like_channels_are_called_by_their_name() -> None:
    peers = PriorCurve("Your peers' history", STRONG_HOUR, weight=1.0, weight_sd=0.5)
    assert reasons(fit(NO_POSTS, [peers]), TUESDAY_15)[0].startswith("Your peers' history, not your audience")
    assert reasons(fit(week_of(DAYTIME), [peers]), TUESDAY_15)[-1] == (
        "Your peers' history led us to expect 35 % more than in an average hour, in line with this."
    )


def test_a_channel_of_which_nothing_is_known_says_so() -> None:
    assert reasons(fit(NO_POSTS), 3) == ("Nothing is known of this channel yet: any open time is as good as another.",)


def test_many_posts_without_an_effect_say_that_any_reasonable_time_is_fine() -> None:
    flat = fit(week_of(dict.fromkeys(DAYTIME, 0.0)))
    assert not flat.timing_matters
    assert "Your history shows no detectable effect of timing; any reasonable time is fine." in reasons(flat, 60)


def test_few_posts_are_said_to_be_too_few() -> None:
    assert reasons(fit(week_of({TUESDAY_15: 2.0}, posts=1)), TUESDAY_15) == (
        "1 post within an hour of Tuesday 15:00 so far.",
        "1 post cannot show yet whether timing matters here.",
    )


def test_posts_that_have_aged_are_said_to_count_less() -> None:
    aged = reasons(fit(week_of(DAYTIME, posts=40, weight=0.2)), TUESDAY_15)
    assert "Older and undated posts count less: these 40 weigh as much as 8 of the newest month." in aged
    assert not any("count less" in reason for reason in reasons(STRONG, TUESDAY_15))


def test_the_budget_is_said_in_numbers() -> None:
    assert budget_words(1, 10).startswith("1 of your 10 suggestions tries an hour you rarely use")
    assert budget_words(3, 20).startswith("3 of your 20 suggestions try hours you rarely use")


# --- Every claim re-checked --------------------------------------------------------------------------------------


def random_curve(seed: int) -> WeekCurve:
    """Numbers without any rhyme between them: a sentence that leans on one must be true of that one."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(rng.choice([0.0, 0.2, 2.0, 9.0]), 168) * (rng.random() > 0.1)
    root = rng.normal(0, 0.2, (168, 168))
    return WeekCurve(
        mean=rng.normal(0, 0.3, 168),
        covariance=root @ root.T / 168,
        n=n,
        weight=n * rng.uniform(0.05, 1, 168),
        observed=np.where(n > 0, rng.normal(0, 0.8, 168), np.nan),
        baseline=rng.normal(0, 0.1, 168) * (rng.random() > 0.2),
        baseline_share=rng.random(168),
        resolved=rng.random(168),
        noise_sd=1.0,
        log_bayes_factor=rng.normal(1.5, 3),
        confidence=0.5,
        baseline_name="Your other channels",
    )


def number(words: str) -> int:
    return int(words.replace(",", ""))


def cell_of(day: str, hour: str) -> int:
    return WEEKDAYS.index(day) * 24 + int(hour)


def is_lift(words: str, log_value: float) -> bool:
    """Whether "24 % more than" is what a log difference amounts to, to the whole percent."""
    change = 100 * (math.exp(log_value) - 1)
    if words == "as much as":
        return abs(change) <= 0.5 + 1e-9
    size, way = re.fullmatch(r"(\d+) % (more|less) than", words).groups()  # type: ignore[union-attr]
    return abs(abs(change) - int(size)) <= 0.5 + 1e-6 and (change > 0) == (way == "more")


def around(curve: WeekCurve, cell: int) -> int:
    return int(curve.n[cell - 1] + curve.n[cell] + curve.n[(cell + 1) % 168])


PERCENT = r"(as much as|\d+ % (?:more|less) than)"
AT = r"([A-Z][a-z]+day) (\d\d):00"
Claim = Callable[[WeekCurve, int, tuple[str, ...]], bool]


def expects(curve: WeekCurve, cell: int, said: tuple[str, ...]) -> bool:
    sd = math.sqrt(curve.covariance[cell, cell])
    low, high = (100 * (math.exp(curve.mean[cell] + sign * 1.6448536 * sd) - 1) for sign in (-1, 1))
    bounds = abs(low - int(said[1])) <= 0.501 and abs(high - int(said[2])) <= 0.501
    return is_lift(said[0], float(curve.mean[cell])) and bounds and curve.log_bayes_factor > 1.5


def led(curve: WeekCurve, cell: int, said: tuple[str, ...]) -> bool:
    same = (curve.baseline[cell] > 0) == (curve.mean[cell] > 0)
    pull = np.abs(curve.covariance[cell]) * curve.weight
    by_posts = curve.resolved[cell] if pull.sum() else 0.0
    verdict = same if "in line" in said[1] else (not same and by_posts > 0.5)
    return is_lift(said[0], float(curve.baseline[cell])) and bool(verdict)


CLAIMS: Mapping[str, Claim] = {
    r"Your other channels, not your audience: you have no history here yet\.": lambda c, _, __: c.n.sum() == 0,
    r"Nothing is known of this channel yet: .*": lambda c, _, __: c.n.sum() == 0 and np.ptp(c.baseline) == 0,
    rf"Your {AT} posts earned {PERCENT} your average \(([\d,]+) posts\)\.": lambda c, cell, said: (
        cell_of(said[0], said[1]) == cell
        and is_lift(said[2], float(c.observed[cell]))
        and number(said[3]) == c.n[cell] >= 3
    ),
    rf"(\d+) posts? within an hour of {AT} so far\.": lambda c, cell, said: (
        int(said[0]) == around(c, cell) > 0 and cell_of(said[1], said[2]) == cell
    ),
    r"You have not posted around this hour yet: .*": lambda c, cell, _: around(c, cell) == 0 < c.n.sum(),
    rf"Allowing for chance we expect {PERCENT} your average \(90 % interval ([+-]\d+) % to ([+-]\d+) %\)\.": expects,
    r"Your history shows no detectable effect of timing; .*": lambda c, _, __: (
        c.log_bayes_factor <= 1.5 and c.n.sum() >= 30
    ),
    r"(\d+) posts? cannot show yet whether timing matters here\.": lambda c, _, said: (
        int(said[0]) == c.n.sum() < 30 and c.log_bayes_factor <= 1.5
    ),
    r"Older and undated posts count less: these ([\d,]+) weigh as much as (.+) of the newest month\.": (
        lambda c, cell, said: (
            number(said[0]) == c.n[cell]
            and c.weight[cell] < c.n[cell] / 2
            and (c.weight[cell] < 1 if said[1] == "less than one" else abs(c.weight[cell] - int(said[1])) <= 0.5)
        )
    ),
    rf"Your other channels led us to expect {PERCENT} in an average hour([,;] .*)": led,
    rf"A try: ([\d,]+) of your ([\d,]+) posts went out within an hour of {AT}, and it may be the best open hour "
    r"\(chance (\d+) %\)\.": lambda c, cell, said: (
        (number(said[0]), number(said[1]), cell_of(said[2], said[3])) == (around(c, cell), c.n.sum(), cell)
    ),
}
"""What each sentence claims, in numbers."""


def is_true(sentence: str, curve: WeekCurve, cell: int) -> bool:
    matches = [(claim, found) for shape, claim in CLAIMS.items() if (found := re.fullmatch(shape, sentence))]
    assert len(matches) == 1, f"no claim, or several, for: {sentence}"
    claim, found = matches[0]
    return bool(claim(curve, cell, found.groups()))


@settings(max_examples=150)
@given(st.integers(0, 10**9), st.integers(0, 167))
def test_no_reason_is_given_that_the_numbers_do_not_support(seed: int, cell: int) -> None:
    curve = random_curve(seed)
    said = reasons(curve, cell)
    assert said
    for sentence in (*said, *([why_try(curve, cell, 0.07)] if curve.posts > 1 else [])):
        assert is_true(sentence, curve, cell), sentence


def test_the_checker_itself_refuses_a_false_claim() -> None:
    own, expected, *_ = reasons(STRONG, TUESDAY_15)
    assert not is_true(own.replace("164", "170"), STRONG, TUESDAY_15)
    assert not is_true(own, STRONG, TUESDAY_15 + 24)
    assert not is_true(re.sub(r"\+\d+ % to", "+99 % to", expected), STRONG, TUESDAY_15)
    with pytest.raises(AssertionError, match="no claim"):
        is_true("Everybody says so.", STRONG, TUESDAY_15)
    assert no_effect(STRONG).endswith("any reasonable time is fine.")
