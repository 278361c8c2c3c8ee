"""Welch's comparison of two arms, absolute or relative, and Fieller's interval for the relative one."""

import math
from dataclasses import dataclass

from scipy.special import ndtri, stdtr, stdtrit

from core.trials.samples import Sample
from core.trials.values import ALPHA, Alternative, Interval, Scale, around, tail
from core.undefined import Undefined

NO_VARIANCE = Undefined("No post differs from another within either arm, so chance cannot be judged.")
BELOW_ZERO = Undefined("A relative lift needs means above 0; compare the absolute difference.")
NEAR_ZERO = Undefined("The control's mean cannot be told from 0, so a relative lift has no bounds.")


@dataclass(frozen=True)
class Effect:
    """Treatment against control on a scale, with its standard error and Welch-Satterthwaite degrees of freedom."""

    estimate: float
    error: float
    df: float
    scale: Scale


@dataclass(frozen=True)
class Comparison:
    """An effect, its interval with a chance of alpha to miss, and the p-value of "no effect"."""

    effect: Effect
    interval: Interval
    p: float
    statistic: float
    alternative: Alternative


def effect(
    control: Sample | Undefined, treatment: Sample | Undefined, scale: Scale = Scale.ABSOLUTE, alpha: float = ALPHA
) -> Effect | Undefined:
    """Return the effect of treatment over control.

    Absolute: m_t - m_c with variance v_t/n_t + v_c/n_c. Relative: (m_t - m_c)/m_c with variance
    v_t/(n_t m_c²) + v_c m_t²/(n_c m_c⁴) (delta method; the second term without m_t²/m_c² where the control is fixed).
    Undefined without any variance, for relative lifts of means not above 0, and where the control's mean is within
    its own interval of 0: there Fieller's interval is unbounded, and the delta method's would be a lie.
    """
    for arm in (control, treatment):
        if isinstance(arm, Undefined):
            return arm
    return _effect(control, treatment, scale, alpha)  # type: ignore[arg-type] # both are samples, as just seen


def _effect(control: Sample, treatment: Sample, scale: Scale, alpha: float) -> Effect | Undefined:
    spread = control.error_variance + treatment.error_variance
    if not spread > 0:
        return NO_VARIANCE
    df = spread**2 / (control.error_variance**2 / control.df + treatment.error_variance**2 / treatment.df)
    difference = treatment.estimate - control.estimate
    if scale is Scale.ABSOLUTE:
        return Effect(difference, math.sqrt(spread), df, scale)
    if barred := _no_lift(control, treatment, alpha):
        return barred[0]
    lift = difference / control.level
    relative = treatment.error_variance + control.lift_error_variance(lift if scale is Scale.RELATIVE else 0.0)
    if not relative > 0:
        return Undefined("No post of the treatment has anything, so the lift of -100 % has no error to judge it by.")
    return Effect(lift, math.sqrt(relative) / control.level, df, scale)


def _no_lift(control: Sample, treatment: Sample, alpha: float) -> tuple[Undefined, ...]:
    """Return why there is no relative lift; empty where there is one."""
    if control.level <= 0 or treatment.level < 0:
        return (BELOW_ZERO,)
    return (NEAR_ZERO,) if _leeway(control, alpha) >= 1 else ()


def _leeway(control: Sample, alpha: float) -> float:
    """Return Fieller's g = t² v_c/(n_c m_c²): from 1 on the control's interval holds 0."""
    return float(stdtrit(control.df, 1 - alpha / 2)) ** 2 * control.level_error_variance / control.level**2


def compare(
    control: Sample | Undefined,
    treatment: Sample | Undefined,
    scale: Scale = Scale.ABSOLUTE,
    alternative: Alternative = Alternative.TWO_SIDED,
    alpha: float = ALPHA,
) -> Comparison | Undefined:
    """Compare two arms by Welch's unequal-variance t (Welch 1947); GREATER says the treatment has more.

    Reproduces R's `t.test(extra ~ group, sleep)`: t = -1.8608, p = 0.07939, and GrowthBook's two-sided and one-sided
    tests (lift 0.70732, interval -0.03526 to 1.44989, p 0.06191). The relative p is that of the lift, not of the
    difference: the two differ where the control is noisy.
    """
    found = effect(control, treatment, scale, alpha)
    return found if isinstance(found, Undefined) else judged(found, alternative, alpha)


def judged(found: Effect, alternative: Alternative = Alternative.TWO_SIDED, alpha: float = ALPHA) -> Comparison:
    """Return interval and p-value of an effect by Student's t, or by the normal law where df is infinite."""
    reach = float(quantile(1 - tail(alpha, alternative), found.df)) * found.error
    statistic = found.estimate / found.error
    interval, p = around(found.estimate, reach, alternative), p_of(statistic, found.df, alternative)
    return Comparison(found, interval, p, statistic, alternative)


def quantile(probability: float, df: float) -> float:
    """Return a quantile of Student's t; of the normal law where df is infinite."""
    return float(ndtri(probability) if math.isinf(df) else stdtrit(df, probability))


def p_of(statistic: float, df: float, alternative: Alternative) -> float:
    """Return the p-value of a t (or, df infinite, a z) statistic."""
    if alternative is Alternative.TWO_SIDED:
        return 2 * float(stdtr(df, -abs(statistic)))
    return float(stdtr(df, -statistic if alternative is Alternative.GREATER else statistic))


def fieller(control: Sample | Undefined, treatment: Sample | Undefined, alpha: float = ALPHA) -> Interval | Undefined:
    """Return Fieller's (1954) interval of the relative lift, which holds its promise where the delta method's does not.

    The lifts θ - 1 with (m_t - θ m_c)² ≤ t² (v_t/n_t + θ² v_c/n_c). Undefined where that is not a bounded interval.
    """
    if isinstance(control, Undefined):
        return control
    if isinstance(treatment, Undefined):
        return treatment
    found = effect(control, treatment, Scale.RELATIVE, alpha)
    if isinstance(found, Undefined):
        return found
    t2 = quantile(1 - alpha / 2, found.df) ** 2
    g = t2 * control.error_variance / control.level**2
    if g >= 1:
        return NEAR_ZERO
    times = 1 + (treatment.estimate - control.estimate) / control.level
    within = treatment.error_variance * (1 - g) + times**2 * control.error_variance
    reach = math.sqrt(t2 * within) / control.level
    return Interval((times - reach) / (1 - g) - 1, (times + reach) / (1 - g) - 1)


def against(sample: Sample, value: float = 0.0, alpha: float = ALPHA) -> Comparison | Undefined:
    """Test the mean of one sample, such as of paired differences, by Student's t.

    Reproduces R's paired `sleep` test: t = -4.0621, p = 0.002833.
    """
    if not sample.variance > 0:
        return NO_VARIANCE
    error = math.sqrt(sample.error_variance)
    return judged(Effect(sample.estimate - value, error, sample.df, Scale.ABSOLUTE), alpha=alpha)
