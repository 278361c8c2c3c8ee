"""Starting an optimization, watching it, stopping it, and coming back to an earlier one."""

import streamlit as st

from core.services.heartbeat import EngineState, engine_status
from core.services.item_views import CalendarView
from core.services.plan_runs import find_plan, list_plans, queue_plan, stop_plan
from core.services.plan_views import SECONDS, PlanRun
from core.ui.failures import attempt, refusals
from core.ui.optimizer_ask import Order
from core.ui.optimizer_words import run_name
from core.ui.shell import boundary
from core.ui.state import context, house
from core.ui.wording import plain
from core.vocabulary import JobState

PLAN = "plan"
"""Names the chosen run in the address."""
REFRESH_SECONDS = 1
MOST_LISTED = 20
UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


def offer_start(calendar: CalendarView, order: Order) -> None:
    """Draw the button that gives the calendar to the planner."""
    is_busy = any(run.state in UNDER_WAY for run in runs_of(calendar))
    if st.button("Find better times", type="primary", icon=":material/tune:", key="optimizer_start", disabled=is_busy):
        with refusals():
            st.query_params[PLAN] = queue_plan(context(), calendar.id, order.level, order.options)
            st.rerun()


def runs_of(calendar: CalendarView) -> tuple[PlanRun, ...]:
    """Return the calendar's runs, newest first; read anew each time, because progress is no write."""
    return list_plans(context(), calendar.id, MOST_LISTED)


def show_run(calendar: CalendarView) -> PlanRun | None:
    """Draw the choice of a run and how it goes; return it once it is over."""
    runs = {run.id: run for run in runs_of(calendar)}
    if not runs:
        st.caption("Nothing is moved before you say so: first you see what would change, and why.")
        return None
    wanted = st.query_params.get(PLAN)
    run = runs[wanted] if wanted in runs else next(iter(runs.values()))
    if run.state in UNDER_WAY:
        st.fragment(_watch, run_every=REFRESH_SECONDS)(run.id)
        return None
    run = _choose(runs, run, calendar.timezone)
    if run.state is JobState.FAILED:
        st.error(plain(run.error or ""), title="No plan was made", icon=":material/block:")
    elif run.state is JobState.CANCELED:
        st.info("It was stopped before it began.", icon=":material/cancel:")
    return run


def _choose(runs: dict[str, PlanRun], run: PlanRun, zone: str) -> PlanRun:
    """Let an earlier run be looked at again."""
    past = [key for key, each in runs.items() if each.state not in UNDER_WAY]
    if len(past) == 1:
        return run
    chosen: str = st.selectbox(
        "Plan",
        past,
        past.index(run.id),
        format_func=lambda key: run_name(runs[key], zone, house().now()),
        key=f"optimizer_plan_{past[0]}_{run.id}",
    )
    if chosen != run.id:
        st.query_params[PLAN] = chosen
        st.rerun()
    return run


@boundary()
def _watch(run_id: str) -> None:
    run = find_plan(context(), run_id)
    if run.state not in UNDER_WAY:
        st.rerun()
    st.progress(run.share, _how_far(run))
    if engine_status(context()).state in (EngineState.STOPPED, EngineState.NEVER):
        st.warning("The plan waits for the engine, which does not run at present.", icon=":material/hourglass_empty:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Stop and keep the best so far" if run.value else "Stop",
            icon=":material/stop_circle:",
            key="optimizer_stop",
            on_click=attempt,
            args=(_stop, run_id),
        )
        st.caption("You can leave this page and come back; posts that are due go out meanwhile.", width="content")


def _stop(run_id: str) -> None:
    stop_plan(context(), run_id)


def _how_far(run: PlanRun) -> str:
    if run.state is JobState.QUEUED:
        return "Waiting for its turn"
    if run.value is None or not run.bound:
        return "Reading the calendar"
    short = max(1 - run.value / run.bound, 0.0)
    return (
        f"Searching, {SECONDS[run.level]:g} seconds at most: the best plan so far is at most {short:.2%} below the best"
    )
