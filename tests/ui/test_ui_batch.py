"""The batch scheduler: rows, steps, draft, templates, rules and their tester, the review, and the job."""

from datetime import time
from typing import Any

import pytest
from batch_steps_at_hand import GOOD, HEAD, PAGE, at, named, pasted, said, typed, wall
from screens import Open
from streamlit.testing.v1 import AppTest

from core.services.bulk_jobs import page_jobs, page_rows
from core.services.bulk_templates import list_templates, load_draft, save_draft
from core.services.bulk_views import JobFilter, JobView
from core.services.channels import ChannelDraft, add_channel, list_channels
from core.services.context import Context
from core.services.workspaces import WorkspaceEdit, create_workspace, edit_workspace, find_workspace
from core.vocabulary import ChannelKind, Priority


@pytest.fixture
def page(open_page: Open, ctx: Context) -> AppTest:
    add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.OUTBOX, "UTC"))
    return open_page(PAGE)


def jobs(ctx: Context) -> tuple[JobView, ...]:
    return page_jobs(ctx, JobFilter(), 10)[0]


def led_to(page: AppTest) -> str:
    """Return what tells of the job once it is created: the address of its progress, or what the page says."""
    return f"{page.query_params.get('job')} {' '.join(each.value for each in page.success)}".replace("\\", "")


def with_rule(page: AppTest, rule: dict[str, Any]) -> AppTest:
    """Add a rule by its form."""
    at(page, "Scheduling").button(key="batch_rule_add").click().run()
    key = f"new{len(page.session_state['draft_of_batch'].settings.rules)}"
    page.text_input(key=f"batch_rf_name_{key}").set_value(rule["name"])
    page.time_input(key=f"batch_rf_from_{key}").set_value(rule["from"])
    page.time_input(key=f"batch_rf_to_{key}").set_value(rule["to"]).run()
    return page.button(key="batch_rule_save").click().run()


PEAK = {"name": "Peak hours", "from": time(9), "to": time(17)}
NIGHT = {"name": "Night", "from": time(17), "to": time(9)}


def test_without_rows_the_page_says_what_it_needs_and_nothing_goes_on(page: AppTest) -> None:
    assert "A row per post" in said(page)
    assert page.button(key="batch_next").disabled
    at(page, "Review")
    assert page.subheader[0].value == "Nothing to review yet"


def test_pasted_rows_become_a_job_with_the_way_to_it(page: AppTest, ctx: Context) -> None:
    named(pasted(page, GOOD))
    at(page, "Review")
    assert {metric.label: metric.value for metric in page.metric} == {
        "Rows": "2",
        "Posts": "2",
        "Times chosen for you": "0",
        "Rows that cannot go": "0",
    }
    assert "2 posts on 2 days" in said(page)
    page.button(key="batch_start").click().run()
    assert not page.exception
    (job,) = jobs(ctx)
    rows, _ = page_rows(ctx, job.id, 10)
    assert (job.name, job.state, [row.draft.title for row in rows]) == ("Spring", "queued", ["First", "Second"])
    assert rows[0].priority is Priority.HIGH
    assert job.id in led_to(page)
    assert load_draft(ctx).content is None


def test_a_file_is_read_as_it_is(page: AppTest) -> None:
    page.file_uploader(key="batch_file_0").upload("posts.csv", GOOD.encode()).run()
    assert "2 rows" in said(page)
    assert "posts.csv" in said(page)


def test_rows_of_a_file_without_the_needed_columns_are_refused_with_those_that_are_known(page: AppTest) -> None:
    pasted(page, "name,colour\na,red\n")
    assert not page.exception
    assert "this column is missing" in said(page)
    assert page.button(key="batch_next").disabled


def test_times_are_found_for_rows_that_have_none(page: AppTest, ctx: Context) -> None:
    named(pasted(page, HEAD + "First,linkedin,,,\n"))
    at(page, "Review")
    assert {metric.label: metric.value for metric in page.metric}["Times chosen for you"] == "1"
    shown = [table.value for table in page.dataframe if "Time from" in table.value]
    assert list(shown[0]["Time from"]) == ["The planner"]
    page.button(key="batch_start").click().run()
    (row,), _ = page_rows(ctx, jobs(ctx)[0].id, 10)
    assert row.draft.placed["linkedin"]


def test_bad_cells_are_named_by_column_and_mended_where_they_stand(page: AppTest, ctx: Context) -> None:
    pasted(page, HEAD + "First,linkedin,2020-01-01 09:00,,\nSecond,mybook,2036-03-04 09:00,,urgentt\n")
    wrong = list(page.dataframe[0].value["What is wrong"])
    assert "Scheduled time “2020-01-01 09:00”: has already passed" in wrong[0]
    assert "Platform “mybook”" in wrong[1]
    assert "Priority “urgentt”: use one of low" in wrong[1]
    assert "2 rows cannot go yet" in said(page)
    typed(page, {0: {"Scheduled time": "2036-01-01 09:00"}})
    assert "1 row cannot go yet" in said(page)
    typed(page, {1: {"Platform": "linkedin", "Priority": "urgent"}})
    assert "Every row can go as it is" in said(page)
    at(named(page), "Review").button(key="batch_start").click().run()
    rows, _ = page_rows(ctx, jobs(ctx)[0].id, 10)
    assert [row.draft.platforms for row in rows] == [("linkedin",), ("linkedin",)]


def test_a_row_can_be_left_out(page: AppTest) -> None:
    typed(pasted(page, GOOD), {0: {"Leave out": True}})
    assert list(page.dataframe[0].value["Title"]) == ["Second"]


def test_the_review_names_what_cannot_be_by_line_and_column(page: AppTest, open_page: Open) -> None:
    pasted(
        page,
        HEAD
        + "Past,linkedin,2020-01-01 09:00,,\n"
        + "Never,linkedin,2036-13-01 02:30,,\n"
        + "Where,mybook,2036-03-04 09:00,,\n",
    )
    at(named(page), "Scheduling").number_input(key="batch_concurrent").set_value(0).run()
    assert "Nothing would ever be done" in said(page)
    at(page, "Review")
    faults = next(table.value for table in page.dataframe if "What to do" in table.value)
    assert list(faults["Line"]) == [2, 3, 4]
    assert list(faults["Column"]) == ["Scheduled time", "Scheduled time", "Platform"]
    assert "Rows at once “0”: use 1 to 50" in said(page)
    assert page.button(key="batch_start").disabled
    page.button(key="batch_mend_rows").click().run()
    assert "3 rows cannot go yet" in said(page)


def test_a_time_that_the_clocks_skip_is_explained(ctx: Context, open_page: Open) -> None:
    kept = find_workspace(ctx)
    policy = (kept.lateness_policy, kept.lateness_grace_minutes, kept.max_attempts)
    edit_workspace(ctx, WorkspaceEdit("Berlin", "Europe/Berlin", *policy))
    page = pasted(open_page(PAGE), HEAD + "Gap,linkedin,2036-03-30 02:30,,\n")
    assert "Scheduled time “2036-03-30 02:30”" in page.dataframe[0].value["What is wrong"][0]
    at(named(page), "Review")
    faults = next(table.value for table in page.dataframe if "What to do" in table.value)
    assert (faults["Line"][0], faults["Column"][0]) == (2, "Scheduled time")
    assert page.button(key="batch_start").disabled


def test_an_end_before_the_start_is_found_in_the_review(page: AppTest) -> None:
    pasted(page, GOOD)
    at(named(page), "Scheduling")
    start = next(each for each in page.button_group if each.key == "batch_start_kind")
    start.set_value("later").run()
    page.datetime_input(key="batch_starts_at").set_value(wall(2036, 1, 2, 9)).run()
    page.datetime_input(key="batch_ends_at").set_value(wall(2036, 1, 1, 9)).run()
    assert "not after the start" in said(page)
    at(page, "Review")
    assert "End “2036-01-01 09:00 UTC”: choose a time after the start" in said(page)
    assert page.button(key="batch_start").disabled


def test_a_new_visit_finds_what_was_left(page: AppTest, open_page: Open) -> None:
    at(named(pasted(page, GOOD), "Left behind"), "Scheduling").number_input(key="batch_concurrent").set_value(7).run()
    again = open_page(PAGE)
    assert again.number_input(key="batch_concurrent").value == 7
    assert at(again, "Details").text_input(key="batch_name").value == "Left behind"
    assert "2 rows" in said(at(again, "Connect"))
    again.button(key="batch_anew").click().run()
    assert "A row per post" in said(open_page(PAGE))


def test_going_back_and_forth_keeps_what_was_said(page: AppTest) -> None:
    named(pasted(page, GOOD))
    for _ in range(2):
        page.button(key="batch_back").click().run()
    assert "2 rows" in said(page)
    for _ in range(2):
        page.button(key="batch_next").click().run()
    assert page.text_input(key="batch_name").value == "Spring"


def test_words_typed_just_before_another_step_is_pressed_are_kept(page: AppTest) -> None:
    at(pasted(page, GOOD), "Details").text_input(key="batch_name").set_value("Typed in haste")
    at(page, "Review")  # both come in one run
    assert "Name of the job" not in said(page)
    assert at(page, "Details").text_input(key="batch_name").value == "Typed in haste"


def test_settings_are_kept_as_a_template_and_loaded_again(page: AppTest, ctx: Context) -> None:
    pasted(page, GOOD)
    at(page, "Scheduling").number_input(key="batch_concurrent").set_value(9).run()
    at(page, "Details").text_input(key="batch_template_name").set_value("Weekly").run()
    page.button(key="batch_template_save").click().run()
    assert [each.name for each in list_templates(ctx)] == ["Weekly"]
    at(page, "Scheduling").number_input(key="batch_concurrent").set_value(2).run()
    named(page, "Mine").button(key="batch_template_load").click().run()
    assert page.text_input(key="batch_name").value == "Mine"
    assert at(page, "Scheduling").number_input(key="batch_concurrent").value == 9
    at(page, "Details").button(key="batch_template_delete").click().run()
    assert list_templates(ctx) == ()


def test_rules_that_contradict_each_other_are_named_at_once_and_keep_the_job_from_starting(page: AppTest) -> None:
    pasted(page, GOOD)
    with_rule(page, PEAK)
    assert "Keeps rows out of 09:00–17:00." in said(page)
    assert not page.error
    with_rule(page, NIGHT)
    assert "these rows would never go" in said(page) or "would never go" in said(page)
    at(named(page), "Review")
    assert "would never go" in said(page)
    assert page.button(key="batch_start").disabled
    at(page, "Scheduling").toggle(key="batch_rule_on_rule-2").set_value(False).run()
    assert not page.error
    assert not at(page, "Review").button(key="batch_start").disabled


def test_rules_change_their_order_and_go_away(page: AppTest) -> None:
    with_rule(with_rule(pasted(page, GOOD), PEAK), NIGHT)
    page.button(key="batch_rule_arrow_upward_rule-2").click().run()
    names = [rule["name"] for rule in page.session_state["draft_of_batch"].settings.rules]
    assert names == ["Night", "Peak hours"]
    page.button(key="batch_rule_delete_rule-2").click().run()
    assert "Night" not in said(page)


def test_the_rule_tester_says_what_would_become_of_a_row_and_why(page: AppTest) -> None:
    with_rule(pasted(page, GOOD), PEAK)
    page.datetime_input(key="batch_try_at").set_value(wall(2036, 1, 2, 10)).run()
    assert "It would wait until Wed 2 Jan 2036, 17:00 · UTC" in said(page)
    assert "rule “Peak hours” keeps rows out of 09:00–17:00" in said(page)
    page.datetime_input(key="batch_try_at").set_value(wall(2036, 1, 2, 18)).run()
    assert "It would go at once" in said(page)


def test_rows_without_a_platform_go_where_the_step_output_says(page: AppTest, ctx: Context) -> None:
    pasted(page, "Title,Scheduled Time\nFirst,2036-03-03 09:00\n")
    assert "Platform" in page.dataframe[0].value["What is wrong"][0]
    at(page, "Output")
    pills = next(each for each in page.button_group if each.key == "batch_platforms")
    pills.set_value(["linkedin"]).run()
    at(named(page), "Review").button(key="batch_start").click().run()
    (row,), _ = page_rows(ctx, jobs(ctx)[0].id, 10)
    assert row.draft.scheduled_times == {"linkedin": "2036-03-03 09:00"}


def test_a_platform_without_a_channel_gets_an_outbox_when_somebody_says_so(page: AppTest, ctx: Context) -> None:
    pasted(page, HEAD + "First,facebook,,,\n")
    at(named(page), "Review")
    assert "1 post found no time" in said(page)
    page.button(key="batch_outboxes").click().run()
    assert not page.button(key="batch_start").disabled
    assert "facebook" in {channel.platform for channel in list_channels(ctx)}


def test_several_channels_on_a_platform_are_asked_for(page: AppTest, ctx: Context) -> None:
    second = add_channel(ctx, ChannelDraft("linkedin", "Jobs", ChannelKind.OUTBOX, "UTC"))
    pasted(page, GOOD)
    at(page, "Output").selectbox(key="batch_channel_linkedin").select(second.id).run()
    at(named(page), "Review").button(key="batch_start").click().run()
    rows, _ = page_rows(ctx, jobs(ctx)[0].id, 10)
    assert {row.draft.channel_ids["linkedin"] for row in rows} == {second.id}


def test_a_rule_is_changed_and_its_slips_are_named_in_the_words_of_the_form(page: AppTest) -> None:
    with_rule(pasted(page, GOOD), PEAK)
    page.button(key="batch_rule_edit_rule-1").click().run()
    assert page.text_input(key="batch_rf_name_rule-1").value == "Peak hours"
    assert page.time_input(key="batch_rf_from_rule-1").value == time(9)
    page.time_input(key="batch_rf_to_rule-1").set_value(time(9)).run()
    page.button(key="batch_rule_save").click().run()
    assert "it ends when it starts" in said(page)
    page.time_input(key="batch_rf_to_rule-1").set_value(time(12)).run()
    page.button(key="batch_rule_save").click().run()
    assert "Keeps rows out of 09:00–12:00." in said(page)
    (rule,) = page.session_state["draft_of_batch"].settings.rules
    assert rule["settings"] == {"time_window": "09:00-12:00", "action": "delay"}


def test_rules_by_content_and_by_priority_take_their_own_settings(page: AppTest) -> None:
    at(pasted(page, GOOD), "Scheduling").button(key="batch_rule_add").click().run()
    kind = next(each for each in page.button_group if each.key == "batch_rf_type_new0")
    kind.set_value("content_based").run()
    page.text_input(key="batch_rf_tags_new0").set_value("launch, sale").run()
    page.button(key="batch_rule_save").click().run()
    assert "Puts rows tagged launch or sale first." in said(page)
    page.button(key="batch_rule_add").click().run()
    kind = next(each for each in page.button_group if each.key == "batch_rf_type_new1")
    kind.set_value("priority_based").run()
    page.button(key="batch_rule_save").click().run()
    assert "Puts rows from high on first." in said(page)
    at(named(page), "Review")
    assert "Rules concern 1 row at the start" in [each.label for each in page.expander]


def test_rows_can_become_texts_instead_of_posts(page: AppTest, ctx: Context) -> None:
    pasted(page, "Title,Audience,Tone\nFirst,teachers,warm\n")
    operation = next(each for each in at(page, "Output").button_group if each.key == "batch_operation")
    operation.set_value("generate_content").run()
    assert "template writer" in page.info[0].value
    at(named(page), "Review").button(key="batch_start").click().run()
    (job,) = jobs(ctx)
    (row,), _ = page_rows(ctx, job.id, 10)
    assert (job.operation, row.draft.audience) == ("generate_content", "teachers")


def test_a_job_that_waits_for_a_person_says_so(page: AppTest, ctx: Context) -> None:
    at(named(pasted(page, GOOD)), "Scheduling")
    start = next(each for each in page.button_group if each.key == "batch_start_kind")
    start.set_value("by_hand").run()
    at(page, "Review").button(key="batch_start").click().run()
    assert [job.state for job in jobs(ctx)] == ["pending"]
    assert jobs(ctx)[0].id in led_to(page)


def test_a_start_at_a_time_that_is_not_chosen_keeps_the_job_from_starting(page: AppTest) -> None:
    at(named(pasted(page, GOOD)), "Scheduling")
    next(each for each in page.button_group if each.key == "batch_start_kind").set_value("later").run()
    at(page, "Review")
    assert "Start: no time is set" in said(page)
    assert page.button(key="batch_start").disabled


def test_a_draft_of_another_version_is_left_behind(ctx: Context, open_page: Open) -> None:
    save_draft(ctx, {"step": "Somewhere", "lines": 3})
    page = open_page(PAGE)
    assert not page.exception
    assert "A row per post" in said(page)


def test_every_workspace_has_its_own_draft(page: AppTest, ctx: Context) -> None:
    pasted(page, GOOD)
    other = create_workspace(ctx.db, "Other", "UTC", ctx.now())
    page.run().selectbox(key="workspace_choice").select(other.id).run()
    assert "A row per post" in said(page)
    page.selectbox(key="workspace_choice").select(ctx.workspace).run()
    assert "2 rows" in said(page)


def test_two_tabs_on_one_draft_do_not_lose_edits_unsaid(page: AppTest, open_page: Open) -> None:
    named(pasted(page, GOOD), "From the first")
    other = open_page(PAGE)
    named(other, "From the second")
    page.text_input(key="batch_name").set_value("From the first again").run()
    assert "changed in another tab" in said(page)
    page.button(key="batch_torn_take").click().run()
    assert page.text_input(key="batch_name").value == "From the second"
    assert "changed in another tab" not in said(page)


def test_somebody_may_keep_what_this_tab_shows(page: AppTest, open_page: Open) -> None:
    named(pasted(page, GOOD), "First")
    named(open_page(PAGE), "Second")
    page.text_input(key="batch_name").set_value("Third").run()
    page.button(key="batch_torn_keep").click().run()
    assert "changed in another tab" not in said(page)
    assert open_page(PAGE).text_input(key="batch_name").value == "Third"


def test_a_batch_that_another_tab_started_is_not_brought_back_unsaid(page: AppTest, open_page: Open) -> None:
    named(pasted(page, GOOD))
    other = at(open_page(PAGE), "Review")
    other.button(key="batch_start").click().run()
    page.run().text_input(key="batch_name").set_value("Spring again").run()
    assert "changed in another tab" in said(page)
    page.button(key="batch_torn_take").click().run()
    assert "A row per post" in said(page)


def test_texts_that_are_too_long_are_said_and_shortened_by_the_stated_rule(page: AppTest, ctx: Context) -> None:
    add_channel(ctx, ChannelDraft("twitter", "Our X", ChannelKind.OUTBOX, "UTC"))
    text = "word " * 80
    pasted(page, f"Title,Content,Platform,Scheduled Time,Tags\nLong,{text},x,2036-03-03 09:00,launch\n")
    assert "takes at most 280" in page.dataframe[0].value["What is wrong"][0]
    at(page, "Output")
    assert "Too long as they stand: X (Twitter) 1." in said(page)
    page.toggle(key="batch_shortens").set_value(True).run()
    assert "Too long" not in said(page)
    changed = next(each.value for each in page.dataframe if "As it is posted" in each.value)
    assert changed["As it is posted"][0].endswith("word…")
    at(named(page), "Review")
    assert "charges US\\$0.015 for a post" in " ".join(each.value for each in page.markdown)
    page.button(key="batch_start").click().run()
    (row,), _ = page_rows(ctx, jobs(ctx)[0].id, 10)
    assert row.draft.texts["twitter"].endswith("word…")


def test_tags_are_added_as_hashtags_when_somebody_says_so(page: AppTest) -> None:
    pasted(page, GOOD)
    at(page, "Output").toggle(key="batch_hashtags").set_value(True).run()
    changed = next(each.value for each in page.dataframe if "As it is posted" in each.value)
    assert list(changed["As it is posted"]) == ["First\n\n#launch"]


def test_times_against_the_limits_of_a_channel_are_warned_of_in_the_review(page: AppTest) -> None:
    pasted(page, HEAD + "First,linkedin,2036-03-03 09:00,,\nSecond,linkedin,2036-03-03 09:30,,\n")
    at(named(page), "Review")
    assert "2 rows against the limits of their channels" in [each.label for each in page.expander]
    assert not page.button(key="batch_start").disabled
