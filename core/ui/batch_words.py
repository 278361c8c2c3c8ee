"""What the batch scheduler calls its steps, choices and columns, and what each choice brings; pure."""

from collections.abc import Mapping
from enum import StrEnum

from core.bulk.sentences import without_ids
from core.bulk.words import Mode, Operation, RowOrder
from core.services.bulk_dry_run import RowFault
from core.services.plan_views import SECONDS
from core.ui.wording import shortened
from core.vocabulary import OptimizationLevel, Priority, RuleAction, RuleType


class Step(StrEnum):
    """The five steps, in their order."""

    CONNECT = "Connect"
    OUTPUT = "Output"
    DETAILS = "Details"
    SCHEDULING = "Scheduling"
    REVIEW = "Review"


class Start(StrEnum):
    """When a job begins."""

    NOW = "now"
    LATER = "later"
    BY_HAND = "by_hand"


SHOWN = 48
"""Letters of a cell that a sentence about it repeats."""

STEPS = tuple(Step)
FIELDS: Mapping[str, str] = {
    "title": "Title",
    "text": "Text",
    "platforms": "Platform",
    "scheduled_time": "Scheduled time",
    "content_format": "Format",
    "tags": "Tags",
    "priority": "Priority",
    "audience": "Audience",
    "tone": "Tone",
}
"""The columns of the grid, by field of a row."""

OPERATIONS: Mapping[Operation, str] = {
    Operation.SCHEDULE_CONTENT: "Schedule posts",
    Operation.GENERATE_CONTENT: "Write texts",
}
OPERATION_MEANS: Mapping[Operation, str] = {
    Operation.SCHEDULE_CONTENT: "Each row becomes a post on each of its platforms, in a calendar named after the job.",
    Operation.GENERATE_CONTENT: "Each row's title, audience and tone become a text that is kept as content; "
    "nothing is scheduled or posted.",
}
MODES: Mapping[Mode, str] = {
    Mode.SMART: "Smart",
    Mode.TIME_BASED: "Time-based",
    Mode.CONTENT_BASED: "Content-based",
    Mode.MANUAL: "Manual",
}
MODE_MEANS: Mapping[Mode, str] = {
    Mode.SMART: "Rows without a time get one from the planner, around what is scheduled already; "
    "the job does fewer rows at once when rows fail or become slow.",
    Mode.TIME_BASED: "Rows are worked on between the start and the end you set; every row brings its own posting time.",
    Mode.CONTENT_BASED: "Rows go in the order of their priority and complexity; every row brings its own posting time.",
    Mode.MANUAL: "Nothing is adapted: as many rows at once as you say, each with its own posting time.",
}
ORDERS: Mapping[RowOrder, str] = {
    RowOrder.AS_LISTED: "As listed",
    RowOrder.SIMPLE_FIRST: "Simple first",
    RowOrder.COMPLEX_FIRST: "Complex first",
}
ORDER_MEANS: Mapping[RowOrder, str] = {
    RowOrder.AS_LISTED: "Rows go as they stand in the sheet.",
    RowOrder.SIMPLE_FIRST: "Short rows for one platform go first, so that most of the job is done early.",
    RowOrder.COMPLEX_FIRST: "Long rows for several platforms go first, so that trouble shows early.",
}
STARTS: Mapping[Start, str] = {Start.NOW: "Now", Start.LATER: "At a time", Start.BY_HAND: "When I say so"}
START_MEANS: Mapping[Start, str] = {
    Start.NOW: "The engine begins as soon as the job is created.",
    Start.LATER: "The job waits in the queue until then.",
    Start.BY_HAND: "The job is created and waits until somebody starts it.",
}
PRIORITY_MEANS: Mapping[Priority, str] = {
    Priority.LOW: "Other jobs go first; after about two minutes of waiting it gets a row in between.",
    Priority.NORMAL: "It takes turns with other normal jobs.",
    Priority.HIGH: "Its rows go before those of normal and low jobs.",
    Priority.URGENT: "Its rows go before those of all other jobs, from the next row on.",
}
RULE_TYPES: Mapping[RuleType, str] = {
    RuleType.TIME_BASED: "By time",
    RuleType.CONTENT_BASED: "By content",
    RuleType.PRIORITY_BASED: "By priority",
}
RULE_ACTIONS: Mapping[RuleAction, str] = {
    RuleAction.DELAY: "Delay",
    RuleAction.SKIP: "Skip",
    RuleAction.BOOST: "Put first",
}
PLACES: Mapping[str, Step] = {
    "name": Step.DETAILS,
    "deadline_ms": Step.DETAILS,
    "callbacks": Step.DETAILS,
    "rows": Step.CONNECT,
    "operation_type": Step.OUTPUT,
    "schedule": Step.SCHEDULING,
    "timezone": Step.SCHEDULING,
}
"""In which step a setting is mended, by the first part of its place."""


def level_means(level: OptimizationLevel, mode: Mode) -> str:
    """Say what a level changes."""
    if mode is not Mode.SMART:
        return "It only changes how long the planner searches in the mode smart; here it changes nothing."
    return f"The planner searches for up to {SECONDS[level]:g} seconds for the times of rows that have none."


def concurrency_means(most: int, mode: Mode, highest: int) -> str:
    """Say what a number of rows at once means."""
    if most < 1:
        return f"Nothing would ever be done: use 1 to {highest}."
    if most == 1:
        return "One row after another."
    if mode is Mode.SMART:
        return f"It begins with one row at a time and goes up to {most} while rows succeed and stay fast."
    return f"Up to {most} rows are done at the same time."


def field_of(column: str) -> str:
    """Return the field that a place within a row is about (`scheduled_times.youtube` → `scheduled_time`)."""
    first = column.partition(".")[0].partition("[")[0]
    return {"scheduled_times": "scheduled_time", "placed": "scheduled_time", "channel_ids": "platforms"}.get(
        first, first
    )


def column_name(column: str) -> str:
    """Return what the grid calls the column of a fault."""
    field = field_of(column)
    return FIELDS.get(field, field.replace("_", " ").capitalize())


def fault_words(fault: RowFault) -> str:
    """Say where a fault is, what stands there and what to do."""
    there = f" “{shortened(fault.value, SHOWN)}”" if fault.value else ""
    return f"{column_name(fault.column)}{there}: {remedy(fault)}"


def remedy(fault: RowFault) -> str:
    """Say what is wrong, and where else than in the cell it can be mended."""
    message = without_ids(fault.message)
    is_long = "; this text has " in message
    return f"{message}. Write it shorter, or let the step Output shorten texts." if is_long else message


def mended_in(place: str) -> Step:
    """Return the step in which a problem of the job is mended."""
    return PLACES.get(place.partition(".")[0].partition("[")[0], Step.DETAILS)


def setting_name(place: str) -> str:
    """Return what the steps call a setting of the job."""
    return _SETTING_NAMES.get(place) or place.rpartition(".")[2].replace("_", " ").capitalize()


_SETTING_NAMES: Mapping[str, str] = {
    "name": "Name of the job",
    "deadline_ms": "Deadline",
    "schedule.max_concurrent": "Rows at once",
    "schedule.ends_at": "End",
    "schedule.starts_at": "Start",
    "schedule.rules": "Rules",
    "callbacks.on_completed": "Address told when it is done",
    "callbacks.on_failed": "Address told when it fails",
}
