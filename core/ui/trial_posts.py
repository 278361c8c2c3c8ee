"""The posts of a trial: those that can join, the ledger of the draw with what became of each, and its audit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.services.item_views import ItemView
from core.services.trial_assigning import assign_items, audit_assignments
from core.services.trial_exports import drawn_titles, trial_as_csv, trial_as_parquet
from core.services.trial_views import AssignmentAudit, AssignmentView, TrialView, UnitState
from core.services.trial_words import MEASURE_WORDS, UNIT_WORDS
from core.trials.words import DrawUnit, TrialState
from core.ui.blanks import loading, nothing_found
from core.ui.charts import title
from core.ui.compose_fields import format_name
from core.ui.dashboard_words import posts
from core.ui.failures import refusals
from core.ui.queries import ask
from core.ui.state import context, house, say_next
from core.ui.times import clock, day
from core.ui.trial_reads import channel_names, joinable_now, units_now
from core.ui.turning import cursor_of, turn_pages
from core.ui.wording import plain, shortened

PER_PAGE = 100
_JOIN, _REFUSED = "Join", "trial_refused"
_ALL, _SHOW, _PAGE, _TITLE = "All", "trial_posts", "trial_posts_page", 70
SHOWN: Mapping[str, Callable[[AssignmentView], bool]] = {
    _ALL: lambda _: True,
    "Counted": lambda unit: unit.state is UnitState.COUNTED,
    "Waiting": lambda unit: unit.state is UnitState.WAITING,
    "Missing": lambda unit: unit.state is UnitState.MISSING,
    "Moved": lambda unit: unit.is_moved,
}


def show_posts(trial: TrialView) -> None:
    """Draw what can join while it runs, and the ledger."""
    if trial.state is TrialState.RUNNING and not trial.is_over:
        with st.container(border=True):
            _show_joining(trial)
    with loading(height=400):
        units, audit = units_now(trial.id), ask(audit_assignments, trial.id)
    with st.container(border=True):
        if units:
            _show_ledger(trial, units, audit)
        else:
            title("No post has been drawn yet")
            st.markdown("Add planned posts above; each then gets an arm by chance, and the time its arm chooses.")


# --- Joining ------------------------------------------------------------------------------------------------------


def _show_joining(trial: TrialView) -> None:
    title("Add planned posts")
    _show_refused(trial)
    free = joinable_now(trial.id)
    if not free:
        st.markdown(
            "No planned post can join at present. It takes posts on the channels of this trial that are still to go "
            "out before its end, and that are not fixed at their time."
        )
        return
    zone = the_one(each.timezone for each in free)
    edited = st.data_editor(
        pd.DataFrame([_offer(each, zone) for each in free]),
        hide_index=True,
        key=f"trial_join_{trial.id}_{len(free)}",
        disabled=["Post", "Channel", _headed("Planned for", zone)],
        column_config={_JOIN: st.column_config.CheckboxColumn(width="small", help="Untick what is to stay out")},
        height=min(35 * (len(free) + 1) + 3, 320),
        alt="Planned posts that can join",
    )
    chosen = [each.id for each, wanted in zip(free, edited[_JOIN], strict=True) if wanted]
    span = "day" if trial.draft.unit is DrawUnit.DAYS else "week"
    st.caption(f"Each stays in its {span}; the time within is its arm's. Arms are drawn in this order.")
    if st.button(f"Draw {posts(len(chosen))}", type="primary", icon=":material/casino:", key="trial_join",
                 disabled=not chosen):  # fmt: skip
        with refusals():
            _join(trial, chosen, {each.id: each for each in free})


def _join(trial: TrialView, chosen: Sequence[str], known: Mapping[str, ItemView]) -> None:
    report = assign_items(context(), trial.id, chosen)
    st.session_state[_REFUSED] = (
        trial.id,
        [f"{known[each.item_id].title}: {each.reason}" for each in report.refused if each.item_id in known],
    )
    say_next(f"Drew {posts(len(report.assigned))}", ":material/casino:")
    st.rerun()


def _show_refused(trial: TrialView) -> None:
    of, lines = st.session_state.get(_REFUSED, ("", []))
    if of == trial.id and lines:
        said = "\n".join(f"- {plain(line)}" for line in lines)
        st.warning(f"{posts(len(lines))} could not join and stay as they were:\n{said}", icon=":material/block:")


def _offer(item: ItemView, zone: str | None) -> dict[str, Any]:
    return {
        _JOIN: True,
        "Post": shortened(item.title, _TITLE),
        _headed("Planned for", zone): _when(item.scheduled_at, item.timezone, zone),
        "Channel": item.channel_name,
    }


# --- The ledger ---------------------------------------------------------------------------------------------------


def _show_ledger(trial: TrialView, units: Sequence[AssignmentView], audit: AssignmentAudit) -> None:
    waiting = sum(unit.state is UnitState.WAITING for unit in units)
    title(f"{posts(len(units))} drawn" + (f", {waiting:,} of them wait for their outcome" if waiting else ""))
    _show_audit(audit)
    shown: str = st.pills(
        "Posts", list(SHOWN), default=_ALL, required=True, key=_SHOW, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    found = [unit for unit in units if SHOWN[shown](unit)]
    if found:
        _show_page(trial, found, shown)
    else:
        nothing_found("posts", _clear, key="clear_trial_posts")
    _offer_files(trial)


def _clear() -> None:
    st.session_state[_SHOW] = _ALL


def _show_page(trial: TrialView, found: Sequence[AssignmentView], shown: str) -> None:
    """Draw a page of the ledger, in the order of the draw."""
    first = int(cursor_of(_PAGE, (trial.id, shown)) or 0)
    last = min(first + PER_PAGE, len(found))
    names, titles = channel_names(), ask(drawn_titles, trial.id)
    zones = trial.registration.zones if trial.registration else {}
    zone = the_one(zones.values())
    rows = pd.DataFrame([_line(unit, titles, names, zones[unit.channel_id], zone) for unit in found[first:last]])
    same = [name for name in ("Channel", "Format", "Moved") if the_one(rows[name]) is not None]
    st.dataframe(
        rows.drop(columns=same), hide_index=True, height=min(35 * (last - first + 1) + 3, 520),
        column_config={"Value": st.column_config.NumberColumn(help=MEASURE_WORDS[trial.draft.measure])},
        alt="The ledger of the draw and what became of every post",
    )  # fmt: skip
    turn_pages(_PAGE, f"{first + 1:,} to {last:,} of {posts(len(found))}", str(last) if last < len(found) else None)


def _offer_files(trial: TrialView) -> None:
    with st.container(horizontal=True):
        for kind, write, mime in (
            ("CSV", trial_as_csv, "text/csv"),
            ("Parquet", trial_as_parquet, "application/vnd.apache.parquet"),
        ):
            st.download_button(
                f"Download {kind}", _writer(write, trial.id), f"{trial.id}.{kind.lower()}", mime, type="tertiary",
                icon=":material/download:", key=f"trial_{kind.lower()}", on_click="ignore",
            )  # fmt: skip


def _writer(write: Any, trial_id: str) -> Any:
    """Return what writes the file when somebody takes it."""
    ctx = context()
    return lambda: write(ctx, trial_id)


def _show_audit(found: AssignmentAudit) -> None:
    """Say whether the draw, when it is repeated, agrees with the ledger."""
    if found.fingerprint_holds and not found.deviations:
        st.markdown(
            f":green[:material/verified:] The draw was recomputed and agrees. {plain(found.sentence)}",
        )
        return
    st.error(plain(found.sentence), icon=":material/report:", title="The draw does not agree with its ledger")
    if found.deviations:
        rows = [vars(each) for each in found.deviations]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Where the ledger deviates from the draw")


def _line(
    unit: AssignmentView, titles: Mapping[str, str], names: Mapping[str, str], own: str, zone: str | None
) -> dict[str, object]:
    """Return a line of the ledger on the channel's `own` clock, which the head names where `zone` is that of all."""
    return {
        "Post": shortened(titles.get(unit.item_id, "Deleted"), _TITLE),
        "Arm": unit.arm,
        "State": UNIT_WORDS[unit.state] if unit.state is not UnitState.WAITING else _waits(unit, own),
        "Value": unit.value,
        _headed("Drawn time", zone): _when(unit.slot_at, own, zone),
        _headed("Went out", zone): _when(unit.published_at, own, zone) if unit.published_at else "",
        "Moved": "Moved" if unit.is_moved else "",
        _headed("Planned for", zone): _when(unit.planned_at, own, zone),
        "Channel": names.get(unit.channel_id, unit.channel_id),
        "Format": format_name(unit.content_format),
        "Drawn by": unit.assigned_by,
    }


def _waits(unit: AssignmentView, zone: str) -> str:
    return f"Waits until {day(unit.ripe_at, zone, house().now())}"


def the_one(values: Iterable[str]) -> str | None:
    """Return the value that all share, None where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _headed(name: str, zone: str | None) -> str:
    return f"{name} · {zone}" if zone else name


def _when(at: datetime, own: str, zone: str | None) -> str:
    said = f"{day(at, own, house().now())}, {clock(at, own)}"
    return said if zone else f"{said} · {own}"
