"""The report of a trial: one file that needs nothing else, as a page or as a PDF, to send and to print."""

import streamlit as st

from core.services.trial_report import trial_as_html, trial_as_pdf
from core.services.trial_views import TrialView
from core.ui.charts import title
from core.ui.state import context


def show_report(trial: TrialView) -> None:
    """Offer the report as either file, and say what is in it."""
    ctx = context()
    with st.container(border=True):
        title("A report to send or print")
        st.markdown(
            "The plan with its fingerprint, the verdict, charts, every figure and health finding, the audit of the "
            "draw and the decision. The PDF has A4 pages; the HTML file is one page for a browser. Neither loads "
            "anything from elsewhere."
        )
        with st.container(horizontal=True):
            st.download_button(
                "Download PDF", lambda: trial_as_pdf(ctx, trial.id), f"{trial.id}.pdf", "application/pdf",
                icon=":material/picture_as_pdf:", key="trial_report_pdf", on_click="ignore", type="primary",
            )  # fmt: skip
            st.download_button(
                "Download HTML", lambda: trial_as_html(ctx, trial.id), f"{trial.id}.html", "text/html",
                icon=":material/description:", key="trial_report_html", on_click="ignore",
            )  # fmt: skip
