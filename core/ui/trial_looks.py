"""How states, verdicts and findings of trials are shown: word, colour, icon."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.services.trial_words import STATE_WORDS, VERDICT_WORDS
from core.trials.health.facts import Finding, Severity
from core.trials.verdict import Verdict
from core.trials.words import TrialState
from core.ui.palette import Look
from core.ui.wording import plain

STATE_LOOKS: Mapping[TrialState, Look] = {
    TrialState.DRAFT: Look(STATE_WORDS[TrialState.DRAFT], "gray", ":material/edit_note:"),
    TrialState.RUNNING: Look(STATE_WORDS[TrialState.RUNNING], "blue", ":material/play_circle:"),
    TrialState.STOPPED: Look(STATE_WORDS[TrialState.STOPPED], "orange", ":material/stop_circle:"),
    TrialState.DECIDED: Look(STATE_WORDS[TrialState.DECIDED], "green", ":material/gavel:"),
}
VERDICT_LOOKS: Mapping[Verdict, Look] = {
    Verdict.WON: Look(VERDICT_WORDS[Verdict.WON], "green", ":material/trending_up:"),
    Verdict.LOST: Look(VERDICT_WORDS[Verdict.LOST], "red", ":material/trending_down:"),
    Verdict.EQUIVALENT: Look(VERDICT_WORDS[Verdict.EQUIVALENT], "blue", ":material/balance:"),
    Verdict.TOO_LITTLE_DATA: Look(VERDICT_WORDS[Verdict.TOO_LITTLE_DATA], "gray", ":material/hourglass_empty:"),
    Verdict.INVALID: Look(VERDICT_WORDS[Verdict.INVALID], "orange", ":material/report:"),
}


def badge(look: Look) -> None:
    """Draw a state or a verdict."""
    st.badge(look.word, icon=look.icon, color=look.colour)


def show_findings(findings: Sequence[Finding]) -> None:
    """Draw what the health checks found, the gravest first, or that they found nothing."""
    if not findings:
        st.markdown(":green[:material/check_circle:] No health check found anything.")
    for each in sorted(findings, key=lambda finding: finding.severity is not Severity.INVALID):
        box = st.error if each.severity is Severity.INVALID else st.warning
        box(f"{plain(each.sentence)} {plain(each.fix)}", icon=":material/monitor_heart:")
