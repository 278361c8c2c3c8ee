"""What a batch would bring: posts by day and platform, and each with its time."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time

import pandas as pd
import streamlit as st

from core.bulk.words import Operation
from core.calendar.zones import first_moment, to_wall
from core.services.bulk_dry_run import DryRun, PlannedPost
from core.ui.batch_draft import job
from core.ui.palette import platform_name
from core.ui.state import house, workspace
from core.ui.times import clock, day
from core.ui.wording import counted, plain

_MOST = 500
_TOTAL = "All"


def show_plan(run: DryRun, left_out: frozenset[int]) -> None:
    """Draw the days and the posts; the rows `left_out` cannot go."""
    posts = [post for post in run.planned if post.number not in left_out]
    if posts and job().operation is Operation.SCHEDULE_CONTENT:
        _show_days(posts)
        _show_posts(posts)
    _show_ruled(run)


def _show_days(posts: Sequence[PlannedPost]) -> None:
    zone, now = workspace().timezone, house().now()
    counts = Counter((to_wall(post.scheduled_at, zone).date(), post.platform) for post in posts)
    days = sorted({each for each, _ in counts})
    platforms = [each for each in house().reference.platforms if any(name == each for _, name in counts)]
    st.subheader(f"{counted(len(posts), 'post')} on {counted(len(days), 'day')}", anchor=False)
    table = pd.DataFrame(
        [
            {
                "Day": day(first_moment(datetime.combine(each, time()), zone), zone, now),
                **{platform_name(name): counts[each, name] or None for name in platforms},
                _TOTAL: sum(counts[each, name] for name in platforms),
            }
            for each in days
        ]
    )
    most = int(table[_TOTAL].max())
    total = st.column_config.ProgressColumn(format="%d", min_value=0, max_value=most, width="small")
    st.dataframe(table, hide_index=True, placeholder="", column_config={_TOTAL: total}, alt="Posts by day and platform")
    st.caption(f"Days on the clocks of {plain(zone)}.")


def _show_posts(found: Sequence[PlannedPost]) -> None:
    zone, now = workspace().timezone, house().now()
    posts = sorted(found, key=lambda post: (post.scheduled_at, post.number))
    with st.expander("Every post with its time", icon=":material/calendar_month:"):
        table = pd.DataFrame(
            [
                {
                    "When": f"{day(post.scheduled_at, zone, now)}, {clock(post.scheduled_at, zone)}",
                    "Post": post.title,
                    "Platform": platform_name(post.platform),
                    "Time from": "The planner" if post.is_placed else "The sheet",
                }
                for post in posts[:_MOST]
            ]
        )
        st.dataframe(table, hide_index=True, alt="Posts in the order of their times")
        if len(posts) > _MOST:
            st.caption(f"The first {_MOST:,} of {counted(len(posts), 'post')}.")


def _show_ruled(run: DryRun) -> None:
    """Say what the rules would do to which rows if the job began at its start."""
    if not run.ruled:
        return
    with st.expander(f"Rules concern {counted(len(run.ruled), 'row')} at the start", icon=":material/rule:"):
        table = pd.DataFrame(
            [
                {"Row": each.number, "Rule": reason.rule, "What": reason.action.capitalize(), "Why": reason.sentence}
                for each in run.ruled[:_MOST]
                for reason in each.reasons
            ]
        )
        st.dataframe(table, hide_index=True, alt="What rules would do to each row")
