"""Recommendations: ranked, apart, honest about what they rest on, in words the numbers support."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.timing.curve import WeekCurve
from core.timing.effects import effects
from core.timing.estimator import fit
from core.timing.explain import percent
from core.timing.priors import published_research
from core.timing.recommend import Exploration, SlotChoice, rank, score_of, scores, version_of
from core.timing.rollup import NO_POSTS, WeekStats
from core.timing.week import cell_name
from core.undefined import Undefined
from core.vocabulary import Basis

TUESDAY_15 = 39
MONDAY = datetime(2025, 6, 2, tzinfo=UTC)
FORTNIGHT = tuple(SlotChoice(MONDAY + timedelta(hours=h), h % 168) for h in range(336))


def week_of(means: dict[int, float], posts: int = 18) -> WeekStats:
    """Posts of noise 1 in the cells named, with exactly these mean outcomes."""
    n = [posts if cell in means else 0 for cell in range(168)]
    mean = [means.get(cell, 0.0) for cell in range(168)]
    return WeekStats(tuple(n), tuple(map(float, n)), tuple(mean), tuple(float(x) for x in n))


def daytime(best: float) -> dict[int, float]:
    return {d * 24 + h: best if d * 24 + h in range(38, 41) else 0.0 for d in range(7) for h in range(8, 22)}


STRONG_HOUR = tuple(0.3 if cell == TUESDAY_15 else 0.0 for cell in range(168))
RESEARCH = published_research(STRONG_HOUR)
STRONG = fit(week_of(daytime(1.0)), [RESEARCH])
WEAK = fit(week_of(daytime(0.0)), [RESEARCH])
COLD = fit(NO_POSTS, [RESEARCH])


def test_the_planted_hour_is_suggested_first_with_its_evidence() -> None:
    first = rank(STRONG, FORTNIGHT, 5)[0]
    assert (first.hour_of_week, first.start) == (TUESDAY_15, datetime(2025, 6, 3, 15, tzinfo=UTC))
    assert (first.own_posts, first.sample_size, first.basis) == (18, 54, Basis.HISTORY)
    assert first.score > 0.95
    assert 0.8 < first.expected_lift < 1.9  # e - 1 = 1.72 was planted, the average includes it
    assert first.interval.low < first.expected_lift < first.interval.high
    assert 0.5 < first.confidence <= 1


def test_suggestions_are_spread_over_days_and_never_neighbours() -> None:
    chosen = rank(STRONG, FORTNIGHT, 10)
    starts = sorted(s.start for s in chosen)
    assert len(chosen) == 10
    assert len({start.date() for start in starts}) == 10
    assert [s.score for s in chosen] == sorted((s.score for s in chosen), reverse=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(1, 12), st.integers(0, 167))
def test_any_two_suggestions_keep_their_distance(count: int, hours: int, first_hour: int) -> None:
    slots = [SlotChoice(MONDAY + timedelta(hours=h), h % 168) for h in range(first_hour, first_hour + 72)]
    starts = sorted(s.start for s in rank(STRONG, slots, count, timedelta(hours=hours), Exploration(0.4, seed=1)))
    assert len(starts) <= count
    assert all(b - a >= timedelta(hours=hours) for a, b in pairwise(starts))


def test_the_local_day_is_shared_out_even_where_utc_has_another_date() -> None:
    """In Auckland (UTC+12) Tuesday 08:00 is Monday evening in London."""
    slots = [SlotChoice(MONDAY + timedelta(hours=h - 12), h % 168) for h in range(336)]
    local_dates = {(s.start + timedelta(hours=12)).date() for s in rank(STRONG, slots, 14)}
    assert local_dates == {date(2025, 6, 2) + timedelta(days=d) for d in range(14)}


def test_nights_nobody_posted_in_are_no_advice() -> None:
    nights = [slot for slot in FORTNIGHT if slot.hour_of_week % 24 in range(2, 5)]
    assert rank(STRONG, nights, 5) == ()
    assert len(rank(COLD, nights, 5)) == 5  # nothing is known of any hour, and the research leads


def test_a_few_lucky_posts_at_night_are_no_advice_before_they_are_evidence() -> None:
    night, week = 3, week_of(daytime(0.0))
    n = tuple(2 if cell == night else posts for cell, posts in enumerate(week.n))
    mean = tuple(1.5 if cell == night else earned for cell, earned in enumerate(week.mean))
    curve = fit(WeekStats(n, tuple(map(float, n)), mean, tuple(map(float, n))))
    assert curve.mean[night] == max(curve.mean)
    assert curve.interval_of(night).low < 0
    assert night not in {each.hour_of_week for each in rank(curve, FORTNIGHT, 200)}


def test_an_hour_the_clocks_repeat_is_suggested_once() -> None:
    """Berlin, Sunday 26 October 2025: 02:00 comes at 00:00 and again at 01:00 UTC."""
    night = datetime(2025, 10, 26, tzinfo=UTC)
    slots = [SlotChoice(night + timedelta(minutes=30 * half), 6 * 24 + 2) for half in range(4)]
    assert [slot.start for slot in rank(COLD, slots, 10)] == [night]


def test_a_version_changes_with_what_is_known_and_with_nothing_else() -> None:
    again = fit(week_of(daytime(1.0)), [RESEARCH])
    more = fit(week_of(daytime(1.0), posts=19), [RESEARCH])
    assert version_of(again) == version_of(STRONG)
    assert len({version_of(curve) for curve in (STRONG, WEAK, COLD, more)}) == 4
    assert set(version_of(STRONG)) <= set("0123456789abcdef")
    assert len(version_of(STRONG)) == 12


def test_without_history_the_research_leads_and_says_that_it_is_not_your_audience() -> None:
    first = rank(COLD, FORTNIGHT, 3)[0]
    assert first.hour_of_week == TUESDAY_15
    assert first.reasons == ("Published research, not your audience: you have no history here yet.",)
    assert (first.basis, first.sample_size, first.confidence) == (Basis.BASELINE, 0, 0)
    assert not first.is_exploration


def test_scores_are_ranks_between_zero_and_one_and_average_one_half() -> None:
    for curve in (STRONG, WEAK, COLD):
        assert scores(curve).mean() == pytest.approx(0.5)
        assert ((scores(curve) > 0) & (scores(curve) < 1)).all()
    assert score_of(STRONG, TUESDAY_15) == scores(STRONG).max()


def test_the_score_is_the_share_of_hours_beaten_when_the_curve_is_certain() -> None:
    """Means 0, 1, ... 167 without uncertainty: the hour ranked k-th beats k of the other 167."""
    certain = WeekCurve(
        mean=np.arange(168.0),
        covariance=np.zeros((168, 168)),
        n=np.ones(168, dtype=np.int64),
        weight=np.ones(168),
        observed=np.arange(168.0),
        baseline=np.zeros(168),
        baseline_share=np.zeros(168),
        resolved=np.ones(168),
        noise_sd=1.0,
        log_bayes_factor=9.0,
        confidence=1.0,
        baseline_name="Published research",
    )
    assert scores(certain).tolist() == pytest.approx([k / 167 for k in range(168)])


def test_no_slots_or_none_wanted_give_no_suggestions() -> None:
    assert rank(STRONG, (), 5) == ()
    assert rank(STRONG, FORTNIGHT, 0) == ()


def test_a_lift_is_said_in_whole_percent_and_never_as_zero() -> None:
    assert (percent(0.24), percent(-0.04), percent(0.001)) == ("24 % more than", "4 % less than", "as much as")
    assert cell_name(167) == "Sunday 23:00"


def test_the_heat_map_shows_used_cells_and_calls_the_others_unknown() -> None:
    shown = effects(STRONG)
    best, night = shown.cells[TUESDAY_15], shown.cells[3]
    assert (best.name, best.n, best.is_known) == ("Tuesday 15:00", 18, True)
    assert (night.n, night.is_known) == (0, False)
    assert isinstance(night.lift, Undefined)
    assert isinstance(night.interval, Undefined)


def test_the_summaries_add_up_to_all_posts_and_name_the_good_day_and_hour() -> None:
    shown = effects(STRONG)
    posts = 7 * 14 * 18
    assert [sum(e.n for e in part) for part in (shown.cells, shown.weekdays, shown.hours)] == [posts] * 3
    assert (len(shown.weekdays), len(shown.hours), shown.best_quarter.n) == (7, 24, posts // 4)
    lifts = {e.name: e.lift for e in (*shown.weekdays, *shown.hours) if not isinstance(e.lift, Undefined)}
    assert max((n for n in lifts if ":" not in n), key=lambda name: lifts[name]) == "Tuesday"
    assert max((n for n in lifts if ":" in n), key=lambda name: lifts[name]) in {"14:00", "15:00", "16:00"}


def test_the_headline_says_what_was_found_or_that_nothing_was() -> None:
    assert effects(STRONG).usual_range.startswith("Timing matters here: the best-timed quarter of your 1,764 posts")
    assert effects(WEAK).usual_range == (
        "Your history shows no detectable effect of timing; any reasonable time is fine."
    )
    assert effects(COLD).usual_range.startswith("Published research, not your audience")
