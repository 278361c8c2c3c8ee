"""What is done to texts that do not fit a platform, with every text that is changed by it."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.content.counting import count_text
from core.content.platforms import Platform
from core.services.bulk_rows import piece_for
from core.services.bulk_views import RowDraft
from core.ui.batch_draft import change_settings, draft, rows, seeded
from core.ui.palette import platform_name
from core.ui.state import house
from core.ui.wording import counted

_MOST = 200


def show_adaptation() -> None:
    """Draw the two ways of adapting texts, and what they change."""
    st.subheader("Texts made to fit", anchor=False)
    kept = draft().settings
    shortens = st.toggle("Shorten texts that are too long", key=seeded("shortens", kept.shortens))
    change_settings(shortens=shortens)
    st.caption(
        "Such a text ends after the last whole word that fits, with an ellipsis; links stay whole. "
        f"{_too_long_words(shortens=shortens)}"
    )
    hashtags = st.toggle("Add tags as hashtags", key=seeded("hashtags", kept.hashtags))
    change_settings(hashtags=hashtags)
    st.caption("The row's tags stand below its text, in their order, as far as each fits and is not there already.")
    _show_changed()


def _too_long_words(*, shortens: bool) -> str:
    counts = _too_long()
    if not counts:
        return "" if shortens else "No text is too long now."
    parts = ", ".join(f"{platform_name(name)} {count:,}" for name, count in counts.items())
    return f":orange[:material/warning: Too long as they stand: {parts}.]"


def _too_long() -> Mapping[str, int]:
    """Return how many texts are longer than their platform takes, after what is set here."""
    platforms = house().reference.platforms
    counts: Counter[str] = Counter()
    for row in rows():
        counts.update(name for name in row.platforms if name in platforms and _is_too_long(platforms[name], row))
    return counts


def _is_too_long(platform: Platform, row: RowDraft) -> bool:
    piece = piece_for(row, platform)
    limits = platform.formats.get(piece.content_format)
    if limits is None or not limits.text_max or len(piece.text) * _MOST_WEIGHT <= limits.text_max:
        return False
    return count_text(platform, piece.text) > limits.text_max


_MOST_WEIGHT = 4
"""No letter counts more in any platform's unit: short texts need no counting."""


def _show_changed() -> None:
    changed = [(row, name, text) for row in rows() for name, text in row.texts.items()]
    if not changed:
        return
    with st.expander(f"{counted(len(changed), 'text')} changed", icon=":material/difference:"):
        table = pd.DataFrame(
            [
                {
                    "Line": row.line,
                    "Platform": platform_name(name),
                    "Length": _lengths(name, row.text or row.title, text),
                    "As it is posted": text,
                }
                for row, name, text in changed[:_MOST]
            ]
        )
        st.dataframe(table, hide_index=True, alt="Texts that are changed to fit their platforms")
        if len(changed) > _MOST:
            st.caption(f"The first {_MOST:,} of {counted(len(changed), 'text')}.")


def _lengths(name: str, before: str, after: str) -> str:
    platform = house().reference.platforms[name]
    return f"{count_text(platform, before):,} → {count_text(platform, after):,}"
