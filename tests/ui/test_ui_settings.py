"""The settings page: what is saved, what is refused, and what the log says about it."""

from datetime import UTC, datetime, time

import pytest
from screens import Open, frame, words
from streamlit.testing.v1 import AppTest

from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.preferences import PreferenceView, add_blackout, list_exceptions, list_preferences, save_preference
from core.services.workspaces import WorkspaceEdit, edit_workspace, find_workspace
from core.vocabulary import ChannelKind, LatenessPolicy


@pytest.fixture
def berlin(ctx: Context) -> Context:
    """Put the workspace in Berlin, where clocks change."""
    edit_workspace(ctx, WorkspaceEdit("Berlin team", "Europe/Berlin", LatenessPolicy.PUBLISH_LATE, 60, 5))
    return ctx


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def tab(name: str) -> AppTest:
    page = frame()
    page.query_params["settings"] = name
    return page.run().switch_page("settings.py").run()


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_without_preferences_the_page_says_what_applies(open_page: Open) -> None:
    assert "Nothing is set yet" in words(open_page("settings.py"))


def test_preferences_of_one_platform_are_saved(open_page: Open, ctx: Context) -> None:
    page = open_page("settings.py")
    page.button_group(key="preference_platform").set_value("linkedin").run()
    assert "2 to 5 posts a week" in words(page)
    page.selectbox(key="linkedin_zone").select("Europe/Paris")
    page.number_input(key="linkedin_min").set_value(2)
    page.number_input(key="linkedin_max").set_value(4)
    page.time_input(key="linkedin_from").set_value(time(22))
    page.time_input(key="linkedin_to").set_value(time(7))
    page.checkbox(key="linkedin_days").check()
    press(page, "Save preferences")
    assert list_preferences(ctx) == (PreferenceView("linkedin", "Europe/Paris", 2, 4, time(22), time(7), True),)
    assert page.dataframe[0].value.to_dict("records") == [
        {
            "Platform": "LinkedIn",
            "Posts a week": "2 to 4",
            "Quiet hours": "22:00 to 07:00",
            "Days": "Monday to Friday",
            "Time zone": "Europe/Paris",
        }
    ]


def test_one_end_of_the_quiet_hours_is_refused_and_nothing_is_saved(open_page: Open, ctx: Context) -> None:
    page = open_page("settings.py")
    page.time_input(key="youtube_from").set_value(time(22))
    press(page, "Save preferences")
    assert "give both ends" in page.error[0].value
    assert list_preferences(ctx) == ()


def test_saved_preferences_are_in_the_form_again(open_page: Open, ctx: Context) -> None:
    save_preference(ctx, PreferenceView("youtube", "Asia/Tokyo", 1, None, time(1), time(2)))
    page = open_page("settings.py")
    assert page.selectbox(key="youtube_zone").value == "Asia/Tokyo"
    assert page.number_input(key="youtube_min").value == 1
    assert page.number_input(key="youtube_max").value is None
    assert page.time_input(key="youtube_from").value == time(1)


def test_without_blackout_windows_the_tab_says_what_they_are_for(data_dir: object) -> None:
    assert tab("Blackout windows").subheader[0].value == "No blackout windows"


def test_a_blackout_is_added_on_the_clocks_of_the_workspace(berlin: Context) -> None:
    channel = add_channel(berlin, ChannelDraft("linkedin", "Page", ChannelKind.OUTBOX, "Asia/Tokyo"))
    page = press(tab("Blackout windows"), "Add blackout window")
    page.datetime_input(key="blackout_from").set_value(wall("2027-12-24 00:00"))
    page.datetime_input(key="blackout_until").set_value(wall("2027-12-27 00:00"))
    page.selectbox(key="blackout_channel").select(channel.id)
    page.text_input(key="blackout_reason").set_value("Christmas")
    page.run()
    page.button(key="blackout_save").click().run()
    (window,) = list_exceptions(berlin)
    assert window.starts_at == datetime(2027, 12, 23, 23, 0, tzinfo=UTC)
    assert window.ends_at == datetime(2027, 12, 26, 23, 0, tzinfo=UTC)
    assert (window.channel_id, window.reason) == (channel.id, "Christmas")
    assert "Fri 24 Dec 2027, 00:00 to Mon 27 Dec 2027, 00:00" in words(page)


def test_a_time_in_the_gap_is_explained_with_both_clock_readings(berlin: Context) -> None:
    page = press(tab("Blackout windows"), "Add blackout window")
    page.datetime_input(key="blackout_from").set_value(wall("2027-03-28 02:30")).run()
    said = page.error[0].value.replace("\\", "").replace("\u2060", "")
    assert "does not exist in Europe/Berlin" in said
    assert "02:00" in said
    assert "03:00" in said
    assert page.button(key="blackout_save").disabled


def test_a_time_that_happens_twice_asks_which_one(berlin: Context) -> None:
    page = press(tab("Blackout windows"), "Add blackout window")
    page.datetime_input(key="blackout_from").set_value(wall("2027-10-31 02:30")).run()
    page.datetime_input(key="blackout_until").set_value(wall("2027-10-31 04:00")).run()
    page.radio(key="blackout_from_fold").set_value(1).run()
    page.button(key="blackout_save").click().run()
    (window,) = list_exceptions(berlin)
    assert window.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_an_end_before_the_start_is_refused(berlin: Context) -> None:
    page = press(tab("Blackout windows"), "Add blackout window")
    page.datetime_input(key="blackout_from").set_value(wall("2027-12-24 00:00"))
    page.datetime_input(key="blackout_until").set_value(wall("2027-12-23 00:00")).run()
    page.button(key="blackout_save").click().run()
    assert "choose an end after the start" in page.error[0].value
    assert list_exceptions(berlin) == ()


def test_a_removed_window_can_be_taken_back(berlin: Context) -> None:
    starts, ends = datetime(2027, 12, 24, tzinfo=UTC), datetime(2027, 12, 25, tzinfo=UTC)
    window = add_blackout(berlin, starts, ends, "Launch")
    page = tab("Blackout windows")
    page.button(key=f"remove_{window.id}").click().run()
    assert list_exceptions(berlin) == ()
    page.button(key="blackout_undo").click().run()
    (back,) = list_exceptions(berlin)
    assert (back.starts_at, back.ends_at, back.reason) == (starts, ends, "Launch")


def test_past_windows_are_shown_on_request(berlin: Context) -> None:
    add_blackout(berlin, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC), "Long ago")
    page = tab("Blackout windows")
    assert "Long ago" not in words(page)
    page.toggle(key="blackout_past").set_value(True).run()
    assert "Long ago" in words(page)


def test_the_workspace_is_renamed_and_its_policy_changed(data_dir: object, ctx: Context) -> None:
    page = tab("Workspace")
    page.text_input(key="workspace_name").set_value("Lumen & Söhne")
    page.selectbox(key="workspace_zone").select("Europe/Vienna")
    page.selectbox(key="workspace_lateness").select(LatenessPolicy.ASK)
    page.number_input(key="workspace_grace").set_value(15)
    page.number_input(key="workspace_tries").set_value(3)
    press(page, "Save workspace")
    mine = find_workspace(ctx)
    assert (mine.name, mine.timezone) == ("Lumen & Söhne", "Europe/Vienna")
    assert (mine.lateness_policy, mine.lateness_grace_minutes, mine.max_attempts) == (LatenessPolicy.ASK, 15, 3)
    assert page.sidebar.selectbox[0].options == ["Lumen & Söhne"]


def test_a_policy_beyond_its_bounds_is_refused(data_dir: object, ctx: Context) -> None:
    page = tab("Workspace")
    page.number_input(key="workspace_tries").set_value(99)
    press(page, "Save workspace")
    assert "use 1 to 20 tries" in page.error[0].value
    assert find_workspace(ctx).max_attempts != 99


def test_the_audit_log_tells_who_did_what_newest_first(berlin: Context) -> None:
    add_channel(berlin, ChannelDraft("linkedin", "Page", ChannelKind.OUTBOX, "UTC"))
    rows = tab("Audit log").dataframe[0].value
    assert list(rows["What"]) == ["Created channel", "Edited workspace"]
    assert list(rows["Who"]) == ["owner", "owner"]
    assert rows["Detail"][0] == "name: Page, platform: linkedin"


def test_an_untouched_workspace_has_an_empty_log(data_dir: object) -> None:
    assert tab("Audit log").subheader[0].value == "Nothing was changed yet"


def test_a_long_log_comes_in_pages(berlin: Context) -> None:
    for number in range(30):
        edit_workspace(berlin, WorkspaceEdit(f"Team {number}", "UTC", LatenessPolicy.ASK, 1, 1))
    assert len(tab("Audit log").dataframe[0].value) == 25
