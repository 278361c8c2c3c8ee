"""Items as integrators send them: platforms find their channels, content ids what they stand for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from planned_posts import TUESDAY, linkedin_draft

from core.errors import Invalid
from core.services.calendars import NewCalendar, create_calendar
from core.services.channels import ChannelDraft, ChannelView, add_channel, list_channels
from core.services.context import Context
from core.services.incoming import IncomingItem, Words, resolve_items
from core.services.item_edits import edit_item
from core.services.item_views import ItemView, edit_of
from core.vocabulary import ChannelKind, ContentFormat, ItemState

WORDS = Words("Spring is here", "Come and see.")
LATER = TUESDAY + timedelta(hours=3)


def schedule(ctx: Context, *incoming: IncomingItem) -> tuple[ItemView, ...]:
    return create_calendar(ctx, NewCalendar("Sent by a program", "UTC", resolve_items(ctx, incoming))).items


def test_a_platform_finds_its_only_channel(ctx: Context, linkedin: ChannelView) -> None:
    (item,) = schedule(ctx, IncomingItem("LinkedIn", TUESDAY, "post-1", WORDS))
    assert (item.channel_id, item.external_id, item.title) == (linkedin.id, "post-1", "Spring is here")
    assert (item.state, item.content_format) == (ItemState.SCHEDULED, ContentFormat.TEXT)


def test_a_platform_without_a_channel_gets_one_local_outbox(ctx: Context) -> None:
    items = schedule(ctx, IncomingItem("x", TUESDAY, words=WORDS), IncomingItem("twitter", LATER, words=WORDS))
    (channel,) = list_channels(ctx)
    assert (channel.platform, channel.name, channel.kind) == ("twitter", "X (Twitter) outbox", ChannelKind.OUTBOX)
    assert {item.channel_id for item in items} == {channel.id}


def test_several_channels_of_a_platform_have_to_be_told_apart(ctx: Context, linkedin: ChannelView) -> None:
    other = add_channel(ctx, ChannelDraft("linkedin", "Second page", ChannelKind.OUTBOX, "UTC"))
    with pytest.raises(Invalid) as refused:
        resolve_items(ctx, [IncomingItem("linkedin", TUESDAY, words=WORDS)])
    (problem,) = refused.value.problems
    assert problem.place == "items[0].channel_id"
    assert linkedin.id in problem.message
    assert other.id in problem.message
    (item,) = schedule(ctx, IncomingItem("linkedin", TUESDAY, words=WORDS, channel_id=other.id))
    assert item.channel_id == other.id


def test_every_item_that_cannot_be_placed_is_named(ctx: Context, linkedin: ChannelView, stranger: Context) -> None:
    theirs = add_channel(stranger, linkedin_draft())
    wanted = [
        IncomingItem("myspace", TUESDAY, words=WORDS),
        IncomingItem("linkedin", TUESDAY, words=WORDS),
        IncomingItem("youtube", TUESDAY, words=WORDS, channel_id=linkedin.id),
        IncomingItem("linkedin", TUESDAY, words=WORDS, channel_id=theirs.id),
    ]
    with pytest.raises(Invalid) as refused:
        resolve_items(ctx, wanted)
    assert [(each.place, each.value) for each in refused.value.problems] == [
        ("items[0].platform", "myspace"),
        ("items[2].channel_id", linkedin.id),
        ("items[3].channel_id", theirs.id),
    ]
    assert [channel.id for channel in list_channels(ctx)] == [linkedin.id]


def test_a_content_nobody_knows_yet_keeps_its_time_free(ctx: Context, linkedin: ChannelView) -> None:
    (item,) = schedule(ctx, IncomingItem("linkedin", TUESDAY, "content_123"))
    assert (item.state, item.external_id, item.is_open_slot) == (ItemState.PENDING, "content_123", True)
    written = edit_item(ctx, item.id, replace(edit_of(item), text="Here it is."))
    assert (written.state, written.external_id) == (ItemState.SCHEDULED, "content_123")


def test_items_of_the_same_content_id_share_the_content(ctx: Context, linkedin: ChannelView) -> None:
    (first,) = schedule(ctx, IncomingItem("linkedin", TUESDAY, "launch", WORDS))
    again, same = schedule(
        ctx, IncomingItem("linkedin", LATER, "launch"), IncomingItem("linkedin", LATER, "launch", WORDS)
    )
    assert (again.title, again.state) == ("Spring is here", ItemState.SCHEDULED)
    assert {again.content_id, same.content_id} == {first.content_id}


def test_other_words_under_the_same_content_id_leave_the_first_post_as_it_is(
    ctx: Context, linkedin: ChannelView
) -> None:
    (first,) = schedule(ctx, IncomingItem("linkedin", TUESDAY, "launch", WORDS))
    (second,) = schedule(ctx, IncomingItem("linkedin", LATER, "launch", Words("Summer", "New words.")))
    assert (second.title, second.external_id) == ("Summer", "launch")
    assert second.content_id != first.content_id


def test_a_content_of_another_workspace_is_not_found_by_its_id(
    ctx: Context, stranger: Context, linkedin: ChannelView
) -> None:
    add_channel(stranger, linkedin_draft())
    (theirs,) = schedule(stranger, IncomingItem("linkedin", TUESDAY, "secret", WORDS))
    mine, by_id = schedule(
        ctx, IncomingItem("linkedin", TUESDAY, "secret"), IncomingItem("linkedin", LATER, theirs.content_id)
    )
    assert (mine.title, by_id.title) == ("", "")


def test_words_are_checked_like_those_typed_on_a_page(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid) as refused:
        schedule(ctx, IncomingItem("linkedin", TUESDAY, "long", Words("", "x" * 3001)))
    assert [each.place for each in refused.value.problems] == ["items[0].text"]
