"""The page of trials from their start on: running, ended, decided, undefined, failing, and what was only observed."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from screens import Open
from trials_on_screen import APART, EARLY, FIXED, LATE, a_page, at, draft_of, plan_posts, ran, said, stopped

from core.services.context import Context
from core.services.preferences import list_preferences
from core.services.trial_assigning import list_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_drafts import create_trial, find_trial
from core.services.trial_moves import start_trial
from core.services.trial_views import DecisionRequest
from core.storage.tables import ContentScheduleItem, TrialAssignment
from core.trials.registration import Window
from core.trials.words import TrialState
from core.vocabulary import ContentFormat

# --- Running ------------------------------------------------------------------------------------------------------


def test_a_running_trial_shows_verdict_interval_over_time_effects_and_arms(ctx: Context) -> None:
    trial = ran(ctx, a_page(ctx), APART)
    page = at(trial.id)
    assert not page.exception
    text = said(page)
    assert "Evenings beats Mornings by about" in text
    assert "By now Evenings differs from Mornings:" in text
    assert "Evenings beats Mornings: chance over 99 %" in text
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures == {"Posts drawn": "80 of 80", "Counted": "80", "Waiting": "0", "Missing": "0"}
    arms = page.dataframe[0].value
    assert list(arms["Arm"]) == ["Mornings (control)", "Evenings"]
    assert sum(arms["Counted"]) == 80
    assert len(page.get("plotly_chart")) == 3


def test_the_report_is_offered_as_a_pdf_and_as_a_page(ctx: Context) -> None:
    page = at(ran(ctx, a_page(ctx), APART).id, trial_part="Report")
    assert not page.exception
    assert [button.proto.label for button in page.get("download_button")] == ["Download PDF", "Download HTML"]


def test_before_the_first_post_the_page_says_what_to_do(ctx: Context) -> None:
    trial = start_trial(ctx, create_trial(ctx, draft_of(a_page(ctx))).id)
    page = at(trial.id)
    assert not page.exception
    assert "No post has been drawn yet" in [each.value for each in page.subheader]


def test_planned_posts_are_drawn_and_the_ledger_says_what_each_waits_for(ctx: Context) -> None:
    channel = a_page(ctx)
    trial = start_trial(ctx, create_trial(ctx, draft_of(channel)).id)
    plan_posts(ctx, channel, ctx.now(), 2, 4)
    page = at(trial.id, trial_part="Posts")
    assert page.button(key="trial_join").label == "Draw 8 posts"
    page.button(key="trial_join").click().run()
    assert not page.exception
    units = list_assignments(ctx, trial.id)
    assert {unit.arm for unit in units} == {"Evenings", "Mornings"}
    text = said(page)
    assert "Drew 8 posts" in text
    assert "8 posts drawn, 8 of them wait for their outcome" in text
    assert "The draw was recomputed and agrees." in text
    ledger = page.dataframe[-1].value
    assert list(ledger["Arm"]) == [unit.arm for unit in units]
    assert all(ledger["State"].str.startswith("Waits until "))


def test_posts_that_cannot_join_stay_and_are_named_with_the_reason(ctx: Context) -> None:
    channel = a_page(ctx)
    trial = start_trial(ctx, create_trial(ctx, draft_of(channel)).id)
    plan_posts(ctx, channel, ctx.now(), 1, 20)  # two arms of few hours have no room for so many in a week
    page = at(trial.id, trial_part="Posts")
    page.button(key="trial_join").click().run()
    joined = len(list_assignments(ctx, trial.id))
    assert 0 < joined < 20
    assert f"{20 - joined} posts could not join" in said(page)
    assert "has no free time left" in said(page)


def test_a_trial_that_is_judged_once_is_only_looked_at_when_somebody_insists(ctx: Context) -> None:
    trial = ran(ctx, a_page(ctx), APART, ago=9, **FIXED)
    page = at(trial.id)
    assert "judged once, at its end" in page.info[0].value
    assert find_trial(ctx, trial.id).looks == 0
    page.toggle(key=f"trial_peek_{trial.id}").set_value(True).run()
    assert not page.exception
    assert find_trial(ctx, trial.id).looks == 1
    assert "This trial is judged once: after" in said(page)


def test_what_is_undefined_says_so_and_why(ctx: Context) -> None:
    trial = ran(ctx, a_page(ctx), APART, outcomes=False)
    page = at(trial.id)
    assert not page.exception
    text = said(page)
    assert "The effect is undefined" in text
    assert "The chance to win is undefined" in text
    assert text.count("Undefined: ") >= 2
    assert {metric.label: metric.value for metric in page.metric}["Missing"] == "80"
    assert "nan" not in text.lower().replace("nance", "")


def test_the_ledger_shows_what_is_asked_for_a_page_at_a_time(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ui.trial_posts.PER_PAGE", 50)
    trial = ran(ctx, a_page(ctx), APART)
    moved = list_assignments(ctx, trial.id)[0].item_id
    with ctx.write() as session:
        session.get_one(ContentScheduleItem, moved).published_at = ctx.now()
    page = at(trial.id, trial_part="Posts")
    assert len(page.dataframe[0].value) == 50
    assert "Drawn time · Europe/Berlin" in page.dataframe[0].value
    page.button(key="trial_posts_page_on").click().run()
    assert len(page.dataframe[0].value) == 30
    assert "51 to 80 of 80 posts" in said(page)
    page.pills(key="trial_posts").set_value("Moved").run()
    assert len(page.dataframe[0].value) == 1
    page.pills(key="trial_posts").set_value("Waiting").run()
    assert "No posts match this filter." in said(page)
    page.button(key="clear_trial_posts").click().run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 50


def test_figures_that_cannot_be_judged_say_so_beneath_what_is_wrong_with_them(ctx: Context) -> None:
    trial = ran(ctx, a_page(ctx), APART)
    with ctx.write() as session:
        for unit in list_assignments(ctx, trial.id)[:30]:
            session.get_one(ContentScheduleItem, unit.item_id).published_at = unit.slot_at + timedelta(hours=9)
    text = said(at(trial.id))
    assert "Evenings cannot be judged." in text
    assert "· cannot be judged" in text.split("By now Evenings differs from Mornings:")[1].splitlines()[0]
    assert text.index("#### Health") < text.index("By now Evenings differs")


def test_a_forged_ledger_is_told_apart_from_one_that_agrees(ctx: Context) -> None:
    channel = a_page(ctx)
    trial = start_trial(ctx, create_trial(ctx, draft_of(channel)).id)
    (item,) = plan_posts(ctx, channel, ctx.now(), 1, 1)
    at_noon = dict.fromkeys(("planned_at", "slot_at", "assigned_at"), ctx.now())
    with ctx.write() as session:
        session.add(
            TrialAssignment(
                trial_id=trial.id,
                item_id=item,
                channel_id=channel.id,
                content_format=ContentFormat.TEXT,
                block="another",
                number=0,
                arm="Evenings",
                assigned_by="somebody",
                **at_noon,
            )
        )
    page = at(trial.id, trial_part="Posts")
    assert "of the 1 drawn posts are not what the registered seed gives" in page.error[0].value.replace("\\", "")
    assert "recomputed and agrees" not in said(page)


def test_a_failure_of_the_figures_leaves_head_and_other_tabs(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = ran(ctx, a_page(ctx), APART)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the innermost secret")

    monkeypatch.setattr("core.ui.trial_reads.trial_results", broken)
    page = at(trial.id)
    assert not page.exception
    assert "recorded in the log under the reference" in page.error[0].value
    assert "80 posts drawn" in said(page)
    assert page.button(key="trial_stop")


# --- The end ------------------------------------------------------------------------------------------------------


def test_a_trial_is_stopped_with_a_reason_after_asking(ctx: Context) -> None:
    trial = ran(ctx, a_page(ctx), APART)
    page = at(trial.id)
    page.button(key="trial_stop").click().run()
    assert find_trial(ctx, trial.id).state is TrialState.RUNNING
    page.text_input(key="trial_stop_reason").set_value("Clear enough")
    page.button(key="trial_stop_sure").click().run()
    assert not page.exception
    assert find_trial(ctx, trial.id).stop_reason == "Clear enough"
    assert "Clear enough" in said(page)


def test_deciding_says_what_it_sets_and_sets_it(ctx: Context) -> None:
    trial = stopped(ctx, ran(ctx, a_page(ctx), APART))
    page = at(trial.id)
    page.button(key="trial_decide").click().run()
    assert page.button(key="trial_decide_sure").disabled
    page.radio(key="trial_winner").set_value("Evenings").run()
    assert "LinkedIn posts on working days, 16:00 to 22:00 Europe/Berlin." in said(page)
    page.toggle(key="trial_applies").set_value(True).run()
    assert list_preferences(ctx) == ()
    page.button(key="trial_decide_sure").click().run()
    assert not page.exception
    (preference,) = list_preferences(ctx)
    assert (preference.quiet_from, preference.quiet_to, preference.working_days_only) == (time(22), time(16), True)
    assert "Evenings was taken" in said(page)


def test_hours_that_preferences_cannot_hold_are_not_offered_for_them(ctx: Context) -> None:
    split = replace(LATE, windows=(*LATE.windows, Window((5,), time(9), time(12))))
    trial = stopped(ctx, ran(ctx, a_page(ctx), APART, arms=(EARLY, split)))
    page = at(trial.id)
    page.button(key="trial_decide").click().run()
    page.radio(key="trial_winner").set_value("Evenings").run()
    assert "preferences hold the same hours of every day" in said(page)
    assert not [toggle for toggle in page.toggle if toggle.key == "trial_applies"]


def test_a_decided_trial_keeps_the_figures_it_was_decided_on(ctx: Context, open_page: Open) -> None:
    trial = stopped(ctx, ran(ctx, a_page(ctx), APART))
    decide_trial(ctx, trial.id, DecisionRequest(None, "Not now."))
    text = said(at(trial.id))
    assert "No arm was taken" in text
    assert "The figures then said: Evenings beats Mornings" in text
    assert "Not now." in text
    assert "Decided" in said(open_page("trials.py"))


# --- Without a trial ----------------------------------------------------------------------------------------------


def test_what_was_only_observed_stands_apart_and_claims_no_cause(ctx: Context) -> None:
    ran(ctx, a_page(ctx), APART)
    page = at(None, trial_view="Without a trial")
    assert not page.exception
    assert "no trial" in page.warning[0].value
    text = said(page)
    assert "happened to earn" in text
    assert "shows no cause" in text
    assert "On the channel's own clock, Europe/Berlin" in text
    assert "beats" not in text
