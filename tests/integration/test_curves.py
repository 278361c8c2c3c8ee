"""Curves: what a channel learns from its like, from peers and from elsewhere, and what is read for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event
from told_posts import Told, evenings, tell

from core.content.baseline import baseline_week
from core.services.channels import ChannelDraft, ChannelView, add_channel, list_channels, list_peers
from core.services.context import Context
from core.services.curves import fit_channel, fit_channels
from core.services.recommendations import RecommendationRequest, recommend
from core.storage.tables import Channel
from core.timing.curve import WeekCurve
from core.timing.week import CELLS
from core.vocabulary import ChannelKind, ContentFormat

HISTORY = ("post_outcomes", "performance_kpi_events", "timing_tallies")
MORNING, EVENING = range(9, CELLS, 24), range(18, CELLS, 24)
"""The hours of `evenings` in UTC."""


def channel(ctx: Context, name: str, platform: str = "linkedin", *, is_peer: bool = False) -> ChannelView:
    return add_channel(ctx, ChannelDraft(platform, name, ChannelKind.OUTBOX, "UTC", is_peer=is_peer))


def taught(ctx: Context, name: str, platform: str = "linkedin", *, weeks: int = 20, is_peer: bool = False) -> None:
    """Add a channel whose evenings earn five times what its mornings do."""
    tell(ctx, channel(ctx, name, platform, is_peer=is_peer).id, evenings(weeks))


def curve_of(ctx: Context, one: ChannelView, content_format: ContentFormat | None = None) -> WeekCurve:
    with ctx.read() as session:
        return fit_channel(session, ctx, session.get_one(Channel, one.id), content_format)


def advantage(curve: WeekCurve) -> float:
    """Give what evenings are expected to earn more than mornings before any post, in log units."""
    return float(curve.baseline[list(EVENING)].mean() - curve.baseline[list(MORNING)].mean())


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the SQL that is sent within the block."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


# --- Where an expectation comes from ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "peers", "name"),
    [
        (1, 0, "Your other channels"),
        (0, 1, "Your peers' history"),
        (1, 1, "Your other channels and peers"),
    ],
)
def test_a_new_channel_starts_from_what_its_like_know(ctx: Context, own: int, peers: int, name: str) -> None:
    new = channel(ctx, "New")
    for number in range(own + peers):
        taught(ctx, f"Other {number}", is_peer=number >= own)
    curve = curve_of(ctx, new)
    assert curve.baseline_name == name
    assert advantage(curve) > 0.5
    assert curve.mean[list(EVENING)].mean() > curve.mean[list(MORNING)].mean()
    assert (curve.posts, curve.timing_matters) == (0, False)


def test_a_channel_is_not_its_own_like(ctx: Context) -> None:
    """Alone, it starts from published research at its first weight of one half, whatever its own posts say."""
    taught(ctx, "Alone")
    (alone,) = list_channels(ctx)
    curve = curve_of(ctx, alone)
    research = np.array(baseline_week(ctx.reference.baseline, "linkedin", None))
    assert curve.baseline_name == "Published research"
    assert curve.baseline == pytest.approx((research - research.mean()) / 2)


def test_the_teams_channels_elsewhere_teach_less_than_those_of_the_platform(ctx: Context) -> None:
    new, near = channel(ctx, "New"), channel(ctx, "Near", "facebook")
    taught(ctx, "Other", "facebook")
    away = curve_of(ctx, new)
    assert away.baseline_name == "Your channels on other platforms"
    assert 0 < advantage(away) < advantage(curve_of(ctx, near))


def test_peers_on_another_platform_teach_nothing(ctx: Context) -> None:
    new = channel(ctx, "New")
    before = curve_of(ctx, new)
    taught(ctx, "Theirs", "facebook", is_peer=True)
    assert curve_of(ctx, new).baseline == pytest.approx(before.baseline)


def test_another_workspaces_channels_teach_nothing(ctx: Context, stranger: Context) -> None:
    taught(ctx, "Ours")
    assert curve_of(stranger, channel(stranger, "Theirs")).baseline_name == "Published research"


def test_a_peer_is_fitted_like_any_channel_for_whoever_looks_at_it(ctx: Context) -> None:
    taught(ctx, "Theirs", is_peer=True)
    (peer,) = list_peers(ctx)
    assert (curve_of(ctx, peer).posts, curve_of(ctx, peer).timing_matters) == (279, True)


def test_of_many_like_channels_those_with_most_posts_teach(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    new = channel(ctx, "New")
    taught(ctx, "Much")
    alone = curve_of(ctx, new)
    against = channel(ctx, "Little")
    tell(ctx, against.id, [Told(None, 99.0 if cell in MORNING else 19.0, hour_of_week=cell) for cell in range(CELLS)])
    assert advantage(curve_of(ctx, new)) < advantage(alone)
    monkeypatch.setattr("core.services.curves.MOST_LIKE", 1)
    assert curve_of(ctx, new).baseline == pytest.approx(alone.baseline)


# --- Formats ------------------------------------------------------------------------------------------------------


def test_a_format_never_posted_is_timed_by_the_others_and_less_surely(ctx: Context, linkedin: ChannelView) -> None:
    tell(ctx, linkedin.id, evenings(20))
    every, story = curve_of(ctx, linkedin), curve_of(ctx, linkedin, ContentFormat.STORY)
    evening = 24 + 19  # 18:00 UTC in Berlin's winter
    assert 0 < story.mean[evening] <= every.mean[evening] + 0.05
    assert story.sd[evening] > every.sd[evening]
    assert story.posts == every.posts == 279


# --- What is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 30])
def test_all_channels_are_fitted_from_one_query_that_touches_no_post(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Whichever channels are asked about, those that teach are the same."""
    monkeypatch.setattr("core.services.curves.MOST_LIKE", most)
    for number in range(3):
        taught(ctx, f"Page {number}", weeks=6)
    taught(ctx, "Theirs", weeks=6, is_peer=True)
    ids = [each.id for each in list_channels(ctx)]
    with ctx.read() as session:
        rows = [session.get_one(Channel, key) for key in ids]
        with statements() as sent:
            together = fit_channels(session, ctx, rows)
        alone = {row.id: fit_channel(session, ctx, row) for row in rows}
    assert len(sent) == 1
    assert not any(table in sent[0] for table in HISTORY)
    assert list(together) == ids
    for key, curve in together.items():
        assert curve.mean == pytest.approx(alone[key].mean)


def test_recommending_reads_no_post_no_event_and_no_tally(ctx: Context) -> None:
    taught(ctx, "Page", weeks=6)
    with statements() as sent:
        assert recommend(ctx, RecommendationRequest())[0].slots
    assert any("platform_timing_data" in statement for statement in sent)
    assert not any(table in statement for statement in sent for table in HISTORY)
