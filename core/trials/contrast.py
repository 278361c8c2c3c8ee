"""One arm against the control: every number the data give, each Undefined where they give none."""

from dataclasses import dataclass, replace

import polars as pl

from core.trials.bayes import FLAT, Posterior, Prior, posterior
from core.trials.comparison import Comparison, Effect, compare, fieller, judged
from core.trials.cuped import Adjusted, adjust
from core.trials.from_posts import FromPosts, from_posts
from core.trials.moments import Moments
from core.trials.plan import Primary, TrialPlan
from core.trials.proportions import ShareComparison, compare_shares
from core.trials.samples import Proportion, Sample
from core.trials.sequential import FIRST_LOOK, Always, always
from core.trials.values import Interval, Known, Scale
from core.trials.words import DrawUnit
from core.undefined import Undefined

_LOG_UNIT = "log of ratio of geometric means"
UNITS = {
    Primary.RELATIVE: "lift",
    Primary.ABSOLUTE: "the metric's",
    Primary.LOG: _LOG_UNIT,
    Primary.LOGGED: _LOG_UNIT,
}
_NO_RATIO = Undefined("Logarithms have no ratio; their difference is one.")
_UNIT_UNKNOWN = Undefined("Whether a difference is negligible depends on the unit of the metric.")
NO_BEFORE = Undefined("This needs what was known of every post before the trial.")


@dataclass(frozen=True)
class ArmData:
    """An arm as far as it is known: its name, posts with and without outcome, its sample, and what it was made of.

    `pair` has outcome and covariate, for CUPED: of a ratio the numerator, the denominator, and both before the trial.
    """

    name: str
    n: int
    missing: int
    sample: Sample | Undefined
    counted: Proportion | None = None
    pair: Moments | None = None


@dataclass(frozen=True)
class Contrast:
    """An arm against the control; `always` and the posteriors are about the primary effect, in its unit."""

    arm: str
    against: str
    absolute: Comparison | Undefined
    relative: Comparison | Undefined
    fieller: Interval | Undefined
    shares: ShareComparison | Undefined
    cuped: Comparison | Undefined
    cuped_reduction: Known
    primary: Comparison | Undefined
    primary_unit: str
    always: Always | Undefined
    posterior: Posterior | Undefined
    posterior_flat: Posterior | Undefined
    posts: FromPosts


def contrast(control: ArmData, treatment: ArmData, plan: TrialPlan, rows: pl.DataFrame | None) -> Contrast:
    """Compare one arm with the control in every way the data allow."""
    pair = (control.sample, treatment.sample)
    posts = FromPosts() if rows is None else from_posts(rows, control.name, treatment.name, plan)
    adjusted = _adjusted(control, treatment)
    absolute = compare(*pair, Scale.ABSOLUTE, plan.alternative, plan.alpha)
    is_logged = plan.primary is Primary.LOGGED
    relative = _NO_RATIO if is_logged else compare(*pair, Scale.RELATIVE, plan.alternative, plan.alpha)
    primary = _primary(absolute, relative, posts, plan)
    found = primary if isinstance(primary, Undefined) else primary.effect
    return Contrast(
        arm=treatment.name,
        against=control.name,
        absolute=absolute,
        relative=relative,
        fieller=_NO_RATIO if is_logged else fieller(*pair, plan.alpha),
        shares=_shares(control, treatment, plan),
        cuped=_cuped(adjusted, plan),
        cuped_reduction=adjusted if isinstance(adjusted, Undefined) else adjusted.reduction,
        primary=primary,
        primary_unit=UNITS[plan.primary],
        always=_always(found, (control, treatment), plan),
        posterior=_posterior(found, plan.prior, plan),
        posterior_flat=_posterior(found, FLAT, plan),
        posts=posts,
    )


def _primary(
    absolute: Comparison | Undefined, relative: Comparison | Undefined, posts: FromPosts, plan: TrialPlan
) -> Comparison | Undefined:
    if plan.primary is Primary.LOG:
        logs = posts.logs
        return logs if isinstance(logs, Undefined) else judged(logs.logs.effect, plan.alternative, plan.alpha)
    return relative if plan.primary is Primary.RELATIVE else absolute


def _shares(control: ArmData, treatment: ArmData, plan: TrialPlan) -> ShareComparison | Undefined:
    if control.counted is None or treatment.counted is None:
        return Undefined("The metric is not a share of posts.")
    return compare_shares(control.counted, treatment.counted, plan.alpha)


def _adjusted(control: ArmData, treatment: ArmData) -> Adjusted | Undefined:
    if control.pair is None or treatment.pair is None:
        return NO_BEFORE
    return adjust(control.pair, treatment.pair)


def _cuped(adjusted: Adjusted | Undefined, plan: TrialPlan) -> Comparison | Undefined:
    if isinstance(adjusted, Undefined):
        return adjusted
    scale = Scale.ABSOLUTE if plan.primary in {Primary.ABSOLUTE, Primary.LOGGED} else Scale.RELATIVE
    return compare(adjusted.control, adjusted.treatment, scale, plan.alternative, plan.alpha)


def _always(found: Effect | Undefined, arms: tuple[ArmData, ArmData], plan: TrialPlan) -> Always | Undefined:
    if isinstance(found, Undefined):
        return found
    if min(arm.n for arm in arms) < FIRST_LOOK:
        return too_early(plan.unit)
    return always(
        found, sum(arm.n for arm in arms), tuned_for=plan.tuned_for, alternative=plan.alternative, alpha=plan.alpha
    )


def too_early(unit: DrawUnit) -> Undefined:
    """Return why there is no always-valid interval yet."""
    return Undefined(f"There is nothing to look at before every arm has {FIRST_LOOK} {unit} with an outcome.")


def _posterior(found: Effect | Undefined, prior: Prior, plan: TrialPlan) -> Posterior | Undefined:
    if isinstance(found, Undefined):
        return found
    believed = posterior(found, prior, plan.alpha)
    return replace(believed, equivalence=_UNIT_UNKNOWN) if plan.primary is Primary.ABSOLUTE else believed
