"""The fields of a connection: which part of the spreadsheet, for which calendar, how often, with which rights."""

from dataclasses import replace

import streamlit as st

from core.services.calendars import list_calendars
from core.services.sheet_views import ConnectionDraft, SheetCheck
from core.sheets.words import SheetPermission
from core.ui.queries import ask
from core.ui.sheets_words import CONSEQUENCES, EVERY, PERMISSIONS, every_words
from core.ui.zones import zone_names

NAME_LIMIT = 100
_PERMISSION, _ZONE, _MIRRORS = "sheet_permission", "sheet_zone", "sheet_mirrors"
_NEW_CALENDAR, _OF_SHEET, _BY_HAND = "", "", 0


def placed(draft: ConnectionDraft, spreadsheet_id: str) -> ConnectionDraft:
    """Return a draft for the part of a spreadsheet that is chosen at present, as the fields below have it."""
    if spreadsheet_id != draft.spreadsheet_id:
        draft = replace(draft, spreadsheet_id=spreadsheet_id, sheet_name="", range="")
    return replace(
        draft,
        sheet_name=st.session_state.get(_tab_key(draft), draft.sheet_name) or "",
        range=(st.session_state.get(_range_key(draft), draft.range) or "").strip(),
        permissions=st.session_state.get(_PERMISSION, draft.permissions),
        timezone=st.session_state.get(_ZONE, draft.timezone) or None,
        mirrors=st.session_state.get(_MIRRORS, draft.mirrors),
    )


def _tab_key(draft: ConnectionDraft) -> str:
    return f"sheet_tab_{draft.spreadsheet_id}"


def _range_key(draft: ConnectionDraft) -> str:
    return f"sheet_range_{draft.spreadsheet_id}"


def ask_place(draft: ConnectionDraft, check: SheetCheck | None, *, is_fixed: bool) -> ConnectionDraft:
    """Ask for the sheet of the spreadsheet, unless `is_fixed`, and its range."""
    at = check.sheet_name if check else draft.sheet_name
    tabs = check.sheets if check else (at,)
    st.session_state[_tab_key(draft)] = at
    sheet, cells = st.columns(2)
    name: str | None = sheet.selectbox(
        "Sheet",
        tabs,
        format_func=lambda tab: tab or "The first sheet",
        key=_tab_key(draft),
        accept_new_options=check is None,
        disabled=is_fixed,
    )
    st.session_state.setdefault(_range_key(draft), draft.range)
    area = cells.text_input(
        "Range",
        key=_range_key(draft),
        placeholder="Whole sheet",
        help="Leave it empty for the whole sheet, or say which columns or cells: `A:H`, `B3:H500`.",
    )
    return replace(draft, sheet_name=name or at, range=(area or "").strip())


def ask_rest(draft: ConnectionDraft, check: SheetCheck | None) -> ConnectionDraft:
    """Ask for everything else."""
    st.session_state.setdefault(f"sheet_name_{draft.spreadsheet_id}", draft.name or (check.title if check else ""))
    name = st.text_input("Name of the connection", key=f"sheet_name_{draft.spreadsheet_id}", max_chars=NAME_LIMIT)
    draft = replace(
        draft, name=name or "", calendar_id=_calendar(draft), timezone=_zone(draft), every_minutes=_every(draft)
    )
    return _rights(draft)


def _calendar(draft: ConnectionDraft) -> str | None:
    names = {_NEW_CALENDAR: "A new calendar of this name", **{each.id: each.title for each in ask(list_calendars)}}
    ids = list(names)
    chosen: str = st.selectbox(
        "Calendar",
        ids,
        ids.index(draft.calendar_id or _NEW_CALENDAR),
        format_func=names.__getitem__,
        key="sheet_calendar",
        filter_mode="contains",
    )
    return chosen or None


def _zone(draft: ConnectionDraft) -> str | None:
    names = tuple(dict.fromkeys((_OF_SHEET, *((draft.timezone,) if draft.timezone else ()), *zone_names())))
    chosen: str = st.selectbox(
        "Time zone of the times in it",
        names,
        names.index(draft.timezone or _OF_SHEET),
        format_func=lambda name: name or "As set in the spreadsheet",
        key=_ZONE,
        filter_mode="contains",
    )
    return chosen or None


def _every(draft: ConnectionDraft) -> int | None:
    options = list(dict.fromkeys((*EVERY, draft.every_minutes or _BY_HAND)))
    chosen: int = st.selectbox(
        "Sync",
        options,
        options.index(draft.every_minutes or _BY_HAND),
        format_func=lambda minutes: every_words(minutes or None),
        key="sheet_every",
    )
    return chosen or None


def _rights(draft: ConnectionDraft) -> ConnectionDraft:
    kinds = list(SheetPermission)
    chosen = st.radio(
        "What Slotwise may do",
        kinds,
        kinds.index(draft.permissions),
        format_func=PERMISSIONS.__getitem__,
        key=_PERMISSION,
    )
    may = SheetPermission(chosen)
    st.caption(CONSEQUENCES[may])
    reads = may is SheetPermission.READ
    mirrors = st.toggle(
        "Posts planned in Slotwise get rows too",
        draft.mirrors and not reads,
        key=_MIRRORS,
        disabled=reads,
        help="Posts of this calendar that come from elsewhere are written below the last row, each with an id.",
    )
    return replace(draft, permissions=may, mirrors=mirrors and not reads)
