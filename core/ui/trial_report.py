"""The report of a trial: one file that needs nothing else, to send and to print."""

import streamlit as st

from core.services.trial_report import trial_as_html
from core.services.trial_views import TrialView
from core.ui.charts import title
from core.ui.state import context


def show_report(trial: TrialView) -> None:
    """Offer the report, and say what is in it."""
    ctx = context()
    with st.container(border=True):
        title("A report to send or print")
        st.markdown(
            "The plan with its fingerprint, the verdict, charts, every figure and health finding, the audit of the "
            "draw and the decision, in one HTML file that loads nothing from elsewhere. For a PDF, print it from a "
            "browser: it is laid out for A4."
        )
        st.download_button(
            "Download the report", lambda: trial_as_html(ctx, trial.id), f"{trial.id}.html", "text/html",
            icon=":material/description:", key="trial_report", on_click="ignore", type="primary",
        )  # fmt: skip
