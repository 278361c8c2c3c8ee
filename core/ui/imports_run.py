"""The last step of an import: into which channel, the import itself, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import to_wall
from core.history.fields import Field
from core.services.channels import ChannelView, list_channels
from core.services.history_dry_run import DryRun
from core.services.import_targets import ImportTarget
from core.services.imports import JOB, ImportReport, ImportRequest, import_history
from core.services.job_runs import JobRunView, list_runs
from core.settings import ROOT
from core.ui.failures import refusals
from core.ui.imports_file import Chosen
from core.ui.pages import PAGES
from core.ui.palette import platform_name
from core.ui.progress import progress_bar
from core.ui.queries import ask
from core.ui.state import context, house, workspace
from core.ui.wording import counted, plain
from core.vocabulary import JobState

_DONE = "import_done"
_NEW_CHANNEL = ""

STATES: Mapping[JobState, str] = {
    JobState.RUNNING: "Running",
    JobState.COMPLETED: "Completed",
    JobState.FAILED: "Failed, nothing was stored",
}


def choose_target(chosen: Chosen, zone: str, *, has_accounts: bool) -> ImportTarget | None:
    """Ask where the posts belong; None while that is open."""
    channels: dict[str, ChannelView] = {channel.id: channel for channel in ask(list_channels)}
    place, about = st.columns(2)
    target = place.selectbox(
        "Into",
        [_NEW_CHANNEL, *channels],
        format_func=lambda key: _channel_words(channels[key]) if key else "A new channel for each account",
        key=f"import_into_{chosen.id}",
    )
    if target != _NEW_CHANNEL:
        return ImportTarget(channel_id=target)
    platforms = list(house().reference.platforms)
    guess = guessed_platform(chosen.file.name, platforms)
    platform = about.selectbox(
        "Platform",
        platforms,
        platforms.index(guess) if guess else None,
        format_func=platform_name,
        key=f"import_platform_{chosen.id}",
        placeholder="Where these posts went out",
    )
    st.caption(
        "New channels are outboxes: nothing leaves this machine through them until you change that."
        + (" They are named after the file's accounts." if has_accounts else "")
    )
    return ImportTarget(platform=platform, timezone=zone) if platform else None


def guessed_platform(file_name: str, platforms: Sequence[str]) -> str | None:
    """Return the platform whose id is in the name of a file, as in the names most exports have."""
    return next((platform for platform in platforms if platform in file_name.casefold()), None)


def _channel_words(channel: ChannelView) -> str:
    return f"{channel.name} ({platform_name(channel.platform)})"


def offer_import(chosen: Chosen, run: DryRun, target: ImportTarget | None) -> None:
    """Draw the button that imports, or what came of it."""
    file_id, report = st.session_state.get(_DONE, ("", None))
    if file_id == chosen.id:
        _show_result(report)
        return
    skip = bool(run.rejected) and st.checkbox(
        f"Leave out {counted(run.rejected, 'row')} with errors and import the others", key=f"import_skip_{chosen.id}"
    )
    blocked = target is None or not run.accepted or (bool(run.rejected) and not skip)
    label = f"Import {counted(run.accepted, 'post')}"
    if st.button(label, type="primary", icon=":material/upload:", disabled=blocked, key="import_start") and target:
        _import(chosen, ImportRequest(run.mapping, run.reading, target, skip_rejected=skip))


def _import(chosen: Chosen, request: ImportRequest) -> None:
    text = "Importing; leaving the page now stops the import, and nothing is stored then"
    with refusals(), progress_bar(text) as tell:
        report = import_history(context(), chosen.file, request, tell)
        st.session_state[_DONE] = (chosen.id, report)
        st.rerun()


def _show_result(report: ImportReport) -> None:
    st.success(
        f"{counted(report.created, 'new post')}, {report.updated:,} updated, {report.unchanged:,} unchanged"
        + (f", {counted(report.rejected, 'row')} left out" if report.rejected else "")
        + f", in {counted(len(report.channel_ids), 'channel')}.",
        title="Imported",
        icon=":material/check_circle:",
    )
    st.page_link(ROOT / "pages" / PAGES[0].file, label="See best times", icon=":material/arrow_forward:")


def has_accounts(run: DryRun) -> bool:
    """Tell whether the rows name accounts."""
    return Field.ACCOUNT in run.mapping.columns


def show_past() -> None:
    """Draw the imports of this workspace, newest first."""
    runs = ask(list_runs, JOB)
    if not runs:
        return
    zone = workspace().timezone
    st.subheader("Past imports", anchor=False)
    st.dataframe(
        pd.DataFrame([_row(run, zone) for run in runs]).dropna(axis="columns", how="all"),
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
