"""Many posts at once: rows of a sheet, checked, planned and given to the engine in five steps."""

import streamlit as st

from core.ui import (
    batch_connect,
    batch_details,
    batch_done,
    batch_mending,
    batch_output,
    batch_review,
    batch_scheduling,
    batch_steps,
)
from core.ui.batch_words import Step
from core.ui.shell import page_head

SHOW = {
    Step.CONNECT: batch_connect.show_connect,
    Step.OUTPUT: batch_output.show_output,
    Step.DETAILS: batch_details.show_details,
    Step.SCHEDULING: batch_scheduling.show_scheduling,
    Step.REVIEW: batch_review.show_review,
}

with page_head("Batch scheduler"):
    batch_steps.offer_new()
if job_id := st.query_params.get(batch_mending.MEND):
    batch_mending.show_mending(job_id)
else:
    batch_done.show_started()
    batch_steps.show_torn()
    SHOW[batch_steps.step_bar()]()
    batch_steps.step_foot()
