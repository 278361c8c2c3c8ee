"""Explanations: any recommendation ever given out can be looked at again, from what is known today."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned_posts import MONDAY_NOON, StandingClock, post
from told_posts import evenings, tell

from core.errors import NotFound
from core.services.calendars import schedule_item
from core.services.channels import ChannelDraft, ChannelView, add_channel, edit_channel
from core.services.context import Context
from core.services.explanations import explain_recommendation
from core.services.recommendations import RecommendationRequest, RecommendationView, recommend
from core.services.slot_ids import SlotId, read_slot_id, write_slot_id
from core.services.workspaces import read_revision
from core.vocabulary import Basis, ChannelKind, ContentFormat

DAY = timedelta(days=1)


def first(ctx: Context, channel: ChannelView, **wanted: object) -> RecommendationView:
    (advice,) = recommend(ctx, replace(RecommendationRequest((channel.id,)), **wanted))  # type: ignore[arg-type]
    return advice.slots[0]


def test_an_explanation_gives_the_recommendation_its_shares_and_the_newest_posts_behind_it(
    ctx: Context, linkedin: ChannelView
) -> None:
    tell(ctx, linkedin.id, evenings(20))
    best = first(ctx, linkedin)
    found = explain_recommendation(ctx, best.id)
    assert found.recommendation == best
    assert (found.has_learned_since, found.is_open) == (False, True)
    shares = found.influence
    assert shares.own + shares.neighbours + shares.elsewhere + shares.prior == pytest.approx(1)
    assert shares.own > 0
    assert found.baseline_name == "Published research"
    assert found.finding.startswith("Timing matters here: the best-timed quarter of your 279 posts")
    assert len(found.newest) == min(best.own_posts, 10)
    stamps = [one.published_at for one in found.newest]
    assert stamps == sorted(stamps, reverse=True)  # type: ignore[type-var]
    assert {one.engagement for one in found.newest} <= {99.0 * (1 + tenth / 10) for tenth in range(5)}


def test_looking_at_an_explanation_writes_nothing(ctx: Context, linkedin: ChannelView) -> None:
    best = first(ctx, linkedin)
    before = read_revision(ctx)
    explain_recommendation(ctx, best.id)
    assert read_revision(ctx) == before


def test_an_old_id_is_explained_by_what_is_known_since_and_says_so(
    ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    before = first(ctx, linkedin, content_format=ContentFormat.IMAGE)
    assert before.basis is Basis.BASELINE
    tell(ctx, linkedin.id, evenings(20))
    clock.move(30 * DAY)
    found = explain_recommendation(ctx, before.id)
    assert (found.has_learned_since, found.is_open) == (True, False)
    now = found.recommendation
    assert (now.window_start, now.content_format) == (before.window_start, ContentFormat.IMAGE)
    assert (now.basis, now.id == before.id) == (Basis.HISTORY, False)
    assert explain_recommendation(ctx, now.id).has_learned_since is False


def test_a_slot_that_was_taken_in_the_meantime_is_no_longer_open(ctx: Context, linkedin: ChannelView) -> None:
    best = first(ctx, linkedin)
    schedule_item(ctx, post(linkedin, best.window_start))
    assert not explain_recommendation(ctx, best.id).is_open


def test_a_format_is_explained_by_the_posts_its_figures_count(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, [*evenings(20), *evenings(1, ContentFormat.TEXT)])
    for content_format in (ContentFormat.TEXT, ContentFormat.IMAGE):
        best = first(ctx, linkedin, content_format=content_format)
        newest = explain_recommendation(ctx, best.id).newest
        assert len(newest) == min(best.own_posts, 10)
        assert content_format is ContentFormat.TEXT or {one.content_format for one in newest} == {ContentFormat.IMAGE}


def test_a_try_is_explained_as_a_try(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(4))
    (advice,) = recommend(ctx, RecommendationRequest((linkedin.id,), count=10, explore_share=0.5))
    tried = [slot for slot in advice.slots if slot.is_exploration]
    assert len(tried) == 5
    found = explain_recommendation(ctx, tried[0].id)
    assert found.recommendation.is_exploration
    assert found.recommendation == tried[0]


def test_an_id_of_another_workspace_a_removed_channel_or_a_garbled_one_is_not_found(
    ctx: Context, linkedin: ChannelView, stranger: Context
) -> None:
    given_out = first(ctx, linkedin).id
    garbled = given_out.replace("any", "text")
    peer = add_channel(ctx, ChannelDraft("linkedin", "A peer", ChannelKind.OUTBOX, "UTC", is_peer=True))
    of_peer = write_slot_id(replace(read_slot_id(given_out), channel_id=peer.id))
    for where, unknown in ((stranger, given_out), (ctx, garbled), (ctx, "slot_1"), (ctx, ""), (ctx, of_peer)):
        with pytest.raises(NotFound, match="There is no recommendation"):
            explain_recommendation(where, unknown)


def test_a_zone_edited_since_is_explained_at_the_hour_it_is_there_now(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(20))
    best = first(ctx, linkedin)
    edit_channel(ctx, linkedin.id, ChannelDraft("linkedin", "Our page", ChannelKind.OUTBOX, "Asia/Tokyo"))
    found = explain_recommendation(ctx, best.id)
    assert found.has_learned_since
    assert (found.recommendation.timezone, found.recommendation.window_start) == ("Asia/Tokyo", best.window_start)


# --- Ids ---------------------------------------------------------------------------------------------------------

SLOTS = st.builds(
    SlotId,
    channel_id=st.from_regex(r"chan_[0-9a-f]{24}", fullmatch=True),
    content_format=st.none() | st.sampled_from(ContentFormat),
    start=st.integers(0, 10**8).map(lambda minutes: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    is_exploration=st.booleans(),
    version=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
)


@given(SLOTS)
def test_an_id_is_safe_in_an_address_and_says_what_was_put_into_it(slot: SlotId) -> None:
    written = write_slot_id(slot)
    assert read_slot_id(written) == slot
    assert written.startswith("slot_")
    assert written.replace("-", "").replace("_", "").isalnum()
    assert len(written) <= 100


@given(SLOTS, st.data())
def test_an_id_with_one_wrong_or_missing_letter_is_not_found(slot: SlotId, data: st.DataObject) -> None:
    written = write_slot_id(slot)
    at = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(st.sampled_from([letter for letter in "0a9fz-_" if letter != written[at]]))
    for broken in (written[:at] + other + written[at + 1 :], written[:at] + written[at + 1 :], written[:at]):
        with pytest.raises(NotFound):
            read_slot_id(broken)


def test_a_day_ahead_is_another_slot_with_another_id() -> None:
    slot = SlotId("chan_1", None, MONDAY_NOON, is_exploration=False, version="0" * 12)
    others = [
        replace(slot, start=MONDAY_NOON + DAY),
        replace(slot, is_exploration=True),
        replace(slot, content_format=ContentFormat.TEXT),
        replace(slot, version="1" * 12),
    ]
    assert len({write_slot_id(one) for one in (slot, *others)}) == 5
