"""What screens, programs and reports see of what a trial has shown, and of what hours merely happened to earn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.services.trial_views import TrialView
from core.trials.analysis import Analysis
from core.trials.bayes import Posterior
from core.trials.health.facts import Finding
from core.trials.registration import Window
from core.trials.values import Interval, Known
from core.trials.verdict import Verdict
from core.trials.words import Strategy
from core.undefined import Undefined


@dataclass(frozen=True)
class LiftView:
    """An effect as a lift (0.1: 10 % more) with its interval; a bound is infinite where there is none."""

    lift: float
    interval: Interval


@dataclass(frozen=True)
class ArmView:
    """How an arm stands: posts drawn, those that count, wait and are missing, and those moved out of its slots.

    `average` is what its posts earn: over the channels' level for outcomes (0.1: 10 % more), else the geometric mean.
    """

    name: str
    strategy: Strategy
    is_control: bool
    assigned: int
    counted: int
    waiting: int
    missing: int
    moved: int
    average: Known
    interval: Interval | Undefined


@dataclass(frozen=True)
class EffectView:
    """An arm against the control: by the draw, without the posts that were moved, valid at any look, and by Bayes.

    `p` is that of the registered rule, `p_holm` allows for all arms, `p_discovery` is Benjamini & Hochberg's;
    `p_permuted` repeats the draw within its blocks, which assumes nothing else. Intervals are of this arm alone.
    `posterior` is about the log of the ratio.
    """

    arm: str
    against: str
    by_draw: LiftView | Undefined
    as_followed: LiftView | Undefined
    always_valid: LiftView | Undefined
    p: Known
    p_holm: Known
    p_discovery: Known
    p_permuted: Known
    posterior: Posterior | Undefined
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class LookView:
    """How an arm stood once all posts planned for weeks that ended by `week_ends` had ripened.

    `posts` counts what is drawn, of both arms: posts, or days.
    """

    week_ends: datetime
    arm: str
    posts: int
    effect: LiftView | Undefined


@dataclass(frozen=True)
class TrialResults:
    """All that a trial has shown so far.

    `analysis` has every number of `core.trials` on the posts that are ripe; `effects` the main ones as lifts. Posts are
    ripe, whatever their arm, a fixed time after the week they were planned for: so no arm is judged younger.
    `may_judge`: nothing more will ripen, or the rule allows to judge at any time.
    """

    trial: TrialView
    at: datetime
    arms: tuple[ArmView, ...]
    effects: tuple[EffectView, ...]
    over_time: tuple[LookView, ...]
    findings: Mapping[str, Finding]
    sample_ratio_p: Known
    verdict: Verdict
    sentence: str
    may_judge: bool
    analysis: Analysis


@dataclass(frozen=True)
class ObservedRequest:
    """Past posts of a channel in some hours against those in all others, in [starts, ends)."""

    channel_id: str
    windows: tuple[Window, ...]
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True)
class ObservedView:
    """What posts in some hours happened to earn over others, in [starts, ends): no trial, and no verdict."""

    inside: int
    outside: int
    difference: LiftView | Undefined
    sentence: str
    starts: datetime
    ends: datetime
    caution: str = field(
        default="This is an observation. Nobody drew these hours: what was posted then may differ in other ways, so "
        "this shows no cause and carries no verdict. A trial does."
    )
