"""What a trial can see: power, the posts and weeks it needs, and the smallest effect it detects."""

import math
from collections.abc import Callable
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, ndtr, ndtri, stdtrit

from core.trials.comparison import NO_VARIANCE
from core.trials.sequential import mixture, threshold
from core.trials.values import ALPHA, Alternative, Known, tail
from core.undefined import Undefined

POWER = 0.8
"""The chance to find an effect that is there; some calculators take 0.85 and ask for a seventh more."""
_MOST_LIFT = 1e6
FEW_ARE_ENOUGH = Undefined("Two posts an arm are enough.")
EQUAL_SHARES = Undefined("Equal shares cannot be told apart by any number of posts.")
NO_NEED = Undefined("A power that is not above alpha is reached without any effect.")
NEVER = Undefined("No effect of any size would be found with so few posts.")


class NullVariance(StrEnum):
    """How "no effect" is thought to vary in a comparison of shares, where calculators differ.

    POOLED: as the mean of both shares (R's `power.prop.test`). CONTROL: as the control twice (Evan Miller).
    UNPOOLED: as with the effect (G*Power's z, Spotify).
    """

    POOLED = "pooled"
    CONTROL = "control"
    UNPOOLED = "unpooled"


def t_power(
    d: float, n: float, alpha: float = ALPHA, *, ratio: float = 1.0, side: Alternative = Alternative.TWO_SIDED
) -> float:
    """Return the power of a t-test: d in standard deviations, n posts in one arm, ratio·n in the other.

    statsmodels' `TTestIndPower` (noncentral t). Reproduces R's pwr: d = 1, n = 30 gives 0.967708258242517; and R's
    `power.t.test(n = 20, delta = 1, sd = 1)`: 0.8689528.
    """
    from statsmodels.stats.power import TTestIndPower  # a second to load

    found = float(TTestIndPower().power(abs(d), n, alpha, ratio=ratio, alternative=_SIDES[side]))
    drift = abs(d) * math.sqrt(n * ratio / (1 + ratio))
    return _far_power(drift, n * (1 + ratio) - 2, alpha, side) if math.isnan(found) else found


def paired_power(d: float, n: float, alpha: float = ALPHA, side: Alternative = Alternative.TWO_SIDED) -> float:
    """Return the power of a paired or one-sample t-test; d = 0.2, n = 20 gives 0.1359562887679666 (pwr)."""
    from statsmodels.stats.power import TTestPower  # a second to load

    found = float(TTestPower().power(abs(d), n, alpha, alternative=_SIDES[side]))
    return _far_power(abs(d) * math.sqrt(n), n - 1, alpha, side) if math.isnan(found) else found


_SIDES = {Alternative.TWO_SIDED: "two-sided", Alternative.GREATER: "larger", Alternative.LESS: "larger"}
"""What statsmodels calls them; the effect is taken to lie on the side that is asked for."""


def _far_power(drift: float, df: float, alpha: float, side: Alternative) -> float:
    """Return P(T > c) of a noncentral t so far out that scipy's is NaN: the mean of Φ(drift - c s), s² being χ²/df.

    By Gauss-Legendre over the quantiles of s; the far side's share is below all digits there.
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    s = np.sqrt(chdtri(df, (1 - nodes) / 2) / df)
    return float(weights @ ndtr(drift + float(stdtrit(df, tail(alpha, side))) * s) / 2)


def t_posts(
    d: float,
    power: float = POWER,
    alpha: float = ALPHA,
    *,
    ratio: float = 1.0,
    side: Alternative = Alternative.TWO_SIDED,
) -> Known:
    """Return the posts (not rounded) of a t-test in one arm, the other having ratio times as many.

    Reproduces R's `power.t.test(power = .9, delta = 1)`: 22.0211 (one-sided 17.84713); and Spotify's 39,906 for both
    arms. Undefined where two are enough.
    """
    return _enough(lambda n: t_power(d, n, alpha, ratio=ratio, side=side), power, 2 * max(1.0, 1 / ratio))


def paired_posts(
    d: float, power: float = POWER, alpha: float = ALPHA, side: Alternative = Alternative.TWO_SIDED
) -> Known:
    """Return the pairs (not rounded) of a paired or one-sample t-test; Undefined where two are enough."""
    return _enough(lambda n: paired_power(d, n, alpha, side), power)


def t_detectable(
    n: float, power: float = POWER, alpha: float = ALPHA, *, side: Alternative = Alternative.TWO_SIDED
) -> Known:
    """Return the effect, in standard deviations, that a t-test with n posts in each arm finds."""
    if power <= alpha:
        return NO_NEED
    most = 1.0
    while t_power(most, n, alpha, side=side) < power:
        most *= 2
        if most > _MOST_LIFT:
            return NEVER
    return float(brentq(lambda d: t_power(d, n, alpha, side=side) - power, 0.0, most))


def _enough(power_of: Callable[[float], float], power: float, least: float = 2.0) -> Known:
    """Return the posts, from `least` on, at which a power that grows with them is reached."""
    if power_of(least) >= power:
        return FEW_ARE_ENOUGH
    while power_of(4 * least) < power:
        least *= 4
        if least > _MOST_POSTS:
            return Undefined(f"No {_MOST_POSTS:g} posts would find so small an effect.")
    return float(brentq(lambda n: power_of(n) - power, least, 4 * least, xtol=1e-9, rtol=1e-13))


_MOST_POSTS = 1e15


def _spreads(control: float, treatment: float, null: NullVariance, ratio: float = 1.0) -> tuple[float, float]:
    """Return the standard deviations of a difference of shares, times the root of n, without and with the effect."""
    pooled = (control + ratio * treatment) / (1 + ratio)
    with_effect = math.sqrt(control * (1 - control) + treatment * (1 - treatment) / ratio)
    without = {
        NullVariance.POOLED: math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled)),
        NullVariance.CONTROL: math.sqrt((1 + 1 / ratio) * control * (1 - control)),
        NullVariance.UNPOOLED: with_effect,
    }
    return without[null], with_effect


def share_power(
    control: float,
    treatment: float,
    n: float,
    alpha: float = ALPHA,
    null: NullVariance = NullVariance.POOLED,
    *,
    ratio: float = 1.0,
) -> float:
    """Return the power of a two-sided z-test of two shares with n posts of the control, ratio times as many beside it.

    R's `power.prop.test(50, .5, .75)`: 0.740.
    """
    without, with_effect = _spreads(control, treatment, null, ratio)
    return float(ndtr((abs(treatment - control) * math.sqrt(n) + float(ndtri(alpha / 2)) * without) / with_effect))


def share_posts(
    control: float,
    treatment: float,
    power: float = POWER,
    alpha: float = ALPHA,
    null: NullVariance = NullVariance.POOLED,
    *,
    ratio: float = 1.0,
) -> Known:
    """Return the posts (not rounded) of the control in a two-sided z-test of two shares, ratio times as many beside it.

    Reproduces R's `power.prop.test(p1 = .5, p2 = .75, power = .9)`: 76.7; with CONTROL Evan Miller's 1,030 for 20 %
    and 5 points. Undefined for equal shares.
    """
    if control == treatment:
        return EQUAL_SHARES
    without, with_effect = _spreads(control, treatment, null, ratio)
    return ((float(ndtri(power)) * with_effect - float(ndtri(alpha / 2)) * without) / (treatment - control)) ** 2


def detectable_share(
    control: float, n: float, power: float = POWER, alpha: float = ALPHA, null: NullVariance = NullVariance.POOLED
) -> Known:
    """Return the larger share that n posts in each arm tell from the control's, two-sided: `share_power` solved."""
    if power <= alpha:
        return NO_NEED
    most = 1 - 1e-12
    if share_power(control, most, n, alpha, null) < power:
        return NEVER
    return float(brentq(lambda share: share_power(control, share, n, alpha, null) - power, control, most))


def lift_error(mean: float, variance: float, lift: float, n: float) -> float:
    """Return the standard error of a relative lift with n posts in each arm (delta method, equal variances)."""
    return math.sqrt(variance / n * (1 + (1 + lift) ** 2)) / abs(mean)


def lift_power(
    mean: float, variance: float, lift: float, n: float, alpha: float = ALPHA, side: Alternative = Alternative.TWO_SIDED
) -> float:
    """Return the power to find a relative lift of a mean, n posts in each arm.

    The lift's own error grows with the lift. Reproduces GrowthBook: mean 10, variance 3,910, +5 %, 400,000 users in
    three arms: 0.52144.
    """
    return z_power(lift / lift_error(mean, variance, lift, n), -float(ndtri(tail(alpha, side))), side)


def z_power(drift: float, bound: float, side: Alternative = Alternative.TWO_SIDED) -> float:
    """Return the probability that a z-statistic of mean `drift` passes `bound`, on the far side too if both count."""
    if side is Alternative.LESS:
        drift = -drift
    other = float(ndtr(-bound - drift)) if side is Alternative.TWO_SIDED else 0.0
    return float(ndtr(drift - bound)) + other


def detectable_lift(
    mean: float,
    variance: float,
    n: float,
    power: float = POWER,
    alpha: float = ALPHA,
    side: Alternative = Alternative.TWO_SIDED,
) -> Known:
    """Return the smallest positive relative lift found with this power; GrowthBook, as above: 0.07027.

    Undefined where the posts are so few that the lift's own error outgrows every lift.
    """
    if not variance > 0:
        return NO_VARIANCE
    if n <= 0 or lift_power(mean, variance, _MOST_LIFT, n, alpha, side) < power:
        return NEVER
    if power <= alpha:
        return NO_NEED
    return float(brentq(lambda lift: lift_power(mean, variance, lift, n, alpha, side) - power, 0.0, _MOST_LIFT))


def sequential_power(z: float, posts: float, tuned_for: float, alpha: float = ALPHA) -> float:
    """Return the chance that an always-valid interval excludes 0 at the end; `z` is effect / standard error there.

    Looking earlier can only add to it. For the design above (tuned for 5,000) it is 0.072.
    """
    return z_power(z, always_bound(posts, tuned_for, alpha))


def inflated_sequential_power(z: float, posts: float, tuned_for: float, alpha: float = ALPHA) -> float:
    """Return what GrowthBook's calculator calls sequential power (0.20596 for the design above); for comparison only.

    It widens the noise of the estimate with the bound, instead of moving the bound alone, so it is no probability of
    anything that can happen.
    """
    fixed = -float(ndtri(alpha / 2))
    return z_power(z * fixed / always_bound(posts, tuned_for, alpha), fixed)


def always_bound(posts: float, tuned_for: float, alpha: float = ALPHA) -> float:
    """Return the |z| that an always-valid interval asks after so many posts of both arms."""
    return float(threshold(np.array([posts]), mixture(tuned_for, alpha), alpha)[0])


def log_posts(lift: float, sd: float, power: float = POWER, alpha: float = ALPHA) -> Known:
    """Return the posts per arm that find a ratio of geometric means of 1 + lift; `sd` is that of log outcomes.

    2 (z(1 - alpha/2) + z(power))² sd² / log(1 + lift)². With the sd of real posts, 1.06: 1,942
    for +10 %, 108 for +50 %. Undefined for no lift, and for one of -100 % or less.
    """
    if lift <= -1 or lift == 0:
        return Undefined("Give an effect other than 0 and above -100 %.")
    reach = float(ndtri(power)) - float(ndtri(alpha / 2))
    return 2 * (reach * sd / math.log1p(lift)) ** 2


def detectable_log_lift(n: float, sd: float, power: float = POWER, alpha: float = ALPHA) -> Known:
    """Return the smallest lift (ratio of geometric means, less 1) that n posts in each arm find with this power."""
    if not sd > 0:
        return NO_VARIANCE
    if n <= 0:
        return NEVER
    reach = float(ndtri(power)) - float(ndtri(alpha / 2))
    away = reach * sd * math.sqrt(2 / n)
    return math.expm1(away) if away < math.log(_MOST_LIFT) else NEVER


def weeks_needed(posts_per_arm: float, arms: int, posts_per_week: float) -> int | Undefined:
    """Return the full weeks until every arm has its posts; Undefined for a team that does not post."""
    if not posts_per_week > 0:
        return Undefined("Without posts a trial never ends.")
    return math.ceil(posts_per_arm * arms / posts_per_week)
