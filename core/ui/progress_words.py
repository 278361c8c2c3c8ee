"""What the states, modes and figures of bulk jobs are called; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.bulk.pace import Eta
from core.bulk.states import ENDED
from core.bulk.words import BulkState, Operation, RowState
from core.services.bulk_board import BoardJob, JobSort, Remains
from core.services.bulk_views import JobRowView, JobView, Reason
from core.ui.batch_words import MODES
from core.ui.palette import Look
from core.ui.times import clock, day, duration
from core.ui.wording import counted, plain
from core.vocabulary import Priority

JOB_LOOKS: Mapping[BulkState, Look] = {
    BulkState.PENDING: Look("Not started", "gray", ":material/hourglass_empty:"),
    BulkState.QUEUED: Look("Queued", "blue", ":material/schedule:"),
    BulkState.RUNNING: Look("Running", "violet", ":material/play_circle:"),
    BulkState.PAUSED: Look("Paused", "yellow", ":material/pause_circle:"),
    BulkState.CANCELING: Look("Canceling", "orange", ":material/cancel:"),
    BulkState.CANCELED: Look("Canceled", "gray", ":material/cancel:"),
    BulkState.COMPLETED: Look("Completed", "green", ":material/check_circle:"),
    BulkState.FAILED: Look("Failed", "red", ":material/error:"),
}
ROW_LOOKS: Mapping[RowState, Look] = {
    RowState.PENDING: Look("Waiting", "gray", ":material/schedule:"),
    RowState.RUNNING: Look("Being done", "violet", ":material/play_circle:"),
    RowState.DONE: Look("Done", "green", ":material/check_circle:"),
    RowState.FAILED: Look("Failed", "red", ":material/error:"),
    RowState.SKIPPED: Look("Skipped", "orange", ":material/skip_next:"),
    RowState.CANCELED: Look("Canceled", "gray", ":material/cancel:"),
}
OPERATIONS: Mapping[Operation, str] = {
    Operation.SCHEDULE_CONTENT: "Schedule content",
    Operation.GENERATE_CONTENT: "Write texts",
    Operation.OPTIMIZE_SCHEDULE: "Optimize calendars",
    Operation.PUBLISH: "Publish",
    Operation.SYNC_SHEET: "Sync a sheet",
}
PRIORITIES: Mapping[Priority, str] = {priority: priority.value.capitalize() for priority in reversed(Priority)}
SORTS: Mapping[JobSort, str] = {
    JobSort.NEWEST: "Newest first",
    JobSort.OLDEST: "Oldest first",
    JobSort.PRIORITY: "Highest priority",
    JobSort.PROGRESS: "Furthest along",
    JobSort.FAILED: "Most failed rows",
    JobSort.NAME: "Name",
}
_RULED: Mapping[str, str] = {
    "delay": ":material/hourglass_empty:",
    "boost": ":material/keyboard_double_arrow_up:",
    "skip": ":material/skip_next:",
}

_LONG = timedelta(minutes=10)
_SLOW = 10.0
"""Rows per minute below which a tenth of a row matters."""


def kind_words(job: JobView) -> str:
    """Return what a job does, by which mode, and how urgent it is."""
    level = f"{MODES[job.mode]}, {job.level.value}"
    return f"{OPERATIONS[job.operation]} · {level} · {PRIORITIES[job.priority].lower()} priority"


def bar_words(job: JobView) -> str:
    """Return how far a job is; the step only while it says more than the state, the rows done once it has ended."""
    if job.state in ENDED:
        return f"{job.progress.done:,} of {counted(job.progress.total, 'row')} done"
    behind = job.progress.done + job.progress.failed + job.progress.skipped
    so_far = f"{behind:,} of {counted(job.progress.total, 'row')}"
    is_said = job.state not in {BulkState.RUNNING, BulkState.CANCELING}
    return so_far if is_said else f"{so_far} · {plain(job.progress.step)}"


def rate_words(rate: float) -> str:
    """Return a rate as people say it: `850` or `3.4`, rows per minute."""
    return f"{rate:.1f}" if rate < _SLOW else f"{rate:,.0f}"


def eta_words(end: Eta, now: datetime) -> tuple[str, str]:
    """Return in how long the work is done, and the 95 % interval of that."""
    is_long = end.latest - now >= _LONG
    expected, early, late = (_about(at - now, is_long=is_long) for at in (end.at, end.earliest, end.latest))
    if end.earliest <= now:
        return expected, f"at most {late}"
    return expected, early if early == late else f"{early} to {late}"


def lowered(sentence: str) -> str:
    """Return a sentence as it goes on behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def _about(span: timedelta, *, is_long: bool) -> str:
    """Return a span no finer than it can be known: without the seconds where it may last ten minutes."""
    minutes = round(span / timedelta(minutes=1))
    return duration(timedelta(minutes=minutes) if is_long and minutes else max(span, timedelta()))


def waiting_words(entry: BoardJob, now: datetime) -> str:
    """Return what a job that is not being done waits for; nothing for any other."""
    job, zone = entry.job, entry.job.timezone
    if entry.rests_until is not None:
        return f"No row may begin before {when(entry.rests_until, zone, now)}: see the rows for the rule"
    if job.state is BulkState.PENDING:
        return "Waits for somebody to start it"
    if job.state is not BulkState.QUEUED:
        return ""
    if job.starts_at is not None and job.starts_at > now:
        return f"Starts {when(job.starts_at, zone, now)}"
    if entry.place is None:
        return ""
    return f"Place {entry.place.number:,} of {entry.place.of:,} in the queue"


def when(at: datetime, zone: str, now: datetime) -> str:
    """Return the time on the clocks of a zone, with the day where it is not today."""
    is_today = day(at, zone) == day(now, zone)
    return f"{clock(at, zone)} · {zone}" if is_today else f"{day(at, zone, now)}, {clock(at, zone)} · {zone}"


def remains_words(remains: Remains) -> tuple[str, ...]:
    """Return what canceling a job leaves, one sentence for each kind."""
    said = [f"{counted(remains.given_up, 'row')} will not be begun."]
    if remains.underway:
        said.append(f"{counted(remains.underway, 'row')} in the middle of being done will be finished.")
    if remains.kept:
        said.append(_agreed(remains.kept, "row that is done stays as it is.", "rows that are done stay as they are."))
    if remains.published:
        said.append(f"**{_agreed(remains.published, 'published post stays', 'published posts stay')} published.**")
    if remains.scheduled:
        posts = _agreed(remains.scheduled, "scheduled post still goes out", "scheduled posts still go out")
        said.append(f"{posts}; cancel the calendar to stop that.")
    return tuple(said)


def _agreed(number: int, of_one: str, of_many: str) -> str:
    return f"{number:,} {of_one if number == 1 else of_many}"


def retried_words(rows: int, name: str) -> str:
    """Return what was begun by trying failed rows of a job again."""
    return f"{counted(rows, 'row')} of {name} {'is' if rows == 1 else 'are'} tried again"


def reason_words(reason: Reason, row: JobRowView) -> str:
    """Return what a rule did to a row and why, as Markdown; of a row that waits it is only foretold."""
    icon = _RULED.get(reason.action, ":material/rule:")
    is_foretold = reason.action == "skip" and row.state is RowState.PENDING
    return f"{icon} {'Expected: ' if is_foretold else ''}{plain(reason.sentence)}"


PAST: Mapping[Operation, str] = {Operation.SCHEDULE_CONTENT: "scheduled", Operation.PUBLISH: "sent on its way"}
"""What was done to the posts of a row."""


def result_words(row: JobRowView, operation: Operation) -> str:
    """Return what came of a row that is done."""
    result = row.result
    if "sync_id" in result:
        counts = (("read", "row"), ("created", "new post"), ("updated", "changed post"), ("written", "written cell"))
        return f"{', '.join(counted(result[name], thing) for name, thing in counts)}."
    if "moved" in result:
        return f"{counted(result['moved'], 'post')} moved."
    if "content_id" in result:
        return f"Text written by {result.get('writer', 'the writer')}. {result.get('note', '')}".strip()
    return f"{counted(len(result.get('item_ids', ())), 'post')} {PAST.get(operation, 'set')}."
