"""A/B trials of timing: the trial, its arms as they are drafted, and the ledger of its draw."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.trials.words import DrawUnit, Measure, StoppingRule, Strategy, TrialState
from core.vocabulary import ContentFormat


class Trial(WorkspaceRow, table=True):
    """A trial: what is drafted, and from its start on what was registered, with its fingerprint.

    `looks` counts the days on which somebody saw its results while it ran; `decision` is what was decided, on which
    figures.
    """

    __tablename__ = "trials"
    __table_args__ = (own("trials"), Index("ix_trials_created", "workspace_id", "created_at", "id"))

    id: str = Field(primary_key=True)
    name: str
    hypothesis: str = ""
    state: TrialState = word(TrialState, default=TrialState.DRAFT)
    measure: Measure = word(Measure, default=Measure.OUTCOME)
    stopping: StoppingRule = word(StoppingRule, default=StoppingRule.SEQUENTIAL)
    unit: DrawUnit = word(DrawUnit, default=DrawUnit.POSTS)
    channel_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    calendar_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    control: str
    seed: str
    alpha: float
    detect: float
    weeks: int
    planned_posts: int | None = None
    takes_new: bool = False
    registration: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    fingerprint: str | None = None
    looks: int = 0
    looked_at: datetime | None = Field(default=None, sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    stopped_at: datetime | None = Field(default=None, sa_type=Moment)
    stop_reason: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    decision: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class TrialArm(WorkspaceRow, table=True):
    """An arm of a trial as it is drafted; `number` is its place, from 0."""

    __tablename__ = "trial_arms"
    __table_args__ = (
        *same_workspace("trial_arms", [("trial_id", "trials")]),
        UniqueConstraint("trial_id", "name", name="uq_trial_arms_name"),
    )

    pk: int | None = serial_key()
    trial_id: str
    number: int
    name: str
    weight: int = 1
    strategy: Strategy = word(Strategy)
    windows: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class TrialAssignment(WorkspaceRow, table=True):
    """One line of the ledger of the draw: which item got which arm; lines are added, never edited.

    An item is drawn once, and a place of a block is given once: two engines cannot split either. The item may be gone
    since; its line stays. `planned_at` is the time it came with, which told its block, `slot_at` the one its arm gave.
    """

    __tablename__ = "trial_assignments"
    __table_args__ = (
        *same_workspace("trial_assignments", [("trial_id", "trials")]),
        UniqueConstraint("item_id", name="uq_trial_assignments_item"),
        UniqueConstraint("trial_id", "block", "number", name="uq_trial_assignments_place"),
        Index("ix_trial_assignments_trial", "trial_id", "pk"),
    )

    pk: int | None = serial_key()
    trial_id: str
    item_id: str
    channel_id: str
    content_format: ContentFormat = word(ContentFormat)
    block: str
    number: int
    arm: str
    planned_at: datetime = Field(sa_type=Moment)
    slot_at: datetime = Field(sa_type=Moment)
    assigned_at: datetime = Field(sa_type=Moment)
    assigned_by: str
