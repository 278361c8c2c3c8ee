"""Open slots on screen: planned from a frequency or fixed times, shown apart, written, removed, repeated."""

from datetime import UTC, datetime, time, timedelta

from posts_on_screen import a_channel, a_post, in_days
from screens import Open, words
from streamlit.testing.v1 import AppTest

from core.calendar.recurrence import Recurrence
from core.services.calendars import list_calendars
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import ItemView, Leeway, edit_of
from core.services.items import find_item, list_items
from core.services.open_slots import add_slots, propose_slots
from core.services.preferences import PreferenceView, save_preference
from core.services.slot_views import FixedTimes, WeekOfSlots
from core.ui.calendar_events import item_events
from core.ui.calendar_planning import meaning
from core.ui.calendar_slots_table import remark, shortfall
from core.ui.dialogs import Opened
from core.vocabulary import ItemState

CALENDAR, DASHBOARD = "content_calendar.py", "dashboard.py"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_slot(ctx: Context, days: int = 1) -> ItemView:
    """Add an open slot at noon of the day that many days ahead."""
    day = in_days(days).date()
    rule = Recurrence(frozenset({day.weekday()}), time(12), day, count=1)
    (item,) = add_slots(ctx, propose_slots(ctx, FixedTimes((a_channel(ctx, zone="UTC").id,), rule)))
    return item


def opened_dialog(open_page: Open, name: str, item_id: str = "", file: str = CALENDAR) -> AppTest:
    page = open_page(file)
    page.session_state["open_dialog"] = Opened(name, item_id)
    return page.run()


# --- Planning ----------------------------------------------------------------------------------------------------


def test_slots_are_planned_from_the_preferences_and_can_be_taken_back(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    save_preference(ctx, PreferenceView("linkedin", "UTC", 2, 4))
    page = open_page(CALENDAR)
    page.button(key="plan_slots").click().run()
    table = page.dataframe[0].value
    assert list(table["Posts a week"]) == [2]
    assert list(table["Comes from"]) == ["Your preference, 2 to 4"]
    page.button(key="slots_find").click().run()
    assert not page.exception
    assert page.button(key="slots_add").label == "Add 8 open slots"
    page.button(key="slots_add").click().run()
    items = list_items(ctx).items
    assert len(items) == 8
    assert all(item.is_open_slot for item in items)
    page.button(key="undo").click().run()
    assert list_items(ctx).total == 0


def test_fixed_times_go_into_a_calendar_of_their_own(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(CALENDAR)
    page.button(key="plan_slots").click().run()
    page.segmented_control(key="slots_way").set_value("Fixed times").run()
    page.button(key="slots_find").click().run()
    assert page.button(key="slots_add").label == "Add 4 open slots"
    page.selectbox(key="slots_calendar").set_value("new").run()
    assert page.button(key="slots_add").disabled
    page.text_input(key="slots_title").set_value("Spring").run()
    page.button(key="slots_add").click().run()
    assert [(each.title, each.counts) for each in list_calendars(ctx)] == [("Spring", {ItemState.PENDING: 4})]


def test_another_request_makes_the_times_found_for_the_last_one_vanish(open_page: Open, ctx: Context) -> None:
    a_channel(ctx)
    page = open_page(CALENDAR)
    page.button(key="plan_slots").click().run()
    page.button(key="slots_find").click().run()
    page.date_input(key="slots_last").set_value(page.date_input(key="slots_last").value + timedelta(days=7)).run()
    assert "slots_add" not in [button.key for button in page.button]
    page.date_input(key="slots_last").set_value(page.date_input(key="slots_first").value - timedelta(days=1)).run()
    assert "The last day is before the first." in words(page)
    assert page.button(key="slots_find").disabled


def test_without_a_channel_the_dialog_leads_to_the_channels(open_page: Open) -> None:
    page = open_page(CALENDAR)
    page.button(key="plan_slots").click().run()
    assert "No channel to plan for" in words(page)


def test_a_week_says_what_it_lacks_and_why_its_number_differs() -> None:
    part = WeekOfSlots("c", "Page", NOW.date(), 5, 3, wanted=1, standing=1, elsewhere=2, added=0)
    assert remark(part) == (
        "Page, week from Mon 2 Mar: 5 days of 7 lie in your dates, so 1 of 3 posts; 2 stand on its other days; "
        "it already has 1, 0 added."
    )
    whole = WeekOfSlots("c", "Page", NOW.date(), 7, 3, wanted=3, standing=0, elsewhere=0, added=1, reason="Full.")
    assert (remark(whole), shortfall(whole)) == (
        "",
        "Page, week from Mon 2 Mar: 2 posts found no place. Full.",
    )


# --- Shown apart -------------------------------------------------------------------------------------------------


def test_an_open_slot_is_called_so_everywhere(open_page: Open, ctx: Context) -> None:
    slot = a_slot(ctx)
    (event,) = item_events([slot], "UTC", 1)
    assert (event["title"], event["classNames"]) == ("Open slot", ["platform-linkedin", "state-open"])
    page = open_page(CALENDAR)
    page = page.segmented_control(key="view").set_value("List").run()
    assert list(page.dataframe[0].value["State"]) == ["Open slot"]
    home = open_page(DASHBOARD)
    assert f"coming_write_post_{slot.id}" in [button.key for button in home.button]


def test_the_dashboard_tells_of_slots_to_write_and_opens_the_first(open_page: Open, ctx: Context) -> None:
    slot = a_slot(ctx)
    page = open_page(DASHBOARD)
    assert "1 open slot until" in words(page)
    assert "write it" in words(page)
    page.button(key=f"unwritten_write_post_{slot.id}").click().run()
    page.text_area(key=f"edit_text_{slot.id}").set_value("Hello").run()
    page.button(key="edit_save").click().run()
    assert find_item(ctx, slot.id).item.state is ItemState.SCHEDULED
    assert "1 open slot until" not in words(page)


# --- Written, removed --------------------------------------------------------------------------------------------


def test_a_slots_dialog_offers_to_write_move_and_remove_it(open_page: Open, ctx: Context) -> None:
    slot = a_slot(ctx)
    page = opened_dialog(open_page, "item", slot.id)
    assert "This slot waits for its post." in words(page)
    offered = [button.label for button in page.button if button.key and button.key.startswith("item_")]
    assert offered == ["Write post", "Move", "Remove"]


def test_writing_the_post_schedules_it_and_without_words_the_slot_stays_open(open_page: Open, ctx: Context) -> None:
    slot = a_slot(ctx)
    page = opened_dialog(open_page, "item_write", slot.id)
    assert page.button(key="edit_save").label == "Keep as open slot"
    page.text_area(key=f"edit_text_{slot.id}").set_value("x" * 3001).run()
    assert page.button(key="edit_save").disabled
    page.text_area(key=f"edit_text_{slot.id}").set_value("Come and see.").run()
    assert page.button(key="edit_save").label == "Schedule post"
    page.button(key="edit_save").click().run()
    item = find_item(ctx, slot.id).item
    assert (item.state, item.text) == (ItemState.SCHEDULED, "Come and see.")


def test_a_removed_slot_can_be_put_back(open_page: Open, ctx: Context) -> None:
    slot = a_slot(ctx)
    page = opened_dialog(open_page, "item", slot.id)
    page.button(key=f"item_remove_{slot.id}").click().run()
    assert list_items(ctx).total == 0
    page.button(key="undo").click().run()
    (again,) = list_items(ctx).items
    assert (again.is_open_slot, again.scheduled_at) == (True, slot.scheduled_at)


# --- What the optimizer may do -----------------------------------------------------------------------------------


def test_priority_and_window_are_set_where_the_post_is_edited(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    page = opened_dialog(open_page, "item_edit", item.id)
    page.slider(key=f"edit_priority_{item.id}").set_value(7)
    page.datetime_input(key=f"edit_low_{item.id}").set_value(in_days(1, 9).replace(tzinfo=None)).run()
    assert "but not before" in words(page)
    page.button(key="edit_save").click().run()
    saved = find_item(ctx, item.id).item
    assert (saved.priority, saved.leeway) == (7, Leeway(not_before=in_days(1, 9)))


def test_a_post_that_keeps_its_time_says_so(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    page = opened_dialog(open_page, "item_edit", item.id)
    page.toggle(key=f"edit_fixed_{item.id}").set_value(True).run()
    page.button(key="edit_save").click().run()
    assert find_item(ctx, item.id).item.leeway.fixed
    page = opened_dialog(open_page, "item", item.id)
    assert "The optimizer never moves it" in words(page)


def test_a_window_turned_round_is_refused_and_what_was_typed_stays(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    edit_item(ctx, item.id, edit_of(item))
    page = opened_dialog(open_page, "item_edit", item.id)
    page.datetime_input(key=f"edit_low_{item.id}").set_value(in_days(3).replace(tzinfo=None))
    page.datetime_input(key=f"edit_high_{item.id}").set_value(in_days(2).replace(tzinfo=None)).run()
    page.button(key="edit_save").click().run()
    assert "choose a moment after" in words(page)
    assert find_item(ctx, item.id).item.leeway == Leeway()


def test_the_optimizers_leeway_is_one_sentence() -> None:
    day = timedelta(days=1)
    assert meaning(Leeway(), "UTC", NOW) == "The optimizer may move it wherever it is expected to earn more."
    assert meaning(Leeway(not_after=NOW + day), "UTC", NOW) == (
        "The optimizer may move it, but not after Tue 3 Mar, 12:00 · UTC."
    )
    assert meaning(Leeway(not_before=NOW, not_after=NOW + day), "UTC", NOW) == (
        "The optimizer may move it, but not before Mon 2 Mar, 12:00 · UTC and not after Tue 3 Mar, 12:00 · UTC."
    )
    assert meaning(Leeway(fixed=True, not_before=NOW), "UTC", NOW).startswith("The optimizer never moves it")


# --- Repeated ----------------------------------------------------------------------------------------------------


def test_a_post_is_repeated_every_week_and_the_copies_can_be_taken_back(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    page = opened_dialog(open_page, "item_copy", item.id)
    page.segmented_control(key=f"copy_again_{item.id}").set_value("Every week").run()
    assert page.button(key="repeat_save").label == "Schedule 4 copies"
    page.button(key="repeat_save").click().run()
    times = [each.scheduled_at for each in list_items(ctx).items]
    assert times == [in_days(1 + 7 * week) for week in range(5)]
    page.button(key="undo").click().run()
    states = [each.state for each in list_items(ctx).items]
    assert states == [ItemState.SCHEDULED, *[ItemState.CANCELED] * 4]
