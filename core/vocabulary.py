"""The product's words as enums: every state, kind and code that is stored, sent or shown."""

from enum import StrEnum


class ContentFormat(StrEnum):
    """What a piece of content is; which platform accepts which is data in data/reference."""

    VIDEO_LONG = "video_long"
    VIDEO_SHORT = "video_short"
    IMAGE = "image"
    CAROUSEL = "carousel"
    STORY = "story"
    TEXT = "text"
    ARTICLE = "article"
    THREAD = "thread"


class Metric(StrEnum):
    """What a KPI event measures, counted since the post went out."""

    VIEWS = "views"
    IMPRESSIONS = "impressions"
    REACH = "reach"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"
    SAVES = "saves"
    CLICKS = "clicks"
    INTERACTIONS = "interactions"


INTERACTIONS = (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES)
"""What a person did to a post; their sum is its engagement, unless the platform gives its own total."""

EXPOSURES = (Metric.VIEWS, Metric.REACH, Metric.IMPRESSIONS)
"""What stands in for engagement, first known first, where a file has no interactions."""


class CalendarState(StrEnum):
    """Where a calendar stands."""

    PENDING = "pending"
    RUNNING = "running"
    OPTIMIZING = "optimizing"
    COMPLETING = "completing"
    COMPLETED = "completed"
    CANCELING = "canceling"
    CANCELED = "canceled"
    FAILED = "failed"


class ItemState(StrEnum):
    """Where an item stands on its way out."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELED = "canceled"
    REJECTED = "rejected"


class ChannelKind(StrEnum):
    """How a channel's items leave: the registry of publishers has one entry for each."""

    OUTBOX = "outbox"
    WEBHOOK = "webhook"


class LedgerStep(StrEnum):
    """One line of an item's ledger of attempts; lines are added, never edited."""

    CLAIMED = "claimed"
    PREPARED = "prepared"
    ARMED = "armed"
    PUBLISHED = "published"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    ABANDONED = "abandoned"
    RECONCILED = "reconciled"
    RESOLVED = "resolved"


class Refusal(StrEnum):
    """Why a platform did not take a post, the same for every adapter."""

    AUTH_EXPIRED = "auth_expired"
    AUTH_REVOKED = "auth_revoked"
    PERMISSION = "permission"
    INVALID = "invalid"
    POLICY = "policy"
    DUPLICATE = "duplicate"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    MEDIA_FAILED = "media_failed"
    TRANSIENT = "transient"
    UNKNOWN_OUTCOME = "unknown_outcome"


class LatenessPolicy(StrEnum):
    """What happens to an item that could not go out on time."""

    PUBLISH_LATE = "publish_late"
    SKIP = "skip"
    ASK = "ask"


class ExceptionKind(StrEnum):
    """What a schedule exception does to its window."""

    BLACKOUT = "blackout"
    MANUAL_OVERRIDE = "manual_override"


class Basis(StrEnum):
    """What a recommendation rests on."""

    HISTORY = "history"
    BLEND = "blend"
    BASELINE = "baseline"


class JobState(StrEnum):
    """Where one run of a background job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class OptimizationLevel(StrEnum):
    """How long the planner may search."""

    SPEED = "speed"
    BALANCED = "balanced"
    QUALITY = "quality"


class Reach(StrEnum):
    """How far from its day the planner may take an item, within its own window."""

    DAY = "day"
    WEEK = "week"
    RANGE = "range"


class LongJob(StrEnum):
    """A job that runs for longer than a request: each run of it is a row."""

    IMPORT_HISTORY = "import_history"
    OPTIMIZE = "optimize"


class Priority(StrEnum):
    """How much a row of a bulk job matters, the least first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class RuleType(StrEnum):
    """What a rule of a batch goes by; the registry of rules has one entry for each."""

    TIME_BASED = "time_based"
    CONTENT_BASED = "content_based"
    PRIORITY_BASED = "priority_based"


class RuleAction(StrEnum):
    """What a rule does with the rows it catches, as it is set."""

    DELAY = "delay"
    SKIP = "skip"
    BOOST = "boost"


class Severity(StrEnum):
    """How bad a finding is: an error has to be mended first, a warning may stand."""

    ERROR = "error"
    WARNING = "warning"


class EventType(StrEnum):
    """What happened; the catalog of events says who is told of which."""

    ITEM_UPDATED = "item_updated"
    ITEM_SCHEDULED = "item.scheduled"
    ITEM_PUBLISHED = "item.published"
    ITEM_FAILED = "item.failed"
    ITEM_UNCONFIRMED = "item.unconfirmed"
    ITEM_SKIPPED = "item.skipped"
    ITEM_CANCELED = "item.canceled"
    ITEM_REJECTED = "item.rejected"
    ITEM_REMOVED = "item.removed"
    SCHEDULE_UPDATED = "schedule_updated"
    CALENDAR_COMPLETED = "calendar.completed"
    CALENDAR_CANCELED = "calendar.canceled"
    JOB_PROGRESS = "job_progress"
    JOB_COMPLETED = "job_completed"
    JOB_FAILED = "job_failed"
    OPTIMIZATION_COMPLETED = "optimization_completed"
    PING = "ping"


class DeliveryState(StrEnum):
    """Where one delivery of an event to one receiver stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class EventTopic(StrEnum):
    """What a WebSocket can subscribe to (API contract: `channels`)."""

    JOB_PROGRESS = "job_progress"
    SCHEDULE = "schedule"
    ITEMS = "items"


class Scope(StrEnum):
    """What a key or token may do; to write is to read as well."""

    SCHEDULING_READ = "scheduling:read"
    SCHEDULING_WRITE = "scheduling:write"
    ANALYTICS_READ = "analytics:read"
    ANALYTICS_WRITE = "analytics:write"
    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    BULK_READ = "bulk:read"
    BULK_WRITE = "bulk:write"
    SHEETS_READ = "sheets:read"
    SHEETS_WRITE = "sheets:write"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


class Signing(StrEnum):
    """Whether calls with an API key are signed."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class KeyState(StrEnum):
    """Whether an API key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ErrorCode(StrEnum):
    """The machine-readable kinds of error, as written in the API contract."""

    INVALID_JSON = "invalid_json"
    INVALID_PARAMETER = "invalid_parameter"
    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, no secret
    INVALID_SIGNATURE = "invalid_signature"
    FORBIDDEN = "forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TIMEOUT = "request_timeout"
    STATE_CONFLICT = "state_conflict"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    DUPLICATE = "duplicate"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    VALIDATION_ERROR = "validation_error"
    TIME_IN_PAST = "time_in_past"
    DST_GAP = "dst_gap"
    DST_AMBIGUOUS = "dst_ambiguous"
    CONSTRAINT_INFEASIBLE = "constraint_infeasible"
    RATE_LIMITED = "rate_limited"
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"
