"""Posts of a channel as a table with links, and its download."""

from collections.abc import Sequence

import streamlit as st

from core.services.analytics import PostView
from core.ui.analytics_bar import Choice
from core.ui.analytics_tables import offer_download, post_table


def show_posts(found: Sequence[PostView], choice: Choice, file_name: str, key: str) -> None:
    """List posts, times on the clocks of the channel's audience."""
    table = post_table(found, choice.zone)
    is_dated = table["published"].null_count() < table.height
    st.dataframe(
        table,
        hide_index=True,
        key=f"{key}_posts",
        alt=f"Posts: {key}",
        column_order=["engagement", "title", "published" if is_dated else "hour", "format", "link"],
        column_config={
            "title": st.column_config.TextColumn("Post", width="large"),
            "published": st.column_config.DatetimeColumn(f"Published, {choice.zone}", format="D MMM YYYY, HH:mm"),
            "hour": "Hour of the week",
            "format": "Format",
            "engagement": st.column_config.NumberColumn("Engagement", format="%,.0f", width="small"),
            "link": st.column_config.LinkColumn("Link", display_text="Open"),
        },
    )
    offer_download(lambda: table, file_name, key)
