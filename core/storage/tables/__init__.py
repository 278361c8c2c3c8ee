"""Every table of Slotwise, by the names of the brief."""

from core.storage.tables.access import ApiKey, RefreshToken, SeenSignature
from core.storage.tables.base import WorkspaceRow
from core.storage.tables.bulk import BulkJob, BulkRow, BulkTemplate
from core.storage.tables.events import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookOutlet
from core.storage.tables.history import (
    PerformanceKpiEvent,
    PlatformTimingData,
    PostOutcome,
    RecommendedScheduleSlot,
    TimingTally,
)
from core.storage.tables.running import EngineHeartbeat, JobRun
from core.storage.tables.schedule import (
    Content,
    ContentCalendar,
    ContentScheduleItem,
    PublishAttempt,
    ScheduleAssignment,
)
from core.storage.tables.sheets import GoogleAccount, SheetConflict, SheetConnection, SheetRow, SheetSync, SheetWrite
from core.storage.tables.trials import Trial, TrialArm, TrialAssignment
from core.storage.tables.workspaces import (
    AuditEntry,
    Channel,
    IdempotencyKey,
    Revision,
    ScheduleException,
    UserSchedulingPreference,
    Workspace,
)

__all__ = [
    "ApiKey",
    "AuditEntry",
    "BulkJob",
    "BulkRow",
    "BulkTemplate",
    "Channel",
    "Content",
    "ContentCalendar",
    "ContentScheduleItem",
    "EngineHeartbeat",
    "Event",
    "GoogleAccount",
    "IdempotencyKey",
    "JobRun",
    "PerformanceKpiEvent",
    "PlatformTimingData",
    "PostOutcome",
    "PublishAttempt",
    "RecommendedScheduleSlot",
    "RefreshToken",
    "Revision",
    "ScheduleAssignment",
    "ScheduleException",
    "SeenSignature",
    "SheetConflict",
    "SheetConnection",
    "SheetRow",
    "SheetSync",
    "SheetWrite",
    "TimingTally",
    "Trial",
    "TrialArm",
    "TrialAssignment",
    "UserSchedulingPreference",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookOutlet",
    "Workspace",
    "WorkspaceRow",
]
