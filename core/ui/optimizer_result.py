"""What a finished optimization proposes: the finding, the moves with their reasons, and applying all or some."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import to_wall
from core.services.plan_apply import apply_plan, undo_plan
from core.services.plan_views import PlannedItem, PlanProposal, PlanRun
from core.ui.calendar_undo import done
from core.ui.charts import title
from core.ui.failures import attempt, refusals
from core.ui.optimizer_words import ENDINGS, finding, gain_of, proof
from core.ui.palette import platform_name
from core.ui.state import context, house, say_next
from core.ui.times import clock, day
from core.ui.wording import counted, shortened

_APPLY = "Apply"
_TITLE_LENGTH = 60
_PERCENT = 100
_ROW_HEIGHT, _MOST_HEIGHT = 35, 560


def show_headline(run: PlanRun, proposal: PlanProposal) -> None:
    """Draw what the plan is worth and how sure that is."""
    st.subheader(finding(proposal), anchor=False)
    with st.grid(4, min_column_width=160):
        st.metric(
            "Expected outcome",
            f"{proposal.expected_after:,.1f}",
            f"{gain_of(proposal):+.1%}",
            border=True,
            height="stretch",
            help="Average posts of their channels, weighted by priority: before it was "
            f"{proposal.expected_before:,.1f}.",
        )
        st.metric(
            "Posts that move",
            f"{len(proposal.moved):,} of {len(proposal.items) + len(proposal.left):,}",
            border=True,
            height="stretch",
            help="Posts whose time you chose to keep are not among them.",
        )
        st.metric("Without an allowed time", f"{len(proposal.left):,}", border=True, height="stretch")
        st.metric(
            "Beside the best possible", proof(proposal), border=True, height="stretch", help=ENDINGS[proposal.ending]
        )
    st.caption(f"{ENDINGS[proposal.ending]} Found in {proposal.seconds:.1f} s.")
    if run.applied:
        _show_applied(run)


def _show_applied(run: PlanRun) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: {counted(len(run.applied), 'move')} of this plan applied.", width="content")
        st.button(
            "Put them back", icon=":material/undo:", key="optimizer_undo", on_click=attempt, args=(_put_back, run.id)
        )


def _undo(run_id: str) -> None:
    undo_plan(context(), run_id)


def _put_back(run_id: str) -> None:
    _undo(run_id)
    say_next("Every moved post is back at its old time", ":material/undo:")


def show_moves(run: PlanRun, proposal: PlanProposal) -> None:
    """Draw the table of moves; apply all of them, or those that stay ticked."""
    moves = proposal.moved
    if not moves:
        return
    title("What moved" if run.applied else "What would move")
    frame = pd.DataFrame([_row(item) for item in moves])
    edited = st.data_editor(
        frame,
        hide_index=True,
        key=f"optimizer_moves_{run.id}",
        disabled=True if run.applied else [name for name in frame.columns if name != _APPLY],
        height=min((len(frame) + 1) * _ROW_HEIGHT + 2, _MOST_HEIGHT),
        column_config=_COLUMNS,
        column_order=[name for name in frame.columns if name != _APPLY or not run.applied],
        alt="Posts that would move: from when to when, how good both times are, and why",
    )
    _offer_download(frame)
    if not run.applied:
        _offer_apply(run, [item for item, wanted in zip(moves, edited[_APPLY], strict=True) if wanted], len(moves))


_COLUMNS = {
    _APPLY: st.column_config.CheckboxColumn(width="small", help="Untick what shall stay where it is"),
    "Post": st.column_config.TextColumn(width="medium"),
    "Score now": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1, width="small"),
    "Score then": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1, width="small"),
    "Gain": st.column_config.NumberColumn(format="%+.1f %%", help="What the post is expected to earn more"),
    "Why": st.column_config.TextColumn(width="large"),
}


def _row(item: PlannedItem) -> dict[str, Any]:
    return {
        _APPLY: True,
        "Post": shortened(item.title, _TITLE_LENGTH),
        "Channel": f"{platform_name(item.platform)} · {item.channel_name}",
        "Now": _when(item, is_after=False),
        "Proposed": _when(item, is_after=True),
        "Score now": item.score_before,
        "Score then": item.score_after,
        "Gain": _PERCENT * ((1 + item.lift_after) / (1 + item.lift_before) - 1),
        "Why": " ".join(item.reasons),
    }


def _when(item: PlannedItem, *, is_after: bool) -> str:
    """Return a time by the channel's clock; the zone stands once, with the proposed one."""
    at, zone = (item.after if is_after else item.before), item.timezone
    same_day = to_wall(item.before, zone).date() == to_wall(item.after, zone).date()
    local = clock(at, zone) if is_after and same_day else f"{day(at, zone, house().now())}, {clock(at, zone)}"
    return f"{local} · {zone}" if is_after else local


def _offer_download(frame: pd.DataFrame) -> None:
    data = frame.drop(columns=_APPLY).to_csv(index=False).encode("utf-8-sig")
    st.download_button("Download moves", data, "slotwise-moves.csv", "text/csv", icon=":material/download:",
                       key="optimizer_download", type="tertiary")  # fmt: skip


def _offer_apply(run: PlanRun, chosen: Sequence[PlannedItem], count: int) -> None:
    is_all = len(chosen) == count
    label = f"Apply {'all ' if is_all and count > 1 else ''}{counted(len(chosen), 'move')}"
    if st.button(label, type="primary", icon=":material/done_all:", key="optimizer_apply", disabled=not chosen):
        with refusals():
            ids = None if is_all else tuple(item.item_id for item in chosen)
            applied = apply_plan(context(), run.id, ids).applied
            done(f"Moved {counted(len(applied), 'post')}", partial(_undo, run.id))
            st.rerun()


def show_left(proposal: PlanProposal) -> None:
    """Draw the posts without an allowed time: why, and the least that would make room."""
    if not proposal.left:
        return
    title(f"{counted(len(proposal.left), 'post')} without an allowed time")
    st.caption("They stay where they are. Move them yourself, or change what stands in the way.")
    frame = pd.DataFrame(
        [
            {
                "Post": shortened(item.title, _TITLE_LENGTH),
                "Channel": f"{platform_name(item.platform)} · {item.channel_name}",
                "Stands at": f"{day(item.at, item.timezone, house().now())}, {clock(item.at, item.timezone)}",
                "Why": item.reason,
                "Would fit": item.relaxation or "Only if other posts move",
            }
            for item in proposal.left
        ]
    )
    st.dataframe(frame, hide_index=True, alt="Posts without an allowed time, why, and what would make room")
