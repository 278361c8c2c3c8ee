"""Registration: what was laid down when the trial started was changed since."""

from core.trials.health.facts import Finding, Severity, TrialFacts


def check(facts: TrialFacts) -> Finding | None:
    """The plan that the trial is judged by is the one that was registered and hashed at its start."""
    if facts.registration_holds:
        return None
    return Finding(
        Severity.INVALID,
        "What is registered is not what was registered when the trial started: its fingerprint differs.",
        "Restore the record from a back-up of the time; whoever changed it also chose what it shows.",
    )
