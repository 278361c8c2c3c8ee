"""How long a batch will take, by the pace of jobs before, and what its settings mean in one place."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import streamlit as st

from core.bulk.words import BulkState
from core.rules.decide import Verdict
from core.services.bulk_dry_run import DryRun
from core.services.bulk_jobs import page_jobs
from core.services.bulk_views import MOST_CONCURRENT, JobFilter, JobView, NewJob
from core.services.context import Context
from core.ui.batch_words import MODE_MEANS, MODES, ORDER_MEANS, ORDERS, PRIORITY_MEANS, concurrency_means, level_means
from core.ui.optimizer_words import LEVELS
from core.ui.queries import ask
from core.ui.state import house, workspace
from core.ui.times import duration, moment
from core.ui.wording import counted, plain

_LEAST_ROWS = 5
_LOOKED_AT = 20


def show_length(run: DryRun, new: NewJob) -> None:
    """Say when it begins, how long it takes, and what was chosen."""
    st.subheader("How it will go", anchor=False)
    st.markdown(f":material/schedule: {plain(_begins(new))} {plain(_takes(run, new))}")
    if words := _ruled(run):
        st.markdown(f":material/rule: {words}")
    st.markdown("\n".join(f"- **{name}** · {words}" for name, words in _choices(new)))


def _choices(new: NewJob) -> Iterator[tuple[str, str]]:
    """Yield each choice with what it brings."""
    schedule = new.schedule
    yield MODES[schedule.mode], MODE_MEANS[schedule.mode]
    yield LEVELS[schedule.level], level_means(schedule.level, schedule.mode)
    rows = counted(schedule.max_concurrent, "row")
    yield f"{rows} at once", concurrency_means(schedule.max_concurrent, schedule.mode, MOST_CONCURRENT)
    yield ORDERS[schedule.row_order], ORDER_MEANS[schedule.row_order]
    yield f"{str(new.priority).capitalize()} priority", PRIORITY_MEANS[new.priority]
    if new.deadline_ms is not None:
        span = duration(timedelta(milliseconds=new.deadline_ms))
        yield f"Deadline after {span}", "Rows that are not done by then are given up and named."
    if schedule.ends_at is not None:
        yield (
            f"Ends {moment(schedule.ends_at, workspace().timezone, house().now())}",
            "Rows not begun by then are left out.",
        )


def _ruled(run: DryRun) -> str:
    """Say how many rows the rules hold back or leave out at the start."""
    firsts = [each.reasons[0].action for each in run.ruled]
    waiting, skipped = firsts.count(Verdict.DELAY), firsts.count(Verdict.SKIP)
    parts = [
        f"keep {counted(waiting, 'row')} waiting at first" if waiting else "",
        f"leave {counted(skipped, 'row')} out" if skipped else "",
    ]
    told = " and ".join(part for part in parts if part)
    return f"Rules {told}; each with its reason above." if told else ""


def _begins(new: NewJob) -> str:
    starts, now = new.schedule.starts_at, house().now()
    if starts is not None and starts > now:
        return f"It begins {moment(starts, workspace().timezone, now)}."
    if starts is not None or new.schedule.start_immediately:
        return "It begins at once."
    return "It begins when somebody starts it."


def _takes(run: DryRun, new: NewJob) -> str:
    known = next((each for each in _done(new) if each.started_at and each.finished_at), None)
    apart = _apart(new, run.total)
    if known is None or known.started_at is None or known.finished_at is None:
        unknown = "How long it takes is known once its first five rows are done; no job like it has run here yet."
        return f"Its rules alone spread it over {duration(apart)}. {unknown}" if apart else unknown
    expected = _span(known.started_at, known.finished_at, known.progress.done, run.total)
    return f"It takes about {duration(max(expected, apart))}, by the pace of the job “{known.name}”."


def _span(starts: datetime, ends: datetime, done: int, total: int) -> timedelta:
    return (ends - starts) / max(done, 1) * total


def _done(new: NewJob) -> list[JobView]:
    wanted = JobFilter(states=(BulkState.COMPLETED,), operations=(new.operation,))
    return [each for each in ask(_ended, wanted) if each.progress.done >= _LEAST_ROWS]


def _ended(ctx: Context, wanted: JobFilter) -> tuple[JobView, ...]:
    return page_jobs(ctx, wanted, _LOOKED_AT)[0]


def _apart(new: NewJob, rows: int) -> timedelta:
    """Return the least time that intervals of rules without hours spread all rows over."""
    intervals = [
        int(rule.get("settings", {}).get("min_interval_ms", 0) or 0)
        for rule in new.schedule.rules
        if rule.get("enabled", True)
        and "time_window" not in rule.get("settings", {})
        and rule.get("type") != "content_based"
        and "priority_threshold" not in rule.get("settings", {})
    ]
    return timedelta(milliseconds=max(intervals, default=0) * max(rows - 1, 0))
