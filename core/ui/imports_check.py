"""The second step of an import: what the file holds, what is wrong with it, and what only its owner knows."""

import pandas as pd
import streamlit as st
from polars import selectors

from core.history.columns import ColumnMapping
from core.history.fields import Field
from core.history.reading import Reading
from core.history.survey import Doubt, Question, answered
from core.services.history_dry_run import DryRun, dry_run
from core.ui.failures import refusals
from core.ui.imports_file import LABELS, Chosen
from core.ui.progress import progress_bar
from core.ui.state import house
from core.ui.times import day
from core.ui.wording import counted, plain

_RUN, _ANSWERS = "import_run", "import_answers"


def reading_of(chosen: Chosen, zone: str) -> Reading:
    """Return what has been said so far about the values of this file."""
    reading = Reading(zone)
    for doubt, choice in _answers(chosen).items():
        reading = answered(reading, doubt, choice)
    return reading


def check_file(chosen: Chosen, mapping: ColumnMapping, reading: Reading) -> DryRun | None:
    """Return the dry run of the file, done once for what is said about it; None with the reason said if it fails."""
    asked = (chosen.id, mapping, reading)
    kept: tuple[object, DryRun] | None = st.session_state.get(_RUN)
    if kept and kept[0] == asked:
        return kept[1]
    with refusals(), progress_bar("Checking every row; nothing is stored yet") as tell:
        run = dry_run(chosen.file, mapping, reading, house().now(), tell)
        st.session_state[_RUN] = (asked, run)
        return run
    return None


def ask_questions(chosen: Chosen, run: DryRun) -> None:
    """Draw what the file leaves open, each with what the answers would mean."""
    st.markdown("**The file can be read in more than one way. Which one is meant?**")
    for question in run.questions:
        _ask(chosen, question)


def _ask(chosen: Chosen, question: Question) -> None:
    key = f"doubt_{chosen.id}_{question.doubt}"
    st.radio(
        f"In column {plain(question.column)}, {plain(question.example)} means",
        list(question.choices),
        index=None,
        format_func=question.choices.__getitem__,
        key=key,
        on_change=_answer,
        args=(chosen, question.doubt, key),
    )


def _answer(chosen: Chosen, doubt: Doubt, key: str) -> None:
    st.session_state[_ANSWERS] = (chosen.id, {**_answers(chosen), doubt: st.session_state[key]})


def _answers(chosen: Chosen) -> dict[Doubt, str]:
    file_id, answers = st.session_state.get(_ANSWERS, ("", {}))
    return dict(answers) if file_id == chosen.id else {}


def forget_answers() -> None:
    """Ask everything anew."""
    st.session_state.pop(_ANSWERS, None)


def show_report(chosen: Chosen, run: DryRun, zone: str) -> None:
    """Draw what an import would do."""
    with st.grid(4, min_column_width=140):
        st.metric("Rows read", f"{run.rows_read:,}", border=True)
        st.metric("Posts to import", f"{run.accepted:,}", border=True)
        st.metric("Rows with errors", f"{run.rejected:,}", border=True)
        st.metric("Repeated posts", f"{run.duplicates:,}", border=True, help="Of a post that stands twice, the last.")
    if run.first and run.last:
        st.caption(f"Published {day(run.first, zone)} to {day(run.last, zone)}; times in {plain(zone)}.")
    for note in run.notes:
        st.markdown(f":material/info: {plain(note)}")
    if _answers(chosen):
        st.button("Answer the questions again", icon=":material/undo:", type="tertiary", on_click=forget_answers)
    _show_errors(run)
    _show_duplicates(run)
    _show_sample(run, zone)


def _show_errors(run: DryRun) -> None:
    if not run.errors:
        return
    table = pd.DataFrame([vars(error) for error in run.errors]).rename(columns=str.capitalize)
    with st.expander(counted(run.error_count, "error"), icon=":material/error:", expanded=True):
        st.dataframe(table, hide_index=True, alt="Cells that keep their rows out")
        if run.error_count > len(run.errors):
            st.caption(f"These are the first {len(run.errors):,}.")
        data = table.to_csv(index=False).encode("utf-8-sig")
        st.download_button("Download errors", data, "import-errors.csv", "text/csv", icon=":material/download:")


def _show_duplicates(run: DryRun) -> None:
    if not run.duplicate_posts:
        return
    with st.expander(counted(run.duplicates, "repeated post"), icon=":material/content_copy:"):
        table = pd.DataFrame([vars(each) for each in run.duplicate_posts])
        table.columns = pd.Index(["Id of the post", "First on line", "Again on line"])
        st.dataframe(table, hide_index=True, alt="Posts that stand on two lines")


def _show_sample(run: DryRun, zone: str) -> None:
    names = {column.name: _heading(column.name) for column in run.sample if column.null_count() < run.sample.height}
    if run.sample.is_empty():
        return
    with st.expander("First posts as Slotwise reads them", icon=":material/table_rows:"):
        local = run.sample.select(*names).rename(names)
        local = local.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone(zone))
        st.dataframe(local, hide_index=True, alt="The first accepted rows")


def _heading(column: str) -> str:
    """Return what the screen calls a column of accepted rows (Arrow takes no name with the NUL that marks the line)."""
    return LABELS[Field(column)] if column in LABELS else column.strip("\0").replace("_", " ").capitalize()
