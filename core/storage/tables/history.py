"""What posts earned: outcomes, the KPI events behind them, timing roll-ups, recommendations given."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.storage.tables.base import WorkspaceRow, own, same_workspace, serial_key, word
from core.storage.types import Moment
from core.vocabulary import Basis, ContentFormat, Metric


class PostOutcome(WorkspaceRow, table=True):
    """One post of a channel and what it earned so far.

    `published_at` is null for undated history, which teaches hours and weekdays only (`hour_of_week`, Monday 00 = 0).
    `early_engagement` is what it had at two days of age, where somebody looked then. `outcome` is what the tallies
    count it as, in ten-thousandths of a log unit; null while it does not count.
    """

    __tablename__ = "post_outcomes"
    __table_args__ = (
        own("post_outcomes", "pk"),
        *same_workspace("post_outcomes", [("channel_id", "channels")]),
        UniqueConstraint("channel_id", "post_id", name="uq_post_outcomes_post"),
        Index("ix_post_outcomes_time", "channel_id", "published_at"),
    )

    pk: int | None = serial_key()
    channel_id: str
    post_id: str
    item_id: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    hour_of_week: int | None = None
    content_format: ContentFormat | None = word(ContentFormat, default=None)
    title: str = ""
    url: str | None = None
    engagement: float | None = None
    early_engagement: float | None = None
    measured_at: datetime = Field(sa_type=Moment)
    outcome: int | None = None
    fingerprint: int = Field(sa_type=BigInteger, description="Hash of the imported row: equal means nothing new.")


class PerformanceKpiEvent(WorkspaceRow, table=True):
    """One measurement of one post at one moment."""

    __tablename__ = "performance_kpi_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "outcome_pk"],
            ["post_outcomes.workspace_id", "post_outcomes.pk"],
            name="fk_performance_kpi_events_outcome_pk",
        ),
        # The key is nearly the whole row: kept once, not once more in an index.
        {"sqlite_with_rowid": False},
    )

    outcome_pk: int = Field(primary_key=True, sa_type=BigInteger)
    metric: Metric = word(Metric, primary_key=True)
    measured_at: datetime = Field(primary_key=True, sa_type=Moment)
    value: float


class TimingTally(WorkspaceRow, table=True):
    """Outcomes of a channel's posts of one format, month and local hour of the week, counted in whole numbers.

    `month` is year x 12 + month - 1 of the UTC date, -1 for undated posts; `content_format` is empty where unknown;
    `total` and `squares` are sums of `PostOutcome.outcome` and of its square, so that adding and taking away is exact.
    """

    __tablename__ = "timing_tallies"
    __table_args__ = (
        *same_workspace("timing_tallies", [("channel_id", "channels")]),
        # The key is nearly the whole row: kept once, not once more in an index.
        {"sqlite_with_rowid": False},
    )

    channel_id: str = Field(primary_key=True)
    content_format: str = Field(primary_key=True)
    month: int = Field(primary_key=True)
    hour_of_week: int = Field(primary_key=True)
    posts: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    squares: int = Field(sa_type=BigInteger)


class PlatformTimingData(WorkspaceRow, table=True):
    """What a channel's posts of one hour of the week earned: count, weight, mean and squared deviations."""

    __tablename__ = "platform_timing_data"
    __table_args__ = (
        *same_workspace("platform_timing_data", [("channel_id", "channels")]),
        UniqueConstraint("channel_id", "content_format", "hour_of_week", name="uq_platform_timing_data_cell"),
    )

    pk: int | None = serial_key()
    channel_id: str
    content_format: str = Field(default="", description="Empty for all formats together.")
    hour_of_week: int
    posts: int
    weight: float
    mean: float
    m2: float


class RecommendedScheduleSlot(WorkspaceRow, table=True):
    """A recommendation as it was when somebody followed it."""

    __tablename__ = "recommended_schedule_slots"
    __table_args__ = same_workspace("recommended_schedule_slots", [("channel_id", "channels")])

    id: str = Field(primary_key=True)
    channel_id: str
    content_format: ContentFormat | None = word(ContentFormat, default=None)
    window_start: datetime = Field(sa_type=Moment)
    window_end: datetime = Field(sa_type=Moment)
    score: float
    expected_lift: float
    interval_low: float
    interval_high: float
    sample_size: int
    basis: Basis = word(Basis)
    reasons: list[Any] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=Moment)
