"""The channels page: empty, full, filtered, and every action on it."""

from datetime import timedelta
from pathlib import Path

import pytest
from screens import Open, forget, frame, words

from core.bootstrap import running
from core.services.calendars import schedule_item
from core.services.channels import (
    ChannelDraft,
    add_channel,
    edit_channel,
    find_channel,
    list_channels,
    list_peers,
    reveal_secret,
)
from core.services.context import Context
from core.services.new_items import NewItem
from core.vocabulary import ChannelKind

ADDRESS = {"url": "https://hooks.example/slotwise"}


def outbox(ctx: Context, name: str = "Page", platform: str = "linkedin") -> str:
    return add_channel(ctx, ChannelDraft(platform, name, ChannelKind.OUTBOX, "Europe/Berlin", max_per_week=5)).id


def test_without_channels_the_page_says_what_a_channel_is(open_page: Open) -> None:
    page = open_page("channels.py")
    assert page.subheader[0].value == "No channels yet"
    assert [button.label for button in page.main.button] == ["Add channel", "New post"]


def test_an_outbox_channel_is_added_by_its_name_alone(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    page.button(key="add_channel").click().run()
    assert "Nothing leaves this machine" in words(page)
    page.text_input(key="channel_name").set_value("Company page")
    page.button(key="channel_save").click().run()
    (channel,) = list_channels(ctx)
    assert (channel.name, channel.kind, channel.max_per_day) == ("Company page", ChannelKind.OUTBOX, 3)
    assert "Company page" in words(page)
    assert page.toast[0].value == "Saved Company page"


def test_a_secret_that_nobody_can_read_is_said_and_can_be_drawn_anew(
    open_page: Open, ctx: Context, data_dir: Path
) -> None:
    channel = add_channel(ctx, ChannelDraft("linkedin", "News", ChannelKind.WEBHOOK, "UTC", ADDRESS))
    (data_dir / "secret.key").unlink()
    forget()
    page = open_page("channels.py")
    page.button(key=f"key_{channel.id}").click().run()
    assert "was stored under another secret key" in page.error[0].value
    page.button(key="secret_renew").click().run()
    assert page.code[0].value.startswith("whsec_")
    assert page.code[0].value == reveal_secret(running().context(), channel.id)


def test_a_webhook_channel_shows_its_secret_once_it_is_saved(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    page.button(key="add_channel").click().run()
    page.radio(key="channel_kind").set_value(ChannelKind.WEBHOOK).run()
    page.text_input(key="channel_name").set_value("Newsroom")
    page.text_input(key="channel_url").set_value(ADDRESS["url"])
    page.button(key="channel_save").click().run()
    (channel,) = list_channels(ctx)
    assert channel.settings == ADDRESS
    assert page.code[0].value == reveal_secret(ctx, channel.id)
    assert "webhook-signature" in words(page)
    page.button(key="secret_done").click().run()
    assert not page.code


def test_an_address_that_is_none_is_refused_and_what_was_typed_stays(open_page: Open, ctx: Context) -> None:
    page = open_page("channels.py")
    page.button(key="add_channel").click().run()
    page.radio(key="channel_kind").set_value(ChannelKind.WEBHOOK).run()
    page.text_input(key="channel_name").set_value("Newsroom")
    page.text_input(key="channel_url").set_value("ftp://hooks.example")
    page.button(key="channel_save").click().run()
    assert "starting with https" in page.error[0].value
    assert page.text_input(key="channel_name").value == "Newsroom"
    assert list_channels(ctx) == ()


def test_editing_changes_what_was_edited_and_nothing_else(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    page.button(key=f"edit_{channel_id}").click().run()
    page.number_input(key="channel_gap").set_value(45)
    page.button(key="channel_save").click().run()
    channel = find_channel(ctx, channel_id)
    assert (channel.min_gap_minutes, channel.name, channel.timezone, channel.max_per_week) == (
        45,
        "Page",
        "Europe/Berlin",
        5,
    )


def test_an_edit_of_a_channel_that_somebody_changed_meanwhile_is_refused(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    page.button(key=f"edit_{channel_id}").click().run()
    edit_channel(ctx, channel_id, ChannelDraft("linkedin", "Renamed elsewhere", ChannelKind.OUTBOX, "UTC"))
    page.number_input(key="channel_gap").set_value(45)
    page.button(key="channel_save").click().run()
    assert "changed by somebody else" in page.error[0].value
    assert find_channel(ctx, channel_id).name == "Renamed elsewhere"


def test_a_channel_is_switched_off_and_on_again(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    page.button(key=f"flip_{channel_id}").click().run()
    assert not find_channel(ctx, channel_id).active
    assert page.button(key=f"flip_{channel_id}").label == "Switch on"
    page.button(key=f"flip_{channel_id}").click().run()
    assert find_channel(ctx, channel_id).active


def test_switching_an_outdated_card_is_refused_at_the_top_of_the_page(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    edit_channel(ctx, channel_id, ChannelDraft("linkedin", "Renamed", ChannelKind.OUTBOX, "UTC"))
    page.button(key=f"flip_{channel_id}").click().run()
    assert "changed by somebody else" in page.error[0].value
    assert find_channel(ctx, channel_id).active


def test_a_card_says_platform_kind_pace_and_zone(open_page: Open, ctx: Context) -> None:
    outbox(ctx)
    said = words(open_page("channels.py")).replace("\\", "")
    assert "LinkedIn" in said
    assert "stays on this machine" in said
    assert "2 h between posts, at most 3 a day and 5 a week" in said
    assert "Europe/Berlin" in said


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "[x](javascript:alert(1))", ":material/home:", "$x$"])
def test_a_hostile_name_is_shown_as_text(open_page: Open, ctx: Context, name: str) -> None:
    outbox(ctx, name)
    page = open_page("channels.py")
    assert not page.exception
    assert name not in words(page)
    assert name in words(page).replace("\\", "").replace("\u2060", "")


def several(ctx: Context) -> None:
    for name, platform in (("First", "linkedin"), ("Second", "youtube"), ("Third", "linkedin"), ("Fourth", "tiktok")):
        outbox(ctx, name, platform)


def test_the_filter_of_an_address_holds(ctx: Context) -> None:
    several(ctx)
    page = frame()
    page.query_params["channel_platforms"] = "YouTube"
    said = words(page.run().switch_page("channels.py").run())
    assert "Second" in said
    assert "First" not in said


def test_a_filter_that_hides_everything_offers_to_be_cleared(open_page: Open, ctx: Context) -> None:
    several(ctx)
    page = open_page("channels.py")
    page.text_input(key="channel_search").set_value("no such name").run()
    assert "No channels match this filter" in words(page)
    page.button(key="clear_channels").click().run()
    assert "Fourth" in words(page)


def test_many_channels_come_in_pages(open_page: Open, ctx: Context) -> None:
    for number in range(14):
        outbox(ctx, f"Page {number:02}")
    page = open_page("channels.py")
    assert len([button for button in page.button if button.label == "Edit"]) == 12


# --- Peers ---


def peer(ctx: Context, name: str = "Rivals") -> str:
    return add_channel(ctx, ChannelDraft("linkedin", name, ChannelKind.OUTBOX, "Asia/Tokyo", is_peer=True)).id


def test_without_peers_the_page_says_what_they_are_good_for(open_page: Open, ctx: Context) -> None:
    outbox(ctx)
    page = open_page("channels.py")
    assert page.subheader[0].value == "Peers"
    assert "Other accounts whose history sharpens your advice" in words(page)
    assert [link.label for link in page.page_link] == ["Import a peer's history"]


def test_peers_stand_in_a_section_of_their_own_without_pace_or_switch(open_page: Open, ctx: Context) -> None:
    own, other = outbox(ctx), peer(ctx)
    page = open_page("channels.py")
    keys = {button.key for button in page.button}
    assert {f"flip_{own}", f"edit_{other}", f"remove_{other}"} <= keys
    assert not {f"flip_{other}", f"remove_{own}"} & keys
    said = words(page).replace("\\", "")
    assert "Peer · no posts yet" in said
    assert "Asia/Tokyo" in said


def test_a_channel_is_marked_as_a_peer_and_back_in_its_dialog(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    page.button(key=f"edit_{channel_id}").click().run()
    page.toggle(key="channel_peer").set_value(True).run()
    assert "channel_gap" not in {field.key for field in page.number_input}
    page.button(key="channel_save").click().run()
    (marked,) = list_peers(ctx)
    assert (marked.id, marked.max_per_week) == (channel_id, 5)
    page.button(key=f"edit_{channel_id}").click().run()
    page.toggle(key="channel_peer").set_value(False).run()
    page.button(key="channel_save").click().run()
    assert [channel.id for channel in list_channels(ctx)] == [channel_id]


def test_a_channel_with_posts_is_kept_from_becoming_a_peer_and_the_dialog_says_why(
    open_page: Open, ctx: Context
) -> None:
    channel_id = outbox(ctx)
    schedule_item(ctx, NewItem(channel_id, ctx.now() + timedelta(days=1), "Title", "Text"))
    page = open_page("channels.py")
    page.button(key=f"edit_{channel_id}").click().run()
    page.toggle(key="channel_peer").set_value(True).run()
    page.button(key="channel_save").click().run()
    assert "planned or published 1 item here" in page.error[0].value
    assert not find_channel(ctx, channel_id).is_peer


def test_the_exploration_budget_is_kept(open_page: Open, ctx: Context) -> None:
    channel_id = outbox(ctx)
    page = open_page("channels.py")
    page.button(key=f"edit_{channel_id}").click().run()
    assert page.slider(key="channel_exploration").max == 50
    page.slider(key="channel_exploration").set_value(20)
    page.button(key="channel_save").click().run()
    assert find_channel(ctx, channel_id).exploration_percent == 20


def test_a_peer_is_removed_once_that_is_confirmed(open_page: Open, ctx: Context) -> None:
    peer_id = peer(ctx)
    page = open_page("channels.py")
    assert page.subheader[0].value == "No channels yet"
    page.button(key=f"remove_{peer_id}").click().run()
    page.button(key="peer_remove_keep").click().run()
    assert len(list_peers(ctx)) == 1
    page.button(key=f"remove_{peer_id}").click().run()
    page.button(key="peer_remove_save").click().run()
    assert list_peers(ctx) == ()
    assert page.toast[0].value == "Rivals is removed"
    assert not page.exception


def test_many_peers_come_in_pages(open_page: Open, ctx: Context) -> None:
    for number in range(14):
        peer(ctx, f"Rival {number:02}")
    page = open_page("channels.py")
    assert len([button for button in page.button if button.label == "Remove"]) == 12
