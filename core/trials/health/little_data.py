"""Too little data: arms so small that only effects nobody should expect could be seen."""

from core.trials.health.facts import Finding, Severity, TrialFacts, percent
from core.trials.promise import TOO_COARSE
from core.undefined import Undefined

FEWEST = 30
"""With fewer posts in an arm the normal law behind the intervals is a hope."""


def check(facts: TrialFacts) -> Finding | None:
    """Every arm has 30 posts with an outcome, and the trial sees effects of 30 %.

    What such a trial finds exaggerates: Gelman and Carlin (2014), Perspectives on Psychological Science 9, 641-651.
    """
    small = {arm: count for arm, count in facts.known.items() if count < FEWEST}
    fix = "More posts tell more: a longer trial, or one on a channel that posts more often."
    if small:
        shown = ", ".join(f"{arm} has {count:,}" for arm, count in small.items())
        return Finding(Severity.WARNING, f"Fewer than {FEWEST} {facts.unit} with an outcome: {shown}.", fix)
    if isinstance(facts.detectable, Undefined) or facts.detectable <= TOO_COARSE:
        return None
    least = percent(facts.detectable)
    sentence = (
        f"These {facts.unit} only show effects of about {least} or more; timing is seldom worth that, so an effect "
        "found now is likely to be smaller than it looks."
    )
    return Finding(Severity.WARNING, sentence, fix)
