"""The ledger of attempts in plain words."""

from collections.abc import Mapping
from typing import Any

from core.vocabulary import LedgerStep

WORDS = {
    LedgerStep.CLAIMED: "Picked up for publishing",
    LedgerStep.PREPARED: "Prepared; nothing is visible yet",
    LedgerStep.ARMED: "About to be sent",
    LedgerStep.PUBLISHED: "Published",
    LedgerStep.REFUSED: "Not accepted",
    LedgerStep.DEFERRED: "Put off",
    LedgerStep.UNKNOWN: "Sent, but nobody knows whether it arrived",
    LedgerStep.ABANDONED: "Broken off before it was sent",
    LedgerStep.RECONCILED: "Looked up at the platform",
    LedgerStep.RESOLVED: "Settled by a person",
}
"""What each step means to somebody who has never heard of a ledger."""

REASON = "reason"
"""The entry of a line's detail that says why, as a sentence for the user."""


def sentence(step: LedgerStep, detail: Mapping[str, Any]) -> str:
    """Say what happened, and why where the line knows."""
    reason = str(detail.get(REASON) or "").rstrip(".")
    return f"{WORDS[step]}: {reason}." if reason else f"{WORDS[step]}."
