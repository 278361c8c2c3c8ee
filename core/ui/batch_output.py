"""The second step of a batch: what is made of each row, on which platforms and channels, in which format."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.bulk.words import Operation
from core.content.platforms import Platform
from core.services.channels import ChannelView
from core.services.incoming import usual_format
from core.ui.batch_adaptation import show_adaptation
from core.ui.batch_choice import choose
from core.ui.batch_draft import change_settings, draft, seeded
from core.ui.batch_outboxes import names_of, offer_outboxes, used_platforms
from core.ui.batch_words import OPERATION_MEANS, OPERATIONS
from core.ui.compose_fields import active_channels, format_name
from core.ui.palette import platform_name
from core.ui.state import house
from core.ui.wording import counted, plain
from core.vocabulary import ContentFormat


def show_output() -> None:
    """Draw the step."""
    chosen = draft().settings
    operation = choose("What becomes of each row", OPERATIONS, "operation", chosen.operation)
    st.caption(OPERATION_MEANS[operation])
    change_settings(operation=operation)
    if operation is Operation.SCHEDULE_CONTENT:
        _ask_platforms()
        _ask_format()
        _ask_tags()
        show_adaptation()
        _ask_channels()
    else:
        st.info(
            "The texts come from the template writer that is part of Slotwise: it arranges what the row says, and "
            "each text names its writer.",
            icon=":material/edit_note:",
        )
        _ask_tags()


def _ask_platforms() -> None:
    platforms = list(house().reference.platforms)
    chosen = st.pills(
        "Platforms of rows that name none",
        platforms,
        selection_mode="multi",
        format_func=platform_name,
        key=seeded("platforms", list(draft().settings.platforms)),
    )
    change_settings(platforms=tuple(chosen or ()))
    bare = sum(not line.cells.get("platforms") for line in draft().lines)
    if bare and chosen:
        st.caption(f"{counted(bare, 'row')} without a platform become posts on {names_of(chosen)}.")
    elif bare:
        st.caption(f":orange[:material/warning: {counted(bare, 'row')} name no platform: choose one or more here.]")
    else:
        st.caption("Every row names its platforms, so this changes nothing.")


def _ask_format() -> None:
    formats = list(dict.fromkeys(each for platform in used_platforms() for each in platform.formats)) or list(
        ContentFormat
    )
    kept = draft().settings.content_format
    chosen: ContentFormat | None = st.selectbox(
        "Format of rows that name none",
        formats if kept is None or kept in formats else [kept, *formats],
        None,
        format_func=format_name,
        key=seeded("format", kept),
        placeholder="What each platform usually has",
        width=420,
    )
    change_settings(content_format=chosen)
    if chosen is None:
        usual = ", ".join(f"{format_name(usual_format(each)).lower()} on {each.name}" for each in used_platforms())
        st.caption(f"Where a row says nothing: {usual}." if usual else "Where a row says nothing, the usual one.")
        return
    lacking = [each.name for each in used_platforms() if chosen not in each.formats]
    words = f"{format_name(chosen)} is not posted on {', '.join(lacking)}: those posts are refused in the review."
    st.caption(f":orange[:material/warning: {words}]" if lacking else "Rows that name a format keep theirs.")


def _ask_tags() -> None:
    tags: str = st.text_input(
        "Tags for every row", key=seeded("tags", draft().settings.tags), placeholder="spring, launch", width=420
    )
    change_settings(tags=tags)
    st.caption("Added to the row's own tags; rules can go by them.")


def _ask_channels() -> None:
    used = used_platforms()
    if not used:
        return
    st.subheader("Where posts go, and what fits there", anchor=False)
    by_platform: dict[str, list[ChannelView]] = {}
    for channel in active_channels():
        by_platform.setdefault(channel.platform, []).append(channel)
    chosen: dict[str, str] = {}
    for platform in used:
        with st.container(border=True):
            st.markdown(f"**{platform.name}** · {_limits(platform)}")
            if key := _ask_channel(platform, by_platform.get(platform.id, ())):
                chosen[platform.id] = key
    change_settings(channels=chosen)
    offer_outboxes()


def _limits(platform: Platform) -> str:
    content_format = draft().settings.content_format
    limits = platform.formats.get(content_format or usual_format(platform))
    if limits is None:
        return f"does not take {format_name(content_format or usual_format(platform)).lower()}"
    word = "caption" if limits.media_min else "text"
    parts = [
        f"{word} up to {limits.text_max:,}" if limits.text_max else f"{word} of any length",
        _media(limits.media_min),
    ]
    if limits.text_min:
        parts.append("a row without content posts its title")
    return ", ".join(parts)


def _media(least: int) -> str:
    """Say what has to be added to the posts of a row before they go out."""
    if not least:
        return "no picture or video needed"
    what = "a picture or video" if least == 1 else f"{least} pictures or videos"
    return f"{what} to be added to each post in the calendar"


def _ask_channel(platform: Platform, channels: Sequence[ChannelView]) -> str | None:
    """Say where posts on a platform go; asked where there are several channels."""
    if not channels:
        st.caption(":material/inbox: No channel yet: its posts need one before the planner can place them.")
        return None
    if len(channels) == 1:
        st.caption(f":material/hub: Posts go to {plain(channels[0].name)}.")
        return None
    names: Mapping[str, str] = {channel.id: channel.name for channel in channels}
    kept = draft().settings.channels.get(platform.id)
    chosen: str | None = st.selectbox(
        f"Channel on {platform.name}",
        list(names),
        None,
        format_func=names.__getitem__,
        key=seeded(f"channel_{platform.id}", kept if kept in names else None),
        placeholder="Choose one of several",
    )
    return chosen
