"""What a trial says in one word and one plain sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.trials.contrast import ArmData, Contrast
from core.trials.health.facts import Finding, Severity
from core.trials.plan import Primary, TrialPlan
from core.trials.power import log_posts
from core.trials.samples import Sample
from core.trials.values import Known
from core.undefined import Undefined

SURE_OF_EQUIVALENCE = 0.95


class Verdict(StrEnum):
    """What may be done: take the arm, leave it, either, wait, or look for what went wrong."""

    WON = "won"
    LOST = "lost"
    EQUIVALENT = "equivalent"
    TOO_LITTLE_DATA = "too little data"
    INVALID = "invalid"


@dataclass(frozen=True)
class Decision:
    """A verdict, the p-value it rests on (allowing for all arms and, if planned, all looks), and a sentence."""

    verdict: Verdict
    p: Known
    sentence: str


def decide(
    found: Contrast, arms: tuple[ArmData, ArmData], p: Known, plan: TrialPlan, findings: Mapping[str, Finding]
) -> Decision:
    """Return the verdict on an arm; `arms` are control and treatment, `p` allows for several arms."""
    wrong = next((each for each in findings.values() if each.severity is Severity.INVALID), None)
    if wrong:
        return Decision(Verdict.INVALID, p, f"{found.arm} cannot be judged. {wrong.sentence}")
    if isinstance(found.primary, Undefined):
        return Decision(Verdict.TOO_LITTLE_DATA, p, f"{found.arm} cannot be judged. {found.primary.reason}")
    size = _size(found.primary.effect.estimate, plan)
    if not isinstance(p, Undefined) and p < plan.alpha:
        verdict = Verdict.WON if found.primary.effect.estimate > 0 else Verdict.LOST
        word = "beats" if verdict is Verdict.WON else "is worse than"
        return Decision(verdict, p, f"{found.arm} {word} {found.against} by about {size} (p = {p:.2g}).")
    if not isinstance(found.posterior, Undefined) and found.posterior.equivalence >= SURE_OF_EQUIVALENCE:
        return Decision(Verdict.EQUIVALENT, p, f"{found.arm} and {found.against} are the same within 2 %.")
    sentence = f"Cannot tell yet whether {found.arm} differs from {found.against}{_need(arms, plan)}."
    return Decision(Verdict.TOO_LITTLE_DATA, p, sentence)


def _size(estimate: float, plan: TrialPlan) -> str:
    if plan.primary is Primary.ABSOLUTE:
        return f"{abs(estimate):.3g}"
    lift = math.expm1(estimate) if plan.primary is Primary.LOG else estimate
    return f"{abs(lift):.0%}".replace("%", " %")


def _need(arms: tuple[ArmData, ArmData], plan: TrialPlan) -> str:
    """Say how many more posts would find the effect the trial looks for; nothing where that is not known."""
    sds = [_relative_sd(arm.sample) for arm in arms]
    known = [sd for sd in sds if not isinstance(sd, Undefined)]
    if len(known) < len(sds) or plan.primary is Primary.ABSOLUTE:
        return ""
    needed = log_posts(plan.detect, max(known))
    if isinstance(needed, Undefined):
        return ""
    more = math.ceil(2 * needed) - sum(arm.n for arm in arms)
    looked_for = f"{plan.detect:+.0%}".replace("%", " %")
    if more <= 0:
        return f"; there are posts enough to have seen {looked_for} in 4 of 5 trials"
    return f"; to see {looked_for} it needs about {more:,} more posts"


def _relative_sd(sample: Sample | Undefined) -> Known:
    """Return the standard deviation of one post over the mean: that of its logarithm, where it is small."""
    if isinstance(sample, Undefined) or sample.level <= 0:
        return Undefined("Without a mean above 0 there is no relative spread.")
    return math.sqrt(sample.variance) / sample.level
