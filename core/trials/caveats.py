"""What a verdict does not say by itself: where ways to judge disagree, and which of them decided."""

from collections.abc import Iterator

from core.trials.contrast import Contrast
from core.trials.permutation import Permuted
from core.trials.plan import TrialPlan
from core.trials.values import Known
from core.undefined import Undefined


def caveats(found: Contrast, own: Known, p_holm: Known, plan: TrialPlan) -> Iterator[str]:
    """Yield a sentence for each; `own` is the p-value of the rule for this arm alone, `p_holm` allows for all arms."""
    if isinstance(own, Undefined) or isinstance(p_holm, Undefined):
        return
    if plan.is_cut_after_look:
        yield (
            "It was looked at and then stopped before its planned end, so it is judged by the interval that holds at "
            "every look."
        )
    if own < plan.alpha <= p_holm:
        yield (
            f"Alone it would be called (p = {own:.2g}, and so its own interval leaves out no effect), but not among "
            f"all arms (p = {p_holm:.2g})."
        )
    yield from _arbiter(found, own, plan)


def _arbiter(found: Contrast, own: Known, plan: TrialPlan) -> Iterator[str]:
    """Yield that the draw repeated within its blocks, which assumes nothing more, says otherwise.

    At any look but one its p may be below alpha by chance: there only a call that it does not bear out is told.
    """
    permuted = found.posts.permuted
    if isinstance(own, Undefined) or not isinstance(permuted, Permuted):
        return
    if own < plan.alpha <= permuted.p:
        yield (
            f"The draw repeated within its blocks does not bear it out (p = {permuted.p:.2g}), and it assumes less: "
            "take it with care."
        )
    if permuted.p < plan.alpha <= own and not plan.is_by_looks:
        yield (
            f"The draw repeated within its blocks would call it (p = {permuted.p:.2g}); the rule that was registered "
            "decides."
        )
