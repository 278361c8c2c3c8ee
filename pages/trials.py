"""Trials of timing: what one could see, how it runs, what it shows, and what is decided."""

import streamlit as st

from core.ui import trial_design, trial_list, trial_observed, trial_one
from core.ui.compose import compose_button
from core.ui.shell import page_head

with page_head("Trials"):
    if st.query_params.get(trial_list.TRIAL) is None:
        trial_list.offer_new()
    compose_button()
match st.query_params.get(trial_list.TRIAL):
    case None:
        if trial_observed.choose_view() == trial_observed.OBSERVED:
            trial_observed.show_observed()
        else:
            trial_list.show_trials()
    case trial_list.NEW:
        trial_design.show_new()
    case trial_id:
        trial_one.show_one(trial_id)
