"""What runs in the background: jobs with their progress, and which engines are alive."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from core.storage.tables.base import WorkspaceRow, word
from core.storage.types import Moment
from core.vocabulary import JobState


class JobRun(WorkspaceRow, table=True):
    """One run of a long job: what it does, how far it is, how it ended.

    `payload` is what was ordered, where an engine takes it up; `worker` is that engine, `tries` how often it was begun.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        Index("ix_job_runs_started", "workspace_id", "started_at"),
        Index("ix_job_runs_state", "state"),
    )

    id: str = Field(primary_key=True)
    job: str
    state: JobState = word(JobState, default=JobState.RUNNING)
    subject: str = ""
    done: int = 0
    total: int | None = None
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str | None = None
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    worker: str | None = None
    tries: int = 0
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class EngineHeartbeat(SQLModel, table=True):
    """One engine's sign of life; belongs to the installation, not to a workspace."""

    __tablename__ = "engine_heartbeats"

    worker: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Moment)
    last_tick: datetime = Field(sa_type=Moment)
    stopped_at: datetime | None = Field(default=None, sa_type=Moment)
    last_error: str | None = None
