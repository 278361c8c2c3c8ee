"""The dashboard: empty, full, failing, and every action on it changes the database."""

from datetime import UTC, datetime, timedelta

import pytest
from posts_on_screen import a_channel, a_post, in_days, put_in_state
from screens import Open, words
from sqlalchemy import insert

from core.bootstrap import running
from core.services.calendars import schedule_item
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.items import find_item, list_items
from core.services.moves import cancel_item
from core.services.new_items import NewItem
from core.services.timing import refresh_timing
from core.storage.tables import Channel, ContentScheduleItem, PostOutcome
from core.vocabulary import ChannelKind, ItemState

DASHBOARD = "dashboard.py"


def test_a_first_start_offers_a_sample_an_import_and_a_channel(open_page: Open) -> None:
    page = open_page(DASHBOARD)
    assert not page.exception
    assert [each.value for each in page.main.subheader] == [
        "Load sample history",
        "Import my history",
        "Start without a history",
    ]
    assert "synthetic" in words(page)


@pytest.mark.slow
def test_the_sample_history_loads_with_one_click_and_is_called_synthetic(open_page: Open) -> None:
    page = open_page(DASHBOARD)
    page.button(key="load_sample").click().run(timeout=60)
    assert not page.exception
    assert r"Tidewick Coffee \(synthetic\)" in words(page)
    assert "Best times" in [each.value for each in page.subheader]
    assert "Timing shows no detectable effect" in words(page)


def test_without_posts_every_region_says_what_will_be_there(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    assert page.success[0].value == "Nothing needs you right now."
    assert "Nothing is planned for the next seven days" in words(page)
    assert "Recent results" in words(page)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Going out today"] == "0"
    assert figures["Published this week"] == "0 of 0"
    assert figures["Effect of timing, 30 days"] == "—"


def test_a_suggestion_that_tries_a_rarely_used_hour_is_marked_as_a_try(open_page: Open, ctx: Context) -> None:
    channel = add_channel(ctx, ChannelDraft("linkedin", "Curious", ChannelKind.OUTBOX, "UTC", exploration_percent=50))
    measured = datetime(2026, 6, 1, tzinfo=UTC)
    post = {"channel_id": channel.id, "engagement": 9.0, "measured_at": measured}
    stamps = [measured - timedelta(days=40 + number, hours=-10) for number in range(20)]
    rows = [{**post, "post_id": str(n), "fingerprint": n, "published_at": at} for n, at in enumerate(stamps)]
    with ctx.write() as session:
        session.execute(insert(PostOutcome), rows)
        refresh_timing(session, session.get_one(Channel, channel.id))
    said = words(open_page(DASHBOARD))
    assert "A try" in said
    assert "and it may be the best open hour" in said


def test_what_is_planned_and_what_went_out_is_listed_with_its_lateness(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx)
    a_post(ctx, channel, "Tomorrow's post")
    out = a_post(ctx, channel, "Yesterday's post", days=2)
    put_in_state(ctx, out, ItemState.PUBLISHED, late=timedelta(minutes=3))
    page = open_page(DASHBOARD)
    said = words(page)
    assert "Tomorrow" in said
    assert "on time" not in said
    assert "3 min late" in said
    assert not page.exception


def test_what_somebody_typed_is_never_read_as_markup(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx)
    a_post(ctx, channel, "<script>alert(1)</script> **bold** :smile:")
    page = open_page(DASHBOARD)
    said = words(page)
    assert r"\<script\>alert\(1\)\<\/script\> \*\*bold\*\*" in said
    assert not any(element.allow_html for element in page.markdown)


def test_a_failed_post_says_why_and_is_tried_again(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    put_in_state(ctx, item, ItemState.FAILED, error="The account was signed out.")
    page = open_page(DASHBOARD)
    assert "The account was signed out" in words(page)
    page.button(key=f"attention_retry_{item.id}").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.SCHEDULED


def test_an_unconfirmed_post_that_was_not_there_has_failed(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    put_in_state(ctx, item, ItemState.UNCONFIRMED)
    page = open_page(DASHBOARD)
    page.button(key=f"attention_it_is_not_there_{item.id}").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.FAILED


def test_an_unconfirmed_post_that_was_found_is_published_at_its_address(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    put_in_state(ctx, item, ItemState.UNCONFIRMED)
    page = open_page(DASHBOARD)
    page.button(key=f"attention_it_is_published_{item.id}").click().run()
    page.text_input(key=f"out_{item.id}").set_value("https://example.com/p/1")
    page.button(key="out_save").click().run()
    found = find_item(ctx, item.id).item
    assert (found.state, found.url) == (ItemState.PUBLISHED, "https://example.com/p/1")


@pytest.mark.parametrize(("word", "state"), [("approve", ItemState.SCHEDULED), ("reject", ItemState.REJECTED)])
def test_a_post_that_waits_for_approval_is_approved_or_rejected(
    open_page: Open, ctx: Context, word: str, state: ItemState
) -> None:
    item = schedule_item(ctx, NewItem(a_channel(ctx).id, in_days(1), "Hello", "Text", needs_approval=True))
    page = open_page(DASHBOARD)
    assert "It goes out once somebody approves it" in words(page)
    page.button(key=f"attention_{word}_{item.id}").click().run()
    assert find_item(ctx, item.id).item.state is state


def test_an_overdue_post_can_be_skipped(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    put_in_state(ctx, item, ItemState.SCHEDULED)
    page = open_page(DASHBOARD)
    page.button(key=f"attention_skip_{item.id}").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.SKIPPED
    assert page.success[0].value == "Nothing needs you right now."


def test_canceling_asks_first(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    page = open_page(DASHBOARD)
    page.button(key=f"coming_cancel_{item.id}").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.SCHEDULED
    page.button(key="cancel_save").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.CANCELED
    assert "Nothing is planned for the next seven days" in words(page)


def test_moving_to_another_time_can_be_taken_back(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    page = open_page(DASHBOARD)
    page.button(key=f"coming_move_{item.id}").click().run()
    page.datetime_input(key=f"move_{item.id}").set_value(in_days(3).replace(tzinfo=None)).run()
    page.button(key="move_save").click().run()
    assert find_item(ctx, item.id).item.scheduled_at == in_days(3)
    page.button(key="undo").click().run()
    assert find_item(ctx, item.id).item.scheduled_at == in_days(1)


def test_an_action_on_what_somebody_else_changed_is_refused_in_a_sentence(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    page = open_page(DASHBOARD)
    page.button(key=f"coming_cancel_{item.id}").click().run()
    cancel_item(ctx, item.id)
    page.button(key="cancel_save").click().run()
    assert "changed by somebody else" in page.error[0].value


def test_a_recommended_slot_becomes_a_post_that_remembers_what_it_followed(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx)
    page = open_page(DASHBOARD)
    schedule = next(button for button in page.button if (button.key or "").startswith("schedule_slot"))
    schedule.click().run()
    page.text_area(key="compose_text").set_value("Out at a good hour").run()
    page.button(key="compose_save").click().run()
    assert not page.exception
    (item,) = list_items(ctx).items
    assert (item.channel_id, item.text, item.state) == (channel.id, "Out at a good hour", ItemState.SCHEDULED)
    assert item.recommended_slot_id is not None
    page.button(key="undo").click().run()
    assert find_item(ctx, item.id).item.state is ItemState.CANCELED


def test_why_shows_what_a_recommendation_rests_on(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    next(button for button in page.button if (button.key or "").startswith("why_slot")).click().run()
    assert "not your audience, for there is no history of yours here yet" in words(page)


def test_a_platform_in_the_address_shows_its_slots_only(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    a_channel(ctx, "Films", "youtube")
    page = open_page(DASHBOARD)
    page.pills(key="platform").set_value("youtube").run()
    said = [caption.value for caption in page.caption if "Europe" in str(caption.value)]
    assert any("Films" in each for each in said)
    assert not any("LinkedIn" in each for each in said)


def test_one_text_is_scheduled_on_two_channels_at_once(open_page: Open, ctx: Context) -> None:
    first, second = a_channel(ctx), a_channel(ctx, "News", "twitter")
    page = open_page(DASHBOARD)
    page.button(key="new_post").click().run()
    page.pills(key="compose_channels").set_value([first.id, second.id]).run()
    page.text_area(key="compose_text").set_value("For both").run()
    page.button(key="compose_save").click().run()
    assert {item.channel_id for item in list_items(ctx).items} == {first.id, second.id}


def test_a_text_that_is_too_long_is_refused_beside_the_field_and_stays(open_page: Open, ctx: Context) -> None:
    a_channel(ctx, "News", "twitter")
    page = open_page(DASHBOARD)
    page.button(key="new_post").click().run()
    page.text_area(key="compose_text").set_value("x" * 281).run()
    assert any("takes at most 280" in str(caption.value) for caption in page.caption)
    page.button(key="compose_save").click().run()
    assert list_items(ctx).items == ()
    assert page.text_area(key="compose_text").value == "x" * 281


def test_an_empty_post_is_refused_with_what_is_missing(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    page.button(key="new_post").click().run()
    assert "nothing to publish yet" not in words(page)
    page.button(key="compose_save").click().run()
    assert "nothing to publish yet" in words(page)


def test_a_time_of_ones_own_is_judged_and_its_conflicts_are_named(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx, zone="UTC")
    a_post(ctx, channel, "Already there")
    page = open_page(DASHBOARD)
    page.button(key="new_post").click().run()
    page.segmented_control(key="compose_mode").set_value("Pick a time").run()
    page.datetime_input(key="compose_at").set_value(in_days(1, 13).replace(tzinfo=None)).run()
    assert "the best open slot" in page.progress[0].text
    assert "Already there" in page.warning[0].value


def test_a_draft_survives_closing_the_dialog(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    page.button(key="new_post").click().run()
    page.text_area(key="compose_text").set_value("Half a thought").run()
    del page.session_state["open_dialog"]
    page.run()
    assert not page.text_area
    page.button(key="new_post").click().run()
    assert page.text_area(key="compose_text").value == "Half a thought"
    page.button(key="compose_discard").click().run()
    page.button(key="new_post").click().run()
    assert page.text_area(key="compose_text").value == ""


def test_the_week_is_filled_from_a_grid_and_taken_back_at_once(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    page.button(key="fill_open").click().run()
    assert page.button(key="fill_find").disabled
    page.session_state["fill_grid"] = {
        "edited_rows": {0: {"Text": "First"}, 1: {"Text": "Second"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    page.run()
    page.button(key="fill_find").click().run()
    table = page.dataframe[-1].value
    assert set(table["Post"]) == {"First", "Second"}
    assert all("Europe/Berlin" in when for when in table["When"])
    page.button(key="fill_apply").click().run()
    assert [item.state for item in list_items(ctx).items] == [ItemState.SCHEDULED] * 2
    page.button(key="undo").click().run()
    assert [item.state for item in list_items(ctx).items] == [ItemState.CANCELED] * 2


def test_a_row_that_its_platform_refuses_is_named_by_its_number(open_page: Open, ctx: Context) -> None:
    a_channel(ctx, "News", "twitter")
    page = open_page(DASHBOARD)
    page.button(key="fill_open").click().run()
    page.session_state["fill_grid"] = {
        "edited_rows": {1: {"Text": "x" * 281}},
        "added_rows": [],
        "deleted_rows": [],
    }
    page.run()
    assert "Row 2" in words(page)
    assert page.button(key="fill_find").disabled


def test_a_database_that_breaks_is_said_and_the_frame_stays(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(DASHBOARD)
    with running().db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE content_schedule_items RENAME TO gone")
    with ctx.write():
        pass
    page.run()
    assert page.error
    assert ContentScheduleItem.__tablename__ not in words(page)
