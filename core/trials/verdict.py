"""What a trial says in one word and one plain sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.trials.bayes import NEGLIGIBLE
from core.trials.comparison import Effect
from core.trials.contrast import ArmData, Contrast
from core.trials.health.facts import Finding, Severity
from core.trials.needed import needed
from core.trials.plan import Primary, TrialPlan
from core.trials.values import Known
from core.undefined import Undefined

SURE_OF_EQUIVALENCE = 0.95
SMALLEST_P = 0.001


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
        return Decision(verdict, p, f"{found.arm} {word} {found.against} by about {size} ({_p_words(p)}).")
    if _is_equivalent(found, plan):
        return Decision(Verdict.EQUIVALENT, p, f"{found.arm} and {found.against} are the same within 2 %.")
    sentence = (
        f"Cannot tell yet whether {found.arm} differs from {found.against}{_need(found.primary.effect, arms, plan)}."
    )
    return Decision(Verdict.TOO_LITTLE_DATA, p, sentence)


def _is_equivalent(found: Contrast, plan: TrialPlan) -> bool:
    """Say whether the effect is negligible by what is believed, and at any look also by the interval valid there.

    A posterior looked at again and again passes 95 % sooner or later by chance; the interval holds at all looks.
    """
    chance = found.posterior if isinstance(found.posterior, Undefined) else found.posterior.equivalence
    if isinstance(chance, Undefined) or chance < SURE_OF_EQUIVALENCE:
        return False
    if not plan.is_by_looks:
        return True
    bounds = found.always if isinstance(found.always, Undefined) else found.always.interval
    return not isinstance(bounds, Undefined) and max(-bounds.low, bounds.high) < NEGLIGIBLE


def _p_words(p: float) -> str:
    """Say a p-value with the digits that mean something: below a thousandth only that it is."""
    return f"p = {p:.2g}" if p >= SMALLEST_P else f"p < {SMALLEST_P}"


def _size(estimate: float, plan: TrialPlan) -> str:
    if plan.primary is Primary.ABSOLUTE:
        return f"{abs(estimate):.3g}"
    if plan.primary.is_log and abs(estimate) > _MOST_LOG:
        return f"a factor of e^{abs(estimate):.3g}"
    lift = abs(math.expm1(estimate) if plan.primary.is_log else estimate)
    if lift > _MOST_PERCENT:
        return f"a factor of {1 + lift:,.3g}"
    return f"{lift:.0%}".replace("%", " %") if lift >= _LEAST_PERCENT else f"{lift * 100:.2g} %"


_MOST_LOG, _MOST_PERCENT, _LEAST_PERCENT = 100, 100, 0.005


def _need(found: Effect, arms: tuple[ArmData, ArmData], plan: TrialPlan) -> str:
    """Say how many more posts or days would find the effect looked for; nothing where its unit is not a lift."""
    if plan.primary is Primary.ABSOLUTE:
        return ""
    words = f"{plan.detect:+.2%}" if plan.detect < _LEAST_PERCENT else f"{plan.detect:+.0%}"
    words = words.replace("%", " %")
    units = needed(found, arms, plan)
    if isinstance(units, Undefined):
        return f"; {words} cannot be looked for: {units.reason[0].lower()}{units.reason[1:].rstrip('.')}"
    more = math.ceil(units) - sum(arm.n for arm in arms)
    if more <= 0:
        return f"; there are {plan.unit} enough to have seen {words} in 4 of 5 trials"
    return f"; to see {words} it needs about {more:,} more {plan.unit}"
