"""Teach Slotwise from what was posted before: a file, its columns, what it holds, and the import."""

import streamlit as st

from core.ui import imports_check, imports_file, imports_progress, imports_run
from core.ui.blanks import nothing_yet
from core.ui.compose import compose_button
from core.ui.shell import page_head
from core.ui.state import workspace
from core.ui.zones import zone_select

with page_head("Import history"):
    compose_button()
st.caption("Nothing is stored before you say so, and the file stays on this machine.")
chosen = imports_file.choose_file()
if chosen is None:
    nothing_yet(
        ":material/upload_file:",
        "Slotwise learns from what you posted",
        "Give it an export with a row per post: when it went out, and what it earned (views, likes, comments …). "
        "CSV, Excel, OpenDocument and Parquet are read as they are; the columns are recognized.",
    )
else:
    st.subheader("What the columns mean", anchor=False)
    mapping = imports_file.map_columns(chosen)
    zone = zone_select(
        "Time zone of stamps that name none", workspace().timezone, "import_zone", "Stamps with an offset keep theirs."
    )
    st.subheader("What the file holds", anchor=False)
    run = imports_check.check_file(chosen, mapping, imports_check.reading_of(chosen, zone))
    if run and run.questions:
        imports_check.ask_questions(chosen, run)
    elif run:
        imports_check.show_report(chosen, run, zone)
        st.subheader("Import", anchor=False)
        target = imports_run.choose_target(chosen, zone, has_accounts=imports_run.has_accounts(run))
        imports_run.offer_import(chosen, run, target)
imports_progress.show_imports()
