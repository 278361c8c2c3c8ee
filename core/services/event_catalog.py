"""The catalog of events: what each type says, which WebSocket topics hear it as what, and whether webhooks do."""

from dataclasses import dataclass

from core.vocabulary import EventTopic, EventType

_ITEM = ((EventTopic.ITEMS, "item_updated"),)
_CALENDAR = ((EventTopic.SCHEDULE, "schedule_updated"),)
_JOB = EventTopic.JOB_PROGRESS


@dataclass(frozen=True)
class EventKind:
    """One type of event: `messages` are the topics of a WebSocket that hear of it and the type they hear."""

    says: str
    messages: tuple[tuple[EventTopic, str], ...] = ()
    for_webhooks: bool = True


EVENTS: dict[EventType, EventKind] = {
    EventType.ITEM_SCHEDULED: EventKind("An item was scheduled, or is to be tried again by a person", _ITEM),
    EventType.ITEM_PUBLISHED: EventKind("An item is out", _ITEM),
    EventType.ITEM_FAILED: EventKind("An item did not go out and needs a person", _ITEM),
    EventType.ITEM_UNCONFIRMED: EventKind("Nobody knows whether an item is out; a person has to look", _ITEM),
    EventType.ITEM_SKIPPED: EventKind("An item's time passed without it", _ITEM),
    EventType.ITEM_CANCELED: EventKind("An item was taken out of the plan", _ITEM),
    EventType.ITEM_REJECTED: EventKind("An item was not approved", _ITEM),
    EventType.ITEM_REMOVED: EventKind("An open slot was removed", _ITEM),
    EventType.ITEM_UPDATED: EventKind("Anything else about an item changed: its time, text, channel, …", _ITEM),
    EventType.CALENDAR_COMPLETED: EventKind("Every item of a calendar has come to its end", _CALENDAR),
    EventType.CALENDAR_CANCELED: EventKind("A calendar is canceled", _CALENDAR),
    EventType.SCHEDULE_UPDATED: EventKind("Anything else about a calendar changed", _CALENDAR),
    EventType.JOB_PROGRESS: EventKind("A job was queued, begun or came further", ((_JOB, "job_progress"),), False),
    EventType.JOB_COMPLETED: EventKind("A job came to its end", ((_JOB, "job_completed"),)),
    EventType.JOB_FAILED: EventKind("A job failed or was canceled", ((_JOB, "job_failed"),)),
    EventType.OPTIMIZATION_COMPLETED: EventKind(
        "A calendar's plan is worked out",
        ((_JOB, "job_completed"), (EventTopic.SCHEDULE, "optimization_completed")),
    ),
}
"""Every event but `ping`, which an endpoint is sent when somebody tests it."""

FOR_WEBHOOKS = tuple(kind for kind, described in EVENTS.items() if described.for_webhooks)
