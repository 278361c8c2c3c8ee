"""Results of trials on the wire: arms, effects, intervals over time, findings, the verdict."""

from typing import Any, Literal

from core.api.shapes.trial_answers import FigureShape, figure_shape, finite
from core.api.wire import Moment, Shape
from core.services.trial_hours import window_text
from core.services.trial_result_views import EffectView, LiftView, ObservedRequest, ObservedView, TrialResults
from core.trials.health.facts import Severity
from core.trials.plain import answer, plain
from core.trials.values import Interval, Known
from core.trials.verdict import Verdict
from core.trials.words import Strategy
from core.undefined import Undefined


class LiftShape(Shape):
    """A lift (0.1: 10 % more) with its interval, or why there is none; a bound that is null is infinite."""

    lift: float | None
    low: float | None
    high: float | None
    undefined: str | None


class ArmResultShape(Shape):
    """How an arm stands; `average` over the channels' level for outcomes, else the geometric mean."""

    name: str
    strategy: Strategy
    is_control: bool
    assigned: int
    counted: int
    waiting: int
    missing: int
    moved: int
    average: LiftShape


class ArmEffectShape(Shape):
    """An arm against the control: by the draw, as followed, valid at any look, corrected, and by Bayes.

    Intervals are of this arm alone; `p_holm` allows for all arms, `p_permuted` repeats the draw within its blocks.
    """

    arm: str
    against: str
    by_draw: LiftShape
    as_followed: LiftShape
    always_valid: LiftShape
    p: FigureShape
    p_holm: FigureShape
    p_discovery: FigureShape
    p_permuted: FigureShape
    posterior: dict[str, Any]
    verdict: Verdict
    message: str


class LookShape(Shape):
    """How an arm stood once the posts of weeks that ended by then had ripened."""

    week_ends: Moment
    arm: str
    posts: int
    effect: LiftShape


class TrialFindingShape(Shape):
    """Something that is not as it should be, and what to do about it."""

    check: str
    severity: Severity
    message: str
    fix: str


class ResultsShape(Shape):
    """All that a trial has shown so far; `statistics` has every number, or `{"undefined": reason}`."""

    trial_id: str
    at: Moment
    verdict: Verdict
    message: str
    may_judge: bool
    arms: list[ArmResultShape]
    effects: list[ArmEffectShape]
    over_time: list[LookShape]
    findings: list[TrialFindingShape]
    sample_ratio_p: FigureShape
    statistics: dict[str, Any]


class ObservedShape(Shape):
    """What posts in some hours happened to earn: an observation, which nobody drew; it shows no cause.

    `verdict` is always null, so that nobody takes `difference` for what a trial shows.
    """

    kind: Literal["observation"] = "observation"
    shows_cause: Literal[False] = False
    verdict: None = None
    caution: str
    channel_id: str
    timezone: str
    hours: list[str]
    starts: Moment
    ends: Moment
    inside: int
    outside: int
    difference: LiftShape
    message: str


def observed_shape(asked: ObservedRequest, zone: str, found: ObservedView) -> ObservedShape:
    """Return an observation as it is sent; `zone` is the channel's."""
    said = {name: getattr(found, name) for name in ("caution", "starts", "ends", "inside", "outside")}
    return ObservedShape(
        channel_id=asked.channel_id,
        timezone=zone,
        hours=[window_text(each) for each in asked.windows],
        difference=_lift(found.difference),
        message=found.sentence,
        **said,
    )


def results_shape(found: TrialResults) -> ResultsShape:
    """Return the results as they are sent."""
    return ResultsShape(
        trial_id=found.trial.id,
        at=found.at,
        verdict=found.verdict,
        message=found.sentence,
        may_judge=found.may_judge,
        arms=[ArmResultShape(**{**vars(arm), "average": _average(arm.average, arm.interval)}) for arm in found.arms],
        effects=[_effect(each) for each in found.effects],
        over_time=[
            LookShape(week_ends=each.week_ends, arm=each.arm, posts=each.posts, effect=_lift(each.effect))
            for each in found.over_time
        ],
        findings=[
            TrialFindingShape(check=name, severity=each.severity, message=each.sentence, fix=each.fix)
            for name, each in found.findings.items()
        ],
        sample_ratio_p=figure_shape(found.sample_ratio_p),
        statistics=answer(found.analysis),
    )


def _effect(each: EffectView) -> ArmEffectShape:
    lifts = {name: _lift(getattr(each, name)) for name in ("by_draw", "as_followed", "always_valid")}
    figures = {name: figure_shape(getattr(each, name)) for name in ("p", "p_holm", "p_discovery", "p_permuted")}
    said = {"arm": each.arm, "against": each.against, "verdict": each.verdict, "message": each.sentence}
    return ArmEffectShape(**said, **lifts, **figures, posterior=plain(each.posterior))


def _lift(effect: LiftView | Undefined) -> LiftShape:
    if isinstance(effect, Undefined):
        return LiftShape(lift=None, low=None, high=None, undefined=effect.reason)
    return LiftShape(lift=finite(effect.lift), **_bounds(effect.interval), undefined=None)


def _average(average: Known, interval: Interval | Undefined) -> LiftShape:
    if isinstance(average, Undefined) or isinstance(interval, Undefined):
        return _lift(Undefined(average.reason if isinstance(average, Undefined) else "It has no interval."))
    return _lift(LiftView(average, interval))


def _bounds(interval: Interval) -> dict[str, float | None]:
    return {"low": finite(interval.low), "high": finite(interval.high)}
