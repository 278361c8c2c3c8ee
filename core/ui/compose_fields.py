"""What a post says and where it goes, with every platform's limits beside the field they concern."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.content.counting import count_text
from core.errors import Problem
from core.services.channels import ChannelView, list_channels
from core.services.contents import Piece, platform_problems
from core.ui.palette import platform_name
from core.ui.queries import ask
from core.ui.state import context, house
from core.ui.wording import plain, shortened
from core.vocabulary import ContentFormat

TITLE, TEXT, FORMAT, CHANNELS = "compose_title", "compose_text", "compose_format", "compose_channels"
TITLE_LIMIT, TEXT_LIMIT = 200, 65_000


@dataclass(frozen=True)
class Written:
    """A post as it stands in the form, and what the platforms would not accept of it, by field."""

    piece: Piece
    channels: tuple[ChannelView, ...]
    problems: tuple[Problem, ...]

    def at(self, place: str) -> tuple[str, ...]:
        """Return what is wrong with one field, each said once."""
        return tuple(dict.fromkeys(each.message for each in self.problems if each.place == place))


def active_channels() -> tuple[ChannelView, ...]:
    """Return the channels a post can go to."""
    return tuple(channel for channel in ask(list_channels) if channel.active)


def formats_of(channels: Iterable[ChannelView]) -> list[ContentFormat]:
    """Return the formats that at least one of the channels' platforms takes; all formats where there is none."""
    platforms = house().reference.platforms
    taken = {each for channel in channels for each in platforms[channel.platform].formats}
    return [each for each in ContentFormat if not taken or each in taken]


def format_name(content_format: ContentFormat) -> str:
    """Return a format as people write it: `Video short`."""
    return content_format.replace("_", " ").capitalize()


def ask_channels() -> tuple[ChannelView, ...]:
    """Ask for the channels, as pills; with a single one there is nothing to ask."""
    known = {channel.id: channel for channel in active_channels()}
    st.session_state.setdefault(CHANNELS, list(known) if len(known) == 1 else [])
    chosen: list[str] = st.pills(
        "Channels",
        list(known),
        selection_mode="multi",
        format_func=lambda key: (
            f"{plain(platform_name(known[key].platform))} · {plain(shortened(known[key].name, 30))}"
        ),
        key=CHANNELS,
        persist_state="session",
    )
    return tuple(known[key] for key in chosen if key in known)


def ask_content(channels: Sequence[ChannelView], *, strict: bool) -> Written:
    """Ask for format, title and text; before `strict`, what is still empty is not complained about."""
    formats = formats_of(channels)
    content_format = st.selectbox(
        "Format", formats, _usual(formats), format_func=format_name, key=FORMAT, persist_state="session"
    )
    format_place, title_place = st.empty(), st.container(gap=None)
    title = title_place.text_input(
        "Title",
        max_chars=TITLE_LIMIT,
        key=TITLE,
        persist_state="session",
        help="Where a platform shows none, it is your team's own name for the post.",
    )
    text = st.text_area("Text", height=140, max_chars=TEXT_LIMIT, key=TEXT, persist_state="session")
    piece = Piece(title or "", text or "", content_format or formats[0])
    written = Written(piece, tuple(channels), tuple(_problems(piece, channels, strict=strict)))
    _complain(written.at("content_format"), format_place)
    _complain(written.at("title"), title_place.empty())
    _counters(piece, channels)
    _complain(written.at("text"), st.empty())
    return written


def problems_with(piece: Piece, channels: Iterable[ChannelView]) -> tuple[Problem, ...]:
    """Return everything that keeps a piece from going out on these channels."""
    return tuple(problem for channel in channels for problem in platform_problems(context(), channel.platform, piece))


def show_counters(piece: Piece, platforms: Iterable[str]) -> None:
    """Draw how long the text is on each platform, in its own way of counting, against what it takes."""
    with st.container(horizontal=True, gap="small"):
        for platform_id in dict.fromkeys(platforms):
            platform = house().reference.platforms[platform_id]
            limits = platform.formats.get(piece.content_format)
            count = count_text(platform, piece.text)
            most = limits.text_max if limits else None
            over = most is not None and count > most
            words = f"{platform.name} {count:,}" + (f" / {most:,}" if most is not None else "")
            st.badge(plain(words), icon=":material/error:" if over else None, color="red" if over else "gray")


def _usual(formats: Sequence[ContentFormat]) -> int:
    """Return where the plainest format stands: text, else the first."""
    return formats.index(ContentFormat.TEXT) if ContentFormat.TEXT in formats else 0


def _problems(piece: Piece, channels: Iterable[ChannelView], *, strict: bool) -> Iterable[Problem]:
    for problem in problems_with(piece, channels):
        if strict or problem.value.strip():
            yield problem


def _counters(piece: Piece, channels: Sequence[ChannelView]) -> None:
    if channels:
        show_counters(piece, [channel.platform for channel in channels])


def _complain(messages: Iterable[str], place: "st.delta_generator.DeltaGenerator") -> None:
    """Say below a field what is wrong with it."""
    lines = [f":red[:material/error: {plain(message)}]" for message in messages]
    if lines:
        place.caption("  \n".join(lines))
