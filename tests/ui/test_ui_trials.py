"""The page of trials until one starts: empty, listed, designed, drafted, not there."""

from dataclasses import replace
from datetime import time, timedelta

from screens import Open
from trials_on_screen import APART, FIXED, a_page, at, draft_of, past, plan_posts, ran, said

from core.services.calendars import list_calendars
from core.services.context import Context
from core.services.trial_drafts import create_trial, find_trial, page_trials
from core.trials.words import DrawUnit, Measure, Strategy, TrialState
from core.ui.trial_reads import PER_PAGE

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


def test_the_list_turns_pages(ctx: Context, open_page: Open) -> None:
    channel = a_page(ctx)
    for number in range(PER_PAGE + 1):
        create_trial(past(ctx, timedelta(hours=PER_PAGE - number)), draft_of(channel, name=f"Trial number {number:02}"))
    page = open_page("trials.py")
    assert not page.exception
    names = [button.label for button in page.button if "Trial number" in button.label]
    assert len(names) == PER_PAGE
    assert f"Trial number {PER_PAGE:02}" in names[0]
    page.button(key="trial_pages_on").click().run()
    assert [button.label for button in page.button if "Trial number" in button.label] == ["**Trial number 00**"]
    assert page.button(key="trial_pages_on").disabled
    page.button(key="trial_pages_back").click().run()
    assert sum("Trial number" in button.label for button in page.button) == PER_PAGE


def test_a_trial_that_is_judged_once_is_not_looked_at_by_listing_it(ctx: Context, open_page: Open) -> None:
    trial = ran(ctx, a_page(ctx), APART, **FIXED)
    assert "It is judged once, at its end." in said(open_page("trials.py"))
    assert find_trial(ctx, trial.id).looks == 0


def test_an_address_that_names_no_trial_is_told_so(data_dir: object) -> None:
    page = at("trial_of_nobody")
    assert not page.exception
    assert page.subheader[0].value == "This trial is not here"


# --- Design and draft ---------------------------------------------------------------------------------------------


def test_the_assistant_is_honest_where_there_is_too_little_history(ctx: Context) -> None:
    a_page(ctx)
    page = at("new")
    assert not page.exception
    text = said(page)
    assert "What 8 weeks would show cannot be told" in text
    assert "There are no posts with an outcome yet." in text
    assert "Import what these channels posted before" in text


def test_where_nothing_was_posted_lately_the_assistant_asks_for_the_pace_and_makes_no_spread_up(ctx: Context) -> None:
    channel = a_page(ctx)
    plan_posts(ctx, channel, ctx.now(), 4, 6)
    page = at("new")
    asked = page.number_input(key="trial_new_pace")
    assert asked.value == 3  # 24 posts in the coming 8 weeks
    asked.set_value(5).run()
    assert not page.exception
    text = said(page)
    assert "8 weeks of 5 posts a week give each arm about 20 posts. What they can show is not known." in text
    assert "no figure is made up" in text
    assert "sees lifts of" not in text
    page.text_input(key="trial_new_name").set_value("By pace")
    page.selectbox(key="trial_new_arm0_strategy").select(Strategy.AS_PLANNED)
    page.button(key="trial_save").click().run()
    ((trial,), _) = page_trials(ctx, 5)
    assert trial.draft.planned_posts == 40


def test_without_a_pace_the_assistant_says_what_is_missing(ctx: Context) -> None:
    a_page(ctx)
    page = at("new")
    assert page.number_input(key="trial_new_pace").value is None
    assert "posted nothing in the past 12 weeks" in said(page)


def test_a_number_of_posts_that_was_laid_down_is_not_asked_for_again_and_can_be_taken_back(ctx: Context) -> None:
    trial = create_trial(ctx, draft_of(a_page(ctx)))
    key = f"trial_{trial.id}_{trial.version}"
    page = at(trial.id, edit="1")
    assert f"{key}_pace" not in [each.key for each in page.number_input]
    page.number_input(key=f"{key}_planned").set_value(None).run()
    page.button(key="trial_save").click().run()
    assert not page.exception
    assert find_trial(ctx, trial.id).draft.planned_posts is None


def test_a_draft_can_keep_to_some_calendars_and_says_so(ctx: Context) -> None:
    channel = a_page(ctx)
    plan_posts(ctx, channel, ctx.now(), 1, 2)
    (calendar,) = list_calendars(ctx)
    trial = create_trial(ctx, draft_of(channel))
    page = at(trial.id, edit="1")
    calendars = page.multiselect(key=f"trial_{trial.id}_{trial.version}_calendars")
    assert calendars.options == ["Spring · 2 posts to go"]
    calendars.set_value([calendar.id]).run()
    page.button(key="trial_save").click().run()
    assert not page.exception
    assert find_trial(ctx, trial.id).draft.calendar_ids == (calendar.id,)
    assert "Calendars: Spring" in said(page)


def test_where_there_is_no_calendar_none_is_asked_for(ctx: Context) -> None:
    a_page(ctx)
    assert "trial_new_calendars" not in [each.key for each in at("new").multiselect]


def test_with_history_the_assistant_says_what_so_many_weeks_can_see(ctx: Context) -> None:
    ran(ctx, a_page(ctx), APART, sd=0.6)
    page = at("new")
    page.selectbox(key="trial_new_measure").select(Measure.ENGAGEMENT).run()
    short = said(page)
    page.number_input(key="trial_new_weeks").set_value(52).run()
    page.toggle(key="trial_simulates").set_value(True).run()
    assert not page.exception
    long = said(page)
    assert "In 8 weeks it sees lifts of +" in short
    assert "In 52 weeks it sees lifts of +" in long
    assert _least(long) < _least(short)
    assert "of simulated trials, drawn from your own posts, find +20 %" in long
    assert "Judging at any look, as allowed for here, takes twice the posts of judging once." in long


def _least(text: str) -> int:
    return int(text.split("it sees lifts of +")[1].split(" %", maxsplit=1)[0])


def test_a_designed_trial_is_saved_as_it_was_typed(ctx: Context) -> None:
    channel = a_page(ctx)
    page = at("new")
    page.text_input(key="trial_new_name").set_value("Late or never")
    page.number_input(key="trial_new_weeks").set_value(6)
    page.number_input(key="trial_new_detect").set_value(35)
    page.selectbox(key="trial_new_arm0_strategy").select(Strategy.AS_PLANNED)
    page.text_input(key="trial_new_arm1_name").set_value("Late")
    page.run()
    page.button(key="trial_new_arm1_more").click().run()
    page.time_input(key="trial_new_arm1_window1_from").set_value(time(6))
    page.time_input(key="trial_new_arm1_window1_until").set_value(time(8))
    page.button(key="trial_save").click().run()
    assert not page.exception
    ((trial,), _) = page_trials(ctx, 5)
    assert page.query_params["trial"] == trial.id
    assert trial.state is TrialState.DRAFT
    assert (trial.draft.name, trial.draft.weeks, trial.draft.detect) == ("Late or never", 6, 0.35)
    assert trial.draft.channel_ids == (channel.id,)
    usual, late = trial.draft.arms
    assert (usual.name, usual.strategy, usual.windows) == ("Usual", Strategy.AS_PLANNED, ())
    assert [(each.starts, each.ends) for each in late.windows] == [(time(18), time(21)), (time(6), time(8))]


def test_whole_days_are_designed_and_saved(ctx: Context) -> None:
    ran(ctx, a_page(ctx), APART, sd=0.6)
    page = at("new")
    page.text_input(key="trial_new_name").set_value("Day by day")
    page.selectbox(key="trial_new_measure").select(Measure.ENGAGEMENT)
    page.segmented_control(key="trial_new_unit").set_value(DrawUnit.DAYS).run()
    assert "A post keeps its day" in said(page)
    assert " days a week, for a judgement" in said(page)
    page.button(key="trial_save").click().run()
    assert not page.exception
    trial = page_trials(ctx, 1)[0][0]
    assert trial.draft.unit is DrawUnit.DAYS
    assert "Chance gives an arm to: whole days" in said(page)


def test_a_plan_that_cannot_be_is_refused_where_it_was_typed(ctx: Context) -> None:
    a_page(ctx)
    page = at("new")
    page.text_input(key="trial_new_arm1_name").set_value("Usual")
    page.button(key="trial_save").click().run()
    assert "give each arm a name of its own" in page.error[0].value.replace("\\", "")
    assert page.text_input(key="trial_new_arm1_name").value == "Usual"
    assert page_trials(ctx, 5)[0] == ()


def test_a_draft_is_edited_without_losing_what_it_was(ctx: Context) -> None:
    trial = create_trial(ctx, draft_of(a_page(ctx)))
    page = at(trial.id)
    page.button(key="trial_edit").click().run()
    page.number_input(key=f"trial_{trial.id}_{trial.version}_weeks").set_value(12).run()
    page.button(key="trial_save").click().run()
    assert not page.exception
    assert find_trial(ctx, trial.id).draft == replace(trial.draft, weeks=12)


def test_starting_says_what_is_frozen_and_shows_the_fingerprint(ctx: Context) -> None:
    trial = create_trial(ctx, draft_of(a_page(ctx)))
    page = at(trial.id)
    page.button(key="trial_start").click().run()
    asked = said(page)
    assert "nothing of this plan can be edited" in asked
    assert "Seed of the draw: kept until the trial is stopped" in asked
    assert find_trial(ctx, trial.id).state is TrialState.DRAFT
    page.button(key="trial_start_sure").click().run()
    assert not page.exception
    started = find_trial(ctx, trial.id)
    assert started.state is TrialState.RUNNING
    plan = at(trial.id, trial_part="Plan")
    assert plan.code[0].value == started.fingerprint
    assert "Nothing of it can be edited" in said(plan)


def test_a_draft_is_thrown_away_only_after_asking(ctx: Context) -> None:
    trial = create_trial(ctx, draft_of(a_page(ctx)))
    page = at(trial.id)
    page.button(key="trial_delete").click().run()
    assert len(page_trials(ctx, 5)[0]) == 1
    page.button(key="trial_delete_sure").click().run()
    assert page_trials(ctx, 5)[0] == ()
    assert page.subheader[0].value == "No trials yet"
