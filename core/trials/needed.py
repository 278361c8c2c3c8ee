"""How many posts or days a trial takes to see the lift it looks for, by how they differ in its arms."""

import math

from scipy.special import ndtri

from core.trials.comparison import Effect
from core.trials.contrast import ArmData
from core.trials.plan import TrialPlan
from core.trials.power import POWER
from core.trials.samples import Sample
from core.trials.values import Known
from core.undefined import Undefined

BEYOND_ALL = Undefined("The share would be above 100 %.")


def needed(found: Effect, arms: tuple[ArmData, ArmData], plan: TrialPlan) -> Known:
    """Return the posts of both arms, in the shares they have now, that see `plan.detect` in 4 of 5 trials.

    The error falls with the root of the posts: N ((z(1 - level/2) + z(power)) error / effect)² of them; the level is
    that of rule and arms. `error` is that of the effect looked for, not of the one found, which by chance may be large
    and would make its own error large. `found` is the primary effect of control and treatment, a lift or a logarithm.
    """
    looked_for = math.log1p(plan.detect) if plan.primary.is_log else plan.detect
    variance = found.error**2 if plan.primary.is_log else _lift_variance(arms, plan.detect)
    if isinstance(variance, Undefined):
        return variance
    reach = float(ndtri(POWER)) - float(ndtri(plan.level / 2))
    return sum(arm.n for arm in arms) * (reach / looked_for) ** 2 * variance


def _lift_variance(arms: tuple[ArmData, ArmData], lift: float) -> Known:
    """Return the squared error that a lift of this size would have with these posts (delta method)."""
    control, treatment = (arm.sample for arm in arms)
    if isinstance(control, Undefined) or isinstance(treatment, Undefined):
        return control if isinstance(control, Undefined) else treatment  # type: ignore[return-value] # one of them is
    variance = _variance_at(arms[1], treatment, (1 + lift) * control.level)
    if isinstance(variance, Undefined):
        return variance
    return (variance / treatment.n + control.lift_error_variance(lift)) / control.level**2


def _variance_at(arm: ArmData, sample: Sample, level: float) -> Known:
    """Return how a post of the treatment would vary if its mean were `level`.

    A share varies by p(1 - p). Means and ratios of posts vary in proportion to themselves, as counts do that a better
    hour multiplies; a mean that its own error takes to 0 has no proportion, and keeps what it has. (Simulated: of
    gamma, log-normal, negative binomial and normal posts this is off by less than the found variances as they are.)
    """
    if arm.counted is not None:
        return level * (1 - level) if level <= 1 else BEYOND_ALL
    is_near_zero = sample.estimate <= 0 or sample.error_variance >= sample.estimate**2
    return sample.variance if is_near_zero else sample.variance * (level / sample.estimate) ** 2
