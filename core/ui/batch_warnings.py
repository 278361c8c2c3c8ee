"""What is to be known of a batch before it goes: posts against channels' limits, missing pictures, prices."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.content.counting import has_link
from core.content.platforms import Platform
from core.services.bulk_dry_run import DryRun, PlannedPost
from core.services.bulk_rows import piece_for
from core.ui.batch_draft import draft
from core.ui.compose_fields import active_channels
from core.ui.palette import platform_name
from core.ui.state import house
from core.ui.wording import counted
from core.vocabulary import ChannelKind

_MOST = 500
_TENTH_OF_A_CENT = 0.001


def show_warnings(run: DryRun, posts: Sequence[PlannedPost]) -> None:
    """Draw what does not keep the job from starting."""
    _show_clashes(run)
    _show_bare(run, posts)
    _show_prices(run, posts)


def _show_clashes(run: DryRun) -> None:
    if not run.clashes:
        return
    rows = len({clash.number for clash in run.clashes})
    with st.expander(
        f"{counted(rows, 'row')} against the limits of {'its' if rows == 1 else 'their'} channels",
        icon=":material/event_busy:",
    ):
        st.caption("They can go all the same: a time that somebody set is kept. Without a time the planner finds room.")
        lines = draft().lines
        table = pd.DataFrame(
            [
                {
                    "Line": lines[each.number - 1].line,
                    "Platform": platform_name(each.platform),
                    "What speaks against it": each.message,
                }
                for each in run.clashes[:_MOST]
            ]
        )
        st.dataframe(table, hide_index=True, alt="Posts that break a limit of their channel")
        if len(run.clashes) > _MOST:
            st.caption(f"The first {_MOST:,} of {len(run.clashes):,}.")


def _show_bare(run: DryRun, posts: Sequence[PlannedPost]) -> None:
    """Say how many posts have no picture or video yet where their platform needs one."""
    counts: Counter[str] = Counter()
    for post in posts:
        platform, row = house().reference.platforms[post.platform], run.rows[post.number - 1]
        limits = platform.formats.get(piece_for(row, platform).content_format)
        if limits is not None and limits.media_min and not row.media:
            counts[platform.name] += 1
    if counts:
        parts = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        st.info(
            f"Posts that need a picture or video before their time: {parts}. Add it to each in the calendar.",
            icon=":material/image:",
        )


def _show_prices(run: DryRun, posts: Sequence[PlannedPost]) -> None:
    by_platform: defaultdict[str, list[PlannedPost]] = defaultdict(list)
    for post in posts:
        by_platform[post.platform].append(post)
    for name, own in by_platform.items():
        platform = house().reference.platforms[name]
        if platform.price_usd is not None:
            st.markdown(f":material/payments: {_price_words(platform, run, own)}")


def _price_words(platform: Platform, run: DryRun, posts: Sequence[PlannedPost]) -> str:
    """Say what a platform charges for its posts; what stays on this machine is charged by nobody."""
    price = platform.price_usd
    if price is None:
        return ""
    rows = (run.rows[post.number - 1] for post in posts)
    linked = sum(has_link(piece_for(row, platform).text) for row in rows)
    cost = price.post_with_link * linked + price.post * (len(posts) - linked)
    linked_price = f"{_dollars(price.post_with_link)} for one with a link"
    says = f"{platform.name} charges {_dollars(price.post)} for a post and {linked_price}"
    sum_words = f"{counted(len(posts), 'post')}, {linked:,} with a link: {_dollars(cost)}"
    kinds = {channel.kind for channel in active_channels() if channel.platform == platform.id}
    if kinds <= {ChannelKind.OUTBOX}:
        return f"{says}. Through the local outbox nothing is charged; from a connected account {sum_words}."
    return f"{says}. {sum_words}."


def _dollars(amount: float) -> str:
    """Return a sum in US dollars: cents, and parts of a cent where a price has some."""
    digits = 2 if abs(amount - round(amount, 2)) < _TENTH_OF_A_CENT else 3
    return f"US\\${amount:,.{digits}f}"
