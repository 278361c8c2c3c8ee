"""Trials of timing from draft to decision: registered, drawn, published, ripened, judged, on both databases."""

from dataclasses import replace
from datetime import time

import pytest
from planned_posts import StandingClock
from trial_stage import DAY, ENGAGED, assign_all, draft_of, habits, planned, publish_all, running

from core.calendar.zones import to_wall
from core.errors import Invalid, StaleEdit, StateConflict
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.moves import move_item
from core.services.preferences import list_preferences
from core.services.trial_assigning import audit_assignments, list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_drafts import create_trial, delete_trial, edit_trial, find_trial, page_trials
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_results import trial_results
from core.services.trial_views import ArmDraft, DecisionRequest, LiftView
from core.trials.registration import Window
from core.trials.verdict import Verdict
from core.trials.words import Measure, Strategy, TrialState
from core.undefined import Undefined


def test_a_trial_goes_from_draft_to_decision(ctx: Context, linkedin: ChannelView, clock: StandingClock) -> None:
    arms = (
        ArmDraft("early", Strategy.WINDOWS, windows=(Window((0, 1, 2, 3, 4), time(7), time(11)),)),
        ArmDraft("late", Strategy.WINDOWS, windows=(Window((0, 1, 2, 3, 4), time(16), time(22)),)),
    )
    trial = running(ctx, linkedin, arms=arms, planned_posts=70, **ENGAGED)
    items = planned(ctx, linkedin, weeks=7, per_week=10)
    drawn = assign_all(ctx, trial, items)
    assert sorted(drawn.values()).count("late") == 35
    publish_all(ctx, clock, trial, {"early": 5.0, "late": 5.5})
    found = trial_results(ctx, trial.id)
    late = found.effects[0]
    assert isinstance(late.by_draw, LiftView)
    assert late.by_draw.interval.low < 0.6487 < late.by_draw.interval.high  # e^0.5 - 1
    assert (found.verdict, late.verdict) == (Verdict.WON, Verdict.WON)
    assert found.sentence.startswith("late beats early by about ")
    stop_trial(ctx, trial.id, "Clear enough.")
    decided = decide_trial(ctx, trial.id, DecisionRequest("late", "Later it is.", applies=True))
    assert decided.state is TrialState.DECIDED
    assert decided.decision is not None
    assert (decided.decision.winner, decided.decision.verdict) == ("late", Verdict.WON)
    (preference,) = list_preferences(ctx)
    assert (preference.quiet_from, preference.quiet_to, preference.working_days_only) == (time(22), time(16), True)
    assert preference.timezone == "Europe/Berlin"
