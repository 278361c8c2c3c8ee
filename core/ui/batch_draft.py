"""What somebody has filled in of a batch so far: kept for the visit, and as the person's draft for the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from core.errors import StaleEdit
from core.history.reading import DateOrder
from core.services.bulk_sheets import Meaning, SheetLine, rows_of
from core.services.bulk_templates import discard_draft, load_draft, save_draft
from core.services.bulk_views import NewJob, RowDraft, Schedule
from core.ui.batch_settings import Settings, completed_rows
from core.ui.batch_words import FIELDS, Start, Step
from core.ui.state import context, workspace_id

KEY = "batch_"
"""How the keys of all widgets of the scheduler begin."""
_DRAFT, _SAVED, _PLACE, _ROWS = "draft_of_batch", "saved_of_batch", "place_of_batch", "rows_of_batch"
_MEANING, _VERSION, _TORN = "meaning_of_batch", "version_of_batch", "torn_batch"
_HEAVY = 2000
"""A draft of more rows is kept when somebody goes to another step, not at every key."""


@dataclass(frozen=True)
class BatchDraft:
    """One batch on its way: where somebody stands, the lines as they are written, the settings."""

    step: Step = Step.CONNECT
    source: str = ""
    notes: tuple[str, ...] = ()
    lines: tuple[SheetLine, ...] = ()
    date_order: DateOrder | None = None
    settings: Settings = field(default_factory=Settings)


_JSON, _SETTINGS = TypeAdapter(BatchDraft), TypeAdapter(Settings)


def draft() -> BatchDraft:
    """Return the draft of this visit; at its beginning, what the person left."""
    if st.session_state.get(_PLACE) != workspace_id():
        st.session_state[_PLACE] = workspace_id()
        take_kept()
    found: BatchDraft = st.session_state[_DRAFT]
    return found


def take_kept() -> None:
    """Go on with the draft as it was kept last, by whichever tab."""
    forget_widgets()
    left = load_draft(context())
    st.session_state[_DRAFT] = st.session_state[_SAVED] = _read(left.content)
    st.session_state[_VERSION] = left.version
    st.session_state.pop(_TORN, None)


def _read(content: Mapping[str, Any] | None) -> BatchDraft:
    try:
        return _JSON.validate_python(content) if content else BatchDraft()
    except ValidationError:
        return BatchDraft()  # it was left by another version, which asked other things


def change(**values: Any) -> None:
    """Set fields of the draft."""
    st.session_state[_DRAFT] = replace(draft(), **values)


def change_settings(**values: Any) -> None:
    """Set settings of the draft."""
    change(settings=replace(draft().settings, **values))


def keep_draft() -> None:
    """Keep the draft for the next visit where something changed; not over what another tab has kept meanwhile."""
    now, saved = draft(), st.session_state[_SAVED]
    if is_torn() or now == saved:
        return
    if len(now.lines) > _HEAVY and now.step is saved.step and now.lines is saved.lines:
        return
    try:
        _save(now, st.session_state[_VERSION])
    except StaleEdit:
        st.session_state[_TORN] = True
        st.rerun()


def _save(now: BatchDraft, after: int | None) -> None:
    st.session_state[_VERSION] = save_draft(context(), _JSON.dump_python(now, mode="json"), after)
    st.session_state[_SAVED] = now


def is_torn() -> bool:
    """Say whether another tab has changed the draft since this one kept it."""
    return bool(st.session_state.get(_TORN))


def keep_mine() -> None:
    """Keep what this tab shows, in place of what the other one kept."""
    st.session_state.pop(_TORN, None)
    _save(draft(), None)


def start_anew() -> None:
    """Forget everything that was filled in."""
    st.session_state[_VERSION] = discard_draft(context())
    st.session_state.pop(_TORN, None)
    forget_widgets()
    st.session_state[_DRAFT] = st.session_state[_SAVED] = BatchDraft()


def forget_widgets() -> None:
    """Let every field of the scheduler be filled from the draft again."""
    for key in [key for key in st.session_state if str(key).startswith(KEY)]:
        del st.session_state[key]


def seeded(name: str, value: Any) -> str:
    """Return the key of a field, which begins with `value`; fields of a step that was left begin anew."""
    key = f"{KEY}{name}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def as_template(settings: Settings) -> dict[str, Any]:
    """Return what a template keeps: not the name and the times, which are of one job."""
    kept: dict[str, Any] = _SETTINGS.dump_python(
        replace(settings, name="", starts_at=None, ends_at=None), mode="json", exclude_defaults=True
    )
    return {"settings": kept}


def settings_of(content: Mapping[str, Any]) -> Settings | None:
    """Return the settings in a template; None where it was not made here."""
    try:
        return _SETTINGS.validate_python(content["settings"])
    except (KeyError, ValidationError):
        return None


def meaning() -> Meaning:
    """Return what the lines of the draft mean, worked out once for what stands in them."""
    asked = (draft().lines, draft().date_order)
    kept: tuple[Any, Meaning] | None = st.session_state.get(_MEANING)
    if kept is None or kept[0] != asked:
        kept = st.session_state[_MEANING] = (asked, rows_of(asked[0], FIELDS, asked[1]))
    return kept[1]


def rows() -> tuple[RowDraft, ...]:
    """Return the rows that the lines become, worked out once for what decides them."""
    asked = (meaning(), output_of(draft().settings))
    kept: tuple[Any, tuple[RowDraft, ...]] | None = st.session_state.get(_ROWS)
    if kept is None or kept[0][0] is not asked[0] or kept[0][1] != asked[1]:
        found = completed_rows(context(), meaning(), draft().settings)
        kept = st.session_state[_ROWS] = (asked, found)
    return kept[1]


def output_of(chosen: Settings) -> tuple[Any, ...]:
    """Return the settings that decide what becomes of a row."""
    how = (chosen.operation, chosen.shortens, chosen.hashtags)
    return (*how, chosen.platforms, chosen.content_format, chosen.channels, chosen.tags)


def job() -> NewJob:
    """Return the job that the draft describes."""
    chosen, found = draft().settings, rows()
    minutes = chosen.deadline_minutes
    told = {"on_completed": chosen.on_completed.strip(), "on_failed": chosen.on_failed.strip()}
    return NewJob(
        name=chosen.name.strip(),
        operation=chosen.operation,
        rows=found,
        priority=chosen.priority,
        schedule=_schedule(chosen),
        deadline_ms=None if minutes is None else timedelta(minutes=minutes) // timedelta(milliseconds=1),
        callbacks={name: address for name, address in told.items() if address},
        source={"type": "upload", "name": draft().source},
    )


def _schedule(chosen: Settings) -> Schedule:
    return Schedule(
        mode=chosen.mode,
        level=chosen.level,
        start_immediately=chosen.start is Start.NOW,
        starts_at=chosen.starts_at if chosen.start is Start.LATER else None,
        ends_at=chosen.ends_at,
        max_concurrent=chosen.max_concurrent,
        priority_queue=chosen.priority_queue,
        row_order=chosen.row_order,
        rules=chosen.rules,
    )
