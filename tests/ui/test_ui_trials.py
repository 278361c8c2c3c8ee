"""The page of trials: empty, designed, running, decided, undefined, failing."""

from datetime import time
from urllib.parse import parse_qs

import pytest
from posts_on_screen import a_post
from screens import Open, frame, words
from streamlit.testing.v1 import AppTest
from trials_on_screen import FIXED, LATE, a_page, draft_of, past, plan_posts, ran, stopped

from core.services.context import Context
from core.services.preferences import list_preferences
from core.services.trial_assigning import assign_items, list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_drafts import create_trial, find_trial, page_trials
from core.services.trial_moves import start_trial
from core.services.trial_views import DecisionRequest
from core.trials.words import TrialState

APART = {"Mornings": 5.0, "Evenings": 5.6}


def at(trial_id: str, **more: str) -> AppTest:
    """Open the page by the address of a trial."""
    page = frame().run()
    for name, value in {"trial": trial_id, **more}.items():
        page.query_params[name] = value
    return page.switch_page("trials.py").run()


def said(page: AppTest) -> str:
    """Return what the page says, without what keeps Markdown from reading it as its own."""
    return words(page).replace("\\", "").replace("\u2060", "")


# --- Empty and lists ----------------------------------------------------------------------------------------------


def test_without_a_trial_the_page_says_what_will_be_here_and_the_next_step(open_page: Open) -> None:
    page = open_page("trials.py")
    assert not page.exception
    assert page.subheader[0].value == "No trials yet"


def test_without_a_channel_the_assistant_sends_to_the_channels(data_dir: object) -> None:
    page = at("new")
    assert not page.exception
    assert page.subheader[0].value == "A trial needs a channel"


def test_the_list_says_where_each_trial_stands_and_what_it_says(ctx: Context, open_page: Open) -> None:
    channel = a_page(ctx)
    create_trial(ctx, draft_of(channel, name="A draft"))
    ran(ctx, channel, APART)
    page = open_page("trials.py")
    assert not page.exception
    text = said(page)
    assert "Evenings beats Mornings by about" in text
    assert "Nothing happens before it is started." in text
    assert "80 posts drawn" in text


def test_a_trial_that_is_judged_once_is_not_looked_at_by_listing_it(ctx: Context, open_page: Open) -> None:
    trial = ran(ctx, a_page(ctx), APART, **FIXED)
    assert "It is judged once, at its end." in said(open_page("trials.py"))
    assert find_trial(ctx, trial.id).looks == 0


def test_an_address_that_names_no_trial_is_told_so(data_dir: object) -> None:
    page = at("trial_of_nobody")
    assert not page.exception
    assert page.subheader[0].value == "This trial is not here"
