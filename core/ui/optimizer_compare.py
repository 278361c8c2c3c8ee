"""What if: two plans of a calendar beside each other, with the settings in which they differ."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.services.item_views import CalendarView
from core.services.plan_views import PlanProposal, PlanRun
from core.ui.charts import title
from core.ui.optimizer_run import runs_of
from core.ui.optimizer_words import LEVELS, gain_of, proof, run_name, settings
from core.ui.state import house
from core.ui.wording import counted

_AS_USUAL = "as usual"


def offer_comparison(calendar: CalendarView, run: PlanRun) -> None:
    """Draw the choice of another plan and, once chosen, both beside each other."""
    others = {each.id: each for each in runs_of(calendar) if each.proposal and each.id != run.id}
    if not others or not run.proposal:
        return
    title("What if")
    chosen: str | None = st.selectbox(
        "Compare with",
        list(others),
        None,
        format_func=lambda key: run_name(others[key], calendar.timezone, house().now()),
        key=f"optimizer_other_{run.id}",
        placeholder="Another plan of this calendar",
        width=420,
    )
    if chosen and (other := others[chosen].proposal):
        _show(run, run.proposal, others[chosen], other, calendar.timezone)


def _show(run: PlanRun, mine: PlanProposal, other_run: PlanRun, other: PlanProposal, zone: str) -> None:
    table = pd.DataFrame({"This plan": _column(run, mine, zone), "The other": _column(other_run, other, zone)})
    table = table.fillna(_AS_USUAL)
    settled = {item.item_id: item.after for item in other.items}
    differ = sum(settled.get(item.item_id, item.after) != item.after for item in mine.items)
    st.table(table, border="horizontal", alt="Figures and settings of both plans")
    st.caption(f"{counted(differ, 'post')} would stand at another time. {_better(mine, other)}")


def _column(run: PlanRun, proposal: PlanProposal, zone: str) -> Mapping[str, str]:
    return {
        "Expected outcome": f"{proposal.expected_after:,.1f} ({gain_of(proposal):+.1%})",
        "Posts that move": f"{len(proposal.moved):,}",
        "Without an allowed time": f"{len(proposal.left):,}",
        "Beside the best possible": proof(proposal),
        "Search": LEVELS[run.level],
        **dict(settings(run.options, zone)),
    }


def _better(mine: PlanProposal, other: PlanProposal) -> str:
    """Say which earns more, where both count in the same units."""
    if mine.expected_before != other.expected_before:
        return "They count differently, or posts have changed in between: compare shares, not outcomes."
    difference = mine.expected_after / other.expected_after - 1 if other.expected_after else 0.0
    if round(difference, 3) == 0:
        return "Both are expected to earn the same."
    few = " Moves that gain little are left out, so a stricter plan that has to move more posts may earn a bit more."
    return f"This plan is expected to earn {abs(difference):.1%} {'more' if difference > 0 else 'less'}.{few}"
