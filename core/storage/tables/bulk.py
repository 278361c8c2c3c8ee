"""Bulk jobs: the job, its rows, and the templates and drafts they are made from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from core.bulk.words import BulkState, Mode, Operation, RowOrder, RowState, TemplateKind
from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import OptimizationLevel, Priority


class BulkJob(WorkspaceRow, table=True):
    """A batch of rows that are done one by one; `done`, `failed` and `skipped` change with the rows they count.

    `served_at` is when its newest row was begun, `rest_until` the time before which there is none to begin, `told_at`
    when its progress was told last. `pace` and `throttle` are what was measured of its rows.
    """

    __tablename__ = "bulk_jobs"
    __table_args__ = (
        own("bulk_jobs"),
        Index("ix_bulk_jobs_state", "state"),
        Index("ix_bulk_jobs_created", "workspace_id", "created_at", "id"),
        Index("ix_bulk_jobs_counts", "workspace_id", "state", "done", "failed", "version"),
    )

    id: str = Field(primary_key=True)
    name: str
    operation: Operation = word(Operation)
    priority: Priority = word(Priority, default=Priority.NORMAL)
    state: BulkState = word(BulkState, default=BulkState.PENDING)
    mode: Mode = word(Mode, default=Mode.MANUAL)
    level: OptimizationLevel = word(OptimizationLevel, default=OptimizationLevel.BALANCED)
    row_order: RowOrder = word(RowOrder, default=RowOrder.AS_LISTED)
    max_concurrent: int = 1
    priority_queue: bool = True
    timezone: str
    starts_at: datetime | None = Field(default=None, sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    deadline_ms: int | None = Field(default=None, sa_type=BigInteger)
    deadline_at: datetime | None = Field(default=None, sa_type=Moment)
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    callbacks: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    source: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    calendar_id: str | None = None
    created_by: str = ""
    error: str | None = None
    step: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    pace: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    throttle: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    served_at: datetime | None = Field(default=None, sa_type=Moment)
    rest_until: datetime | None = Field(default=None, sa_type=Moment)
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    queued_at: datetime | None = Field(default=None, sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class BulkRow(WorkspaceRow, table=True):
    """One row of a bulk job: `number` as the user counts them, from 1, `turn` its place in the order of the work.

    While it is `running` it is in the hands of `worker` until `lease_until`. `reasons` say what rules did to it.
    """

    __tablename__ = "bulk_rows"
    __table_args__ = (
        *same_workspace("bulk_rows", [("job_id", "bulk_jobs")]),
        UniqueConstraint("job_id", "number", name="uq_bulk_rows_number"),
        Index("ix_bulk_rows_turn", "job_id", "state", "turn"),
        Index("ix_bulk_rows_state", "state", "lease_until"),
        Index("ix_bulk_rows_started", "job_id", "started_at"),
        Index("ix_bulk_rows_shown", "job_id", "state", "number"),
    )

    pk: int | None = serial_key()
    job_id: str
    number: int
    turn: int
    state: RowState = word(RowState, default=RowState.PENDING)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    platforms: list[str] = Field(default_factory=list, sa_type=JSON)
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str | None = None
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    priority: Priority = word(Priority, default=Priority.NORMAL)
    complexity: float = 0.0
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    tries: int = 0
    worker: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class BulkTemplate(WorkspaceRow, table=True):
    """A job's settings under a name, or one person's draft (its `name` is the person)."""

    __tablename__ = "bulk_templates"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "name", name="uq_bulk_templates_name"),)

    id: str = Field(primary_key=True)
    kind: TemplateKind = word(TemplateKind)
    name: str
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
