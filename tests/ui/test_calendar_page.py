"""The calendar page: views, filters in the address, the list's pages and the dialog of a post."""

from datetime import timedelta

from posts_on_screen import a_channel, a_post, in_days, put_in_state
from screens import Open, frame, words
from streamlit.testing.v1 import AppTest

from core.services.context import Context
from core.services.items import find_item, list_items
from core.ui.dialogs import Opened
from core.vocabulary import ItemState

CALENDAR = "content_calendar.py"


def as_list(open_page: Open) -> AppTest:
    page = open_page(CALENDAR)
    return page.segmented_control(key="view").set_value("List").run()


def test_an_empty_month_says_what_will_be_there(open_page: Open) -> None:
    page = open_page(CALENDAR)
    assert not page.exception
    assert "Nothing is planned here yet" in words(page)


def test_the_month_names_its_zone_and_steps_through_the_year(open_page: Open) -> None:
    page = open_page(CALENDAR)
    here = page.subheader[0].value
    page.button(key="later").click().run()
    assert page.subheader[0].value != here
    assert "UTC" in page.subheader[0].value
    page.button(key="today").click().run()
    assert page.subheader[0].value == here


def test_the_list_shows_posts_in_order_on_the_clocks_of_the_chosen_zone(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx)
    a_post(ctx, channel, "Second", days=4)
    a_post(ctx, channel, "First", days=3)
    page = as_list(open_page)
    table = page.dataframe[0].value
    assert list(table["Post"]) == ["First", "Second"]
    assert list(table["State"]) == ["Scheduled", "Scheduled"]
    assert table["When"][0].hour == 12
    page.selectbox(key="zone").set_value("Asia/Tokyo").run()
    assert page.dataframe[0].value["When"][0].hour == 21


def test_the_list_goes_back_in_time_with_lateness(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx))
    put_in_state(ctx, item, ItemState.PUBLISHED, late=timedelta(minutes=3))
    page = as_list(open_page)
    page.segmented_control(key="order").set_value("Before this day")
    page.date_input(key="day").set_value(in_days(2).date()).run()
    assert list(page.dataframe[0].value["Lateness"]) == ["3 min late"]


def test_the_list_pages_by_fifty(open_page: Open, ctx: Context) -> None:
    channel = a_channel(ctx)
    for number in range(51):
        a_post(ctx, channel, f"Post {number:02}", days=1 + number)
    page = as_list(open_page)
    assert len(page.dataframe[0].value) == 50
    assert "1 to 50 of 51" in words(page)
    page.button(key="list_on").click().run()
    assert list(page.dataframe[0].value["Post"]) == ["Post 50"]
    page.button(key="list_back").click().run()
    assert page.dataframe[0].value["Post"][0] == "Post 00"


def test_a_filter_that_hides_everything_offers_to_clear_itself(open_page: Open, ctx: Context) -> None:
    a_post(ctx, a_channel(ctx), "Coffee")
    page = as_list(open_page)
    page.text_input(key="text").set_value("tea").run()
    assert "No posts match this filter" in words(page)
    page.button(key="clear_list").click().run()
    assert list(page.dataframe[0].value["Post"]) == ["Coffee"]
    assert page.text_input(key="text").value == ""


def test_filters_of_channel_platform_state_and_tag_narrow_the_list(open_page: Open, ctx: Context) -> None:
    page_channel, films = a_channel(ctx), a_channel(ctx, "News", "twitter")
    a_post(ctx, page_channel, "On the page")
    a_post(ctx, films, "In the news")
    page = as_list(open_page)
    page.multiselect(key="platforms").set_value(["twitter"]).run()
    assert list(page.dataframe[0].value["Post"]) == ["In the news"]
    page.multiselect(key="platforms").set_value([])
    page.multiselect(key="channels").set_value([page_channel.id]).run()
    assert list(page.dataframe[0].value["Post"]) == ["On the page"]
    page.multiselect(key="states").set_value([ItemState.FAILED]).run()
    assert "No posts match this filter" in words(page)


def test_an_address_opens_the_view_it_names(ctx: Context) -> None:
    a_post(ctx, a_channel(ctx), "Coffee")
    page = frame()
    page.query_params["view"] = "List"
    page.query_params["text"] = "Coffee"
    page = page.run().switch_page(CALENDAR).run()
    assert not page.exception


def opened_dialog(open_page: Open, name: str, item_id: str) -> AppTest:
    """Open a dialog about an item as a click on the calendar does."""
    page = open_page(CALENDAR)
    page.session_state["open_dialog"] = Opened(name, item_id)
    return page.run()


def test_the_dialog_of_a_post_shows_its_text_as_typed_and_its_history(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx), "<img src=x>")
    page = opened_dialog(open_page, "item", item.id)
    assert page.text[0].value == "Text of <img src=x>"
    assert "Nothing yet: the first attempt" in words(page)
    assert not any(element.allow_html for element in page.markdown)


def test_an_edit_changes_the_text_and_what_is_too_long_cannot_be_saved(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, "News", "twitter"))
    page = opened_dialog(open_page, "item_edit", item.id)
    page.text_area(key=f"edit_text_{item.id}").set_value("x" * 281).run()
    assert page.button(key="edit_save").disabled
    page.text_area(key=f"edit_text_{item.id}").set_value("Better").run()
    page.button(key="edit_save").click().run()
    assert find_item(ctx, item.id).item.text == "Better"


def test_a_copy_goes_out_at_its_own_time(open_page: Open, ctx: Context) -> None:
    item = a_post(ctx, a_channel(ctx, zone="UTC"))
    page = opened_dialog(open_page, "item_copy", item.id)
    page.datetime_input(key=f"copy_{item.id}").set_value(in_days(5).replace(tzinfo=None)).run()
    page.button(key="copy_save").click().run()
    assert [each.scheduled_at for each in list_items(ctx).items] == [in_days(1), in_days(5)]


def test_a_dialog_about_a_post_that_is_gone_says_so(open_page: Open, ctx: Context) -> None:
    page = opened_dialog(open_page, "item", "item_gone")
    assert "There is no item" in words(page)
