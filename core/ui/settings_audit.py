"""The audit log as a table."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar.zones import to_wall
from core.services.audit import AuditView, list_audit
from core.ui.blanks import nothing_yet
from core.ui.queries import ask
from core.ui.state import workspace
from core.ui.wording import plain

PER_PAGE = 25
NEWEST = 1000

SUBJECTS = {"exception": "blackout window", "preference": "preferences", "api_key": "API key"}
"""Kinds that people call otherwise than the log does."""


def show_audit() -> None:
    """Draw the newest lines, a page at a time."""
    lines = ask(list_audit, NEWEST)
    if not lines:
        nothing_yet(
            ":material/history:", "Nothing was changed yet", "Every change is written down here: who, when, what."
        )
        return
    table = st.container()
    pages = -(-len(lines) // PER_PAGE)
    page = st.pagination(pages, key="audit_page") if pages > 1 else 1
    _table(table, lines[(page - 1) * PER_PAGE : page * PER_PAGE])
    if len(lines) == NEWEST:
        st.caption(f"These are the newest {NEWEST} lines; an export of the workspace has all of them.")


def _table(place: Any, lines: tuple[AuditView, ...]) -> None:
    zone = workspace().timezone
    rows = [
        {
            "When": to_wall(line.at, zone),
            "Who": line.actor,
            "What": f"{line.action} {SUBJECTS.get(line.subject_kind, line.subject_kind)}".capitalize(),
            "Which": line.subject_id,
            "Detail": _detail(line.detail),
        }
        for line in lines
    ]
    place.caption(f"Newest first; times in {plain(zone)}.")
    place.dataframe(
        pd.DataFrame(rows),
        height="content",
        hide_index=True,
        alt="Changes of this workspace, newest first",
        column_config={"When": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm:ss")},
    )


def _detail(detail: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in detail.items()
    )
