"""The drawn posts of a trial: what became of each, what it earned, and whether it is time to count it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from sqlmodel import col, select

from core.services.trial_slots import week_of
from core.services.trial_views import AssignmentView, UnitState
from core.storage.tables import ContentScheduleItem, PostOutcome, TrialAssignment
from core.storage.tenancy import ScopedSession
from core.timing.outcomes import FINAL_AGE, OUTCOME_UNITS
from core.trials.registration import Registration
from core.trials.words import Measure
from core.vocabulary import ItemState

EARLY_AGE = timedelta(days=2)
MEASURING = timedelta(days=1)
"""How long after its age a measurement may take to come in."""
RIPE_AGES = {
    Measure.OUTCOME: FINAL_AGE + MEASURING,
    Measure.ENGAGEMENT: FINAL_AGE + MEASURING,
    Measure.EARLY_ENGAGEMENT: EARLY_AGE + MEASURING,
}
"""How long after the end of the week it was planned for a post is ripe: the same for every arm."""
NEAR = timedelta(minutes=60)
"""A post that goes out within an hour of its slot went out in it."""
BEFORE = timedelta(days=180)
"""Posts of so long before the start tell what a channel's format earned before."""

_PostKey = tuple[str, str]


@dataclass(frozen=True)
class _Outcomes:
    """What posts earned, by the item they were, or by channel and the platform's id."""

    of_items: Mapping[str, PostOutcome]
    of_posts: Mapping[_PostKey, PostOutcome]

    def find(self, item: ContentScheduleItem | None, item_id: str) -> PostOutcome | None:
        """Return the outcome of an item."""
        remote = (item.channel_id, item.remote_id) if item is not None and item.remote_id else ("", "")
        return self.of_items.get(item_id) or self.of_posts.get(remote)


def units_of(
    session: ScopedSession, registration: Registration, now: datetime, only: Sequence[str] | None = None
) -> tuple[AssignmentView, ...]:
    """Return the drawn posts of a trial in the order of the draw, or those `only` in the order given."""
    trial = TrialAssignment.trial_id == registration.trial_id
    lines = select(TrialAssignment).where(trial).order_by(col(TrialAssignment.pk))
    if only is not None:
        lines = lines.where(col(TrialAssignment.item_id).in_(only))
    mine = select(TrialAssignment.item_id).where(trial)
    items = {
        row.id: row for row in session.scalars(select(ContentScheduleItem).where(col(ContentScheduleItem.id).in_(mine)))
    }
    outcomes, before = _outcomes(session, registration.trial_id), _before(session, registration)
    found = {
        line.item_id: _unit(line, items.get(line.item_id), outcomes, registration, now, before)
        for line in session.scalars(lines)
    }
    return tuple(found.values()) if only is None else tuple(found[key] for key in only)


def _outcomes(session: ScopedSession, trial_id: str) -> _Outcomes:
    mine = select(TrialAssignment.item_id).where(TrialAssignment.trial_id == trial_id)
    remote = select(ContentScheduleItem.remote_id).where(
        col(ContentScheduleItem.id).in_(mine), col(ContentScheduleItem.remote_id).is_not(None)
    )
    told = session.scalars(select(PostOutcome).where(col(PostOutcome.item_id).in_(mine)))
    imported = session.scalars(select(PostOutcome).where(col(PostOutcome.post_id).in_(remote)))
    return _Outcomes({str(row.item_id): row for row in told}, {(row.channel_id, row.post_id): row for row in imported})


def _before(session: ScopedSession, registration: Registration) -> Mapping[tuple[str, str], float]:
    """Return what posts of each channel and format earned on average before the start, as measured."""
    since = registration.started_at - BEFORE
    rows = select(PostOutcome).where(
        col(PostOutcome.channel_id).in_(registration.zones),
        col(PostOutcome.published_at) >= since,
        col(PostOutcome.published_at) < registration.started_at,
    )
    found: dict[tuple[str, str], list[float]] = {}
    for row in session.scalars(rows):
        value = value_of(row, registration.measure)
        if value is not None and row.content_format is not None:
            found.setdefault((row.channel_id, row.content_format), []).append(value)
    return {key: fmean(values) for key, values in found.items()}


def value_of(outcome: PostOutcome, measure: Measure) -> float | None:
    """Return what a post counts as; None where it is not known, above all while it is too young."""
    if measure is Measure.OUTCOME:
        return None if outcome.outcome is None else outcome.outcome / OUTCOME_UNITS
    if measure is Measure.EARLY_ENGAGEMENT:
        return outcome.early_engagement
    is_final = outcome.published_at is not None and outcome.measured_at - outcome.published_at >= FINAL_AGE
    return outcome.engagement if is_final else None


def _unit(
    line: TrialAssignment,
    item: ContentScheduleItem | None,
    outcomes: _Outcomes,
    registration: Registration,
    now: datetime,
    before: Mapping[tuple[str, str], float],
) -> AssignmentView:
    earned = outcomes.find(item, line.item_id)
    value = None if earned is None else value_of(earned, registration.measure)
    ripe_at = week_of(line.planned_at, registration.zones[line.channel_id])[1] + RIPE_AGES[registration.measure]
    state = UnitState.WAITING
    if ripe_at <= now:
        state = UnitState.MISSING if value is None else UnitState.COUNTED
    return AssignmentView(
        item_id=line.item_id,
        arm=line.arm,
        block=line.block,
        number=line.number,
        cycle=registration.line(line.item_id, line.block, line.number).cycle,
        channel_id=line.channel_id,
        content_format=line.content_format,
        planned_at=line.planned_at,
        slot_at=line.slot_at,
        assigned_at=line.assigned_at,
        assigned_by=line.assigned_by,
        item_state=None if item is None else item.state,
        scheduled_at=None if item is None else item.scheduled_at,
        published_at=None if item is None else item.published_at,
        is_moved=item is not None and _is_moved(line, item),
        state=state,
        ripe_at=ripe_at,
        value=value,
        before=before.get((line.channel_id, line.content_format)),
    )


def _is_moved(line: TrialAssignment, item: ContentScheduleItem) -> bool:
    """Say whether an item stands, or went out, outside its arm's slot; one that never went out did not go elsewhere."""
    if item.published_at is not None:
        return abs(item.published_at - line.slot_at) > NEAR
    return item.state is not ItemState.CANCELED and item.scheduled_at != line.slot_at
