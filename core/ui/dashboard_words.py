"""Lifts, intervals and what they rest on, in the words of the cards."""

from collections.abc import Mapping

from core.services.recommendations import ChannelAdvice, RecommendationView
from core.ui.palette import Colour, platform_name
from core.vocabulary import Basis

_BASES: Mapping[Basis, tuple[str, str, Colour]] = {
    Basis.HISTORY: ("Your data", ":material/insights:", "green"),
    Basis.BLEND: ("Your data and others'", ":material/join_inner:", "blue"),
    Basis.BASELINE: ("No history yet", ":material/menu_book:", "gray"),
}


def signed(lift: float) -> str:
    """Return a lift as `+12 %`, `-3 %` or `0 %`."""
    percent = round(lift * 100)
    return f"{percent:+d} %" if percent else "0 %"


def between(low: float, high: float) -> str:
    """Return an interval of lifts as `-2 % to +9 %`."""
    return f"{signed(low)} to {signed(high)}"


def posts(count: int) -> str:
    """Return `1 post` or `1,200 posts`."""
    return f"{count:,} post{'' if count == 1 else 's'}"


def basis_badge(basis: Basis, behind: int) -> tuple[str, str, Colour]:
    """Return word, icon and colour of what a recommendation rests on, with the posts behind it."""
    word, icon, colour = _BASES[basis]
    return (word if basis is Basis.BASELINE else f"{word} · {posts(behind)}"), icon, colour


def where(advice: ChannelAdvice | RecommendationView) -> str:
    """Return platform and channel: `LinkedIn · Company page`."""
    return f"{platform_name(advice.platform)} · {advice.channel_name}"
