"""What people typed, shown as they typed it."""

import re

from core.bulk.sentences import counted

__all__ = ("counted", "plain", "shortened")

_JOINER = "\u2060"  # WORD JOINER: no width, no line break, no meaning

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_WOKEN_BY_TEXT = re.compile(r"(?<=:)(?=[\w+/-])|(?<=[-<>~])(?=[->=])|(?<=@)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where Streamlit still finds an icon, emoji, arrow or link in text that Markdown already takes as plain."""


def plain(text: str) -> str:
    """Return Markdown that shows `text` on one line exactly as typed: no HTML, link, icon, colour or formula."""
    return _PUNCTUATION.sub(r"\\\1", _JOINER.join(_WOKEN_BY_TEXT.split(" ".join(text.split()))))


def shortened(text: str, limit: int = 80) -> str:
    """Return `text` cut to `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
