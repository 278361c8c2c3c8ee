"""The imports of a workspace: those under way, what came of this visitor's last one, and those of before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import to_wall
from core.services.heartbeat import EngineState, engine_status
from core.services.imports import JOB
from core.services.job_runs import JobRunView, list_runs
from core.settings import ROOT
from core.ui.imports_file import Chosen
from core.ui.pages import PAGES
from core.ui.shell import boundary
from core.ui.state import context, house, workspace
from core.ui.wording import counted, plain, shortened
from core.vocabulary import JobState

REFRESH_SECONDS = 1
_STARTED = "import_started"

STATES: Mapping[JobState, str] = {
    JobState.QUEUED: "Waiting",
    JobState.RUNNING: "Running",
    JobState.COMPLETED: "Completed",
    JobState.FAILED: "Failed, nothing was stored",
    JobState.CANCELED: "Canceled",
}
_UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


def remember_started(chosen: Chosen, run_id: str) -> None:
    """Keep in mind which run imports this file, so that its result is shown to whoever began it."""
    st.session_state[_STARTED] = (chosen.id, run_id)


def is_started(chosen: Chosen) -> bool:
    """Tell whether this very upload has been given to the engine."""
    return bool(st.session_state.get(_STARTED, ("", ""))[0] == chosen.id)


def show_imports() -> None:
    """Draw the imports, every second anew as long as one is under way."""
    watching = _is_under_way(list_runs(context(), JOB))
    st.fragment(_imports, run_every=REFRESH_SECONDS if watching else None)(watching=watching)


@boundary()
def _imports(*, watching: bool) -> None:
    runs = list_runs(context(), JOB)
    if watching and not _is_under_way(runs):
        st.rerun()  # the last one has ended: the whole page may show what came of it, and nobody has to watch
    mine = st.session_state.get(_STARTED, ("", ""))[1]
    for run in runs:
        if run.state in _UNDER_WAY:
            _show_progress(run)
        elif run.id == mine:
            _show_result(run)
    _show_past(runs)


def _is_under_way(runs: Iterable[JobRunView]) -> bool:
    return any(run.state in _UNDER_WAY for run in runs)


def _show_progress(run: JobRunView) -> None:
    name = plain(shortened(run.subject))
    share = min(run.done / run.total, 1.0) if run.total else 0.0
    if run.state is JobState.QUEUED:
        st.progress(share, f"{name}: waiting for its turn")
    elif share < 1:
        st.progress(share, f"{name}: checking every row")
    else:
        st.progress(share, f"{name}: storing…")
    if engine_status(context()).state in (EngineState.STOPPED, EngineState.NEVER):
        st.warning(_WAITS_ON if house().settings.engine else _WAITS_OFF, icon=":material/hourglass_empty:")
    else:
        st.caption("You can leave this page and come back; the import goes on.")


_WAITS_ON = "The import waits for the engine, which does not run at present. It goes on by itself once the engine does."
_WAITS_OFF = (
    "The import waits for the engine, which is switched off here (`SLOTWISE_ENGINE`). It goes on by itself once an "
    "engine runs."
)


def _show_result(run: JobRunView) -> None:
    if run.state is JobState.FAILED:
        st.error(plain(run.error or ""), title="Nothing was stored", icon=":material/block:")
        return
    result = run.result
    st.success(
        f"{counted(result['created'], 'new post')}, {result['updated']:,} updated, {result['unchanged']:,} unchanged"
        + (f", {counted(result['rejected'], 'row')} left out" if result["rejected"] else "")
        + f", in {counted(len(result['channel_ids']), 'channel')}.",
        title="Imported",
        icon=":material/check_circle:",
    )


def _show_past(runs: Sequence[JobRunView]) -> None:
    past = [run for run in runs if run.state not in _UNDER_WAY]
    if any(run.state is JobState.COMPLETED for run in past):
        st.page_link(ROOT / "pages" / PAGES[0].file, label="See best times", icon=":material/arrow_forward:")
    if not past:
        return
    zone = workspace().timezone
    st.subheader("Past imports", anchor=False)
    st.dataframe(
        pd.DataFrame([_row(run, zone) for run in past]).dropna(axis="columns", how="all"),
        hide_index=True,
        alt="Past imports, newest first",
        column_config={"When": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm")},
    )
    st.caption(f"Times in {plain(zone)}. Importing a newer export of the same posts updates them.")


def _row(run: JobRunView, zone: str) -> dict[str, Any]:
    counts = {name: run.result.get(name) for name in ("created", "updated", "unchanged", "rejected")}
    return {
        "When": to_wall(run.started_at, zone),
        "File": run.subject,
        "Result": STATES[run.state],
        **{name.capitalize(): count for name, count in counts.items()},
        "Reason": run.error,
    }
