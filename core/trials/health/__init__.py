"""What may be wrong with a trial; a new check is a function in a file, entered here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.trials.health import (
    carry_over,
    censoring,
    contamination,
    imbalance,
    little_data,
    peeking,
    registration,
    sample_ratio,
    weights,
)
from core.trials.health.facts import Finding, TrialFacts

HEALTH_CHECKS: Mapping[str, Callable[[TrialFacts], Finding | None]] = MappingProxyType(
    {
        "registration": registration.check,
        "sample_ratio": sample_ratio.check,
        "weights": weights.check,
        "imbalance": imbalance.check,
        "contamination": contamination.check,
        "peeking": peeking.check,
        "little_data": little_data.check,
        "carry_over": carry_over.check,
        "censoring": censoring.check,
    }
)


def examine(facts: TrialFacts) -> dict[str, Finding]:
    """Run every check and return what was found, by the name of the check."""
    results = {name: check(facts) for name, check in HEALTH_CHECKS.items()}
    return {name: finding for name, finding in results.items() if finding}
