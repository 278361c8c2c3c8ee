"""What the charts of the Analytics page found, as sentences that name their uncertainty; plain text, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from core.services.analytics import ChannelWeek
from core.services.week_analysis import HourExplanation
from core.timing.backtest import CalibrationPoint
from core.timing.curve import LEVEL, Interval
from core.timing.effects import Effect, HourEstimate
from core.timing.explain import FEWEST_IN_CELL
from core.timing.week import HOURS_PER_DAY, WEEKDAYS
from core.ui.dashboard_words import between, posts, signed
from core.undefined import Undefined

RECENT_WEEKS = 8
TELLING = 0.005
"""An interval from less than half a percent up would be written "from ±0 %"."""
OBSERVED = (
    "Observed, not proven: these figures compare posts you chose to publish at different times, and those posts may "
    "differ in other ways too. Only a randomized trial shows a cause."
)


def interval_words(interval: Interval) -> str:
    """Return `90 % interval -2 % to +9 %`."""
    return f"{LEVEL * 100:.0f} % interval {between(interval.low, interval.high)}"


def effect_words(effect: Effect) -> str:
    """Return what a chart says of one effect where a pointer rests on it."""
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return f"{effect.name}<br>No posts yet: unknown"
    return f"{effect.name}<br>{signed(effect.lift)} ({interval_words(effect.interval)})<br>{posts(effect.n)}"


def unknown_words(name: str, estimate: HourEstimate) -> str:
    """Return what a chart says of an hour nobody posted at: unknown, and how much it might be worth."""
    return f"{name}<br>No posts yet: unknown<br>Anything from {between(estimate.interval.low, estimate.interval.high)}"


def estimate_words(name: str, estimate: HourEstimate) -> str:
    """Return what the curve says of an hour."""
    known = posts(estimate.n) if estimate.n else "no posts yet, from its neighbours"
    return f"{name}<br>{signed(estimate.lift)} ({interval_words(estimate.interval)})<br>{known}"


def week_finding(week: ChannelWeek) -> str:
    """Return which hour of the week stands out."""
    best = _standing_out([cell for cell in week.effects.cells if cell.n >= FEWEST_IN_CELL])
    if not week.timing_matters or best is None:
        return "No single hour of the week stands out by itself"
    return f"{best.name} stands out: {_size(best)}"


def day_finding(week: ChannelWeek, day: int) -> str:
    """Return which hour of a weekday (0 = Monday) stands out, of those posted at."""
    hours = week.effects.cells[day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY]
    best = _standing_out([hour for hour in hours if hour.n >= FEWEST_IN_CELL])
    if not week.timing_matters or best is None:
        return f"On {WEEKDAYS[day]} no hour stands out"
    return f"{best.name} stands out: {_size(best)}"


def weekday_finding(week: ChannelWeek) -> str:
    """Return which weekday stands out."""
    best = _standing_out(week.effects.weekdays)
    if not week.timing_matters or best is None:
        return "Weekdays differ by no more than chance"
    return f"{best.name} is your best weekday: {_size(best)}"


def hour_finding(week: ChannelWeek) -> str:
    """Return which hour of the day stands out."""
    best = _standing_out(week.effects.hours)
    if not week.timing_matters or best is None:
        return "Hours of the day differ by no more than chance"
    return f"{best.name} is your best hour: {_size(best)}"


def format_time_finding(times: Mapping[str, Sequence[Effect]]) -> str:
    """Return which format stands out at which time of day; `times` holds each format's times by its name."""
    named = [replace(each, name=f"{name}, {each.name}") for name, effects in times.items() for each in effects]
    best = _standing_out(named)
    return f"{best.name} stands out: {_size(best)}" if best else "No format has a time of day that stands out"


def hour_explanation(name: str, found: HourExplanation) -> str:
    """Return what an hour's figure rests on, as one sentence."""
    shares = {
        "its own posts": found.influence.own,
        "the hours beside it": found.influence.neighbours,
        "other hours of your week": found.influence.elsewhere,
        f"what was expected before ({found.baseline_name})": found.influence.prior,
    }
    parts = [f"{share * 100:.0f} % on {words}" for words, share in shares.items() if share >= TELLING]
    expected = f"{signed(found.expected_lift)} expected ({interval_words(found.interval)})"
    return f"{name}: {expected}. That rests {', '.join(parts)}."


def calibration_finding(points: Sequence[CalibrationPoint]) -> str:
    """Return how often the 90 % intervals held."""
    (point,) = (each for each in points if each.nominal == LEVEL)
    if isinstance(point.realised, Undefined):
        return "Too few hours to say how often intervals hold"
    return f"{LEVEL * 100:.0f} % intervals held in {point.realised * 100:.0f} % of {point.slots:,} hours"


def format_finding(formats: Sequence[Effect]) -> str:
    """Return which content format stands out."""
    best = _standing_out(formats)
    return f"{best.name} earns most: {_size(best)}" if best else "No format earns clearly more than your average post"


def trend_finding(trend: pl.DataFrame) -> str:
    """Return how the last weeks with posts compare with those before (`TREND_SCHEMA`)."""
    medians = trend["median"].drop_nulls()
    recent, before = medians.tail(RECENT_WEEKS), medians.head(-RECENT_WEEKS).tail(RECENT_WEEKS)
    typical = _median(recent)
    if before.len() < RECENT_WEEKS or not (level := _median(before)):
        return f"A typical post earned {typical:,.0f}"
    change = round((typical / level - 1) * 100)
    against = f"{abs(change)} % {'more' if change > 0 else 'less'} than" if change else "as much as"
    return (
        f"A typical post of the last {RECENT_WEEKS} weeks earned {typical:,.0f}, {against} in the {RECENT_WEEKS} before"
    )


def _median(values: pl.Series) -> float:
    return float(values.to_frame("m").select(pl.col("m").median()).item())


def _size(effect: Effect) -> str:
    if isinstance(effect.lift, Undefined) or isinstance(effect.interval, Undefined):
        return effect.name
    return f"{signed(effect.lift)} against your average ({interval_words(effect.interval)}, {posts(effect.n)})"


def _standing_out(effects: Sequence[Effect]) -> Effect | None:
    """Return the largest effect whose whole interval lies above the average, and visibly so."""
    sure = [
        (effect.lift, effect)
        for effect in effects
        if isinstance(effect.lift, float) and isinstance(effect.interval, Interval) and effect.interval.low >= TELLING
    ]
    return max(sure, key=lambda found: found[0])[1] if sure else None
