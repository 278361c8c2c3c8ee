"""Peers: marked, imported and removed; nothing is planned, advised or posted on them, and nobody counts their posts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from planned_posts import MONDAY_NOON as NOW
from planned_posts import StandingClock, linkedin_draft, post
from publishing_stage import run, worker_of
from sqlalchemy import func
from sqlmodel import select
from told_posts import Told, evenings, tell

from core.bootstrap import Slotwise
from core.errors import Invalid
from core.history.columns import recognize
from core.history.reading import Reading
from core.publishing.recorder import Recorder
from core.services import calendars, conflicts, moves, preferences, week_scores
from core.services.analytics import list_histories
from core.services.channels import (
    ChannelView,
    add_channel,
    edit_channel,
    find_channel,
    list_channels,
    list_peers,
)
from core.services.context import Context
from core.services.dashboard import figures
from core.services.export import export_workspace
from core.services.fill_views import FillDraft, FillRequest
from core.services.filling import propose_fill
from core.services.frequency import frequency_advice
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportReport, ImportRequest, import_history
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.items import find_item
from core.services.peers import peer_posts, remove_peer
from core.services.recommendations import RecommendationRequest, recommend
from core.storage.tables import (
    Channel,
    PerformanceKpiEvent,
    PlatformTimingData,
    PostOutcome,
    ScheduleException,
)
from core.undefined import Undefined
from core.vocabulary import ItemState

SOON = NOW + timedelta(hours=3)
PEER = replace(linkedin_draft(), name="Another page", timezone="Asia/Tokyo", is_peer=True)
CSV = b"account,published_at,likes\nRivals,2026-01-05T10:00:00Z,3\nRivals,2026-01-06T10:00:00Z,5\n"

Refusal = Callable[[Context, ChannelView], object]


@pytest.fixture
def peer(ctx: Context) -> ChannelView:
    return add_channel(ctx, PEER)


def imported(ctx: Context, target: ImportTarget, content: bytes = CSV) -> ImportReport:
    file = open_history(content, "rivals.csv")
    return import_history(ctx, file, ImportRequest(recognize(file.headers), Reading(), target))


def fill_request(drafts: tuple[FillDraft, ...]) -> FillRequest:
    return FillRequest(drafts, NOW, NOW + timedelta(days=2))


# --- What they are ------------------------------------------------------------------------------------------------


def test_peers_are_listed_apart_from_the_teams_own_channels(
    ctx: Context, linkedin: ChannelView, peer: ChannelView
) -> None:
    assert [each.id for each in list_channels(ctx)] == [linkedin.id]
    assert [each.id for each in list_peers(ctx)] == [peer.id]
    assert (linkedin.is_peer, peer.is_peer, peer.timezone) == (False, True, "Asia/Tokyo")


def test_a_channel_without_items_becomes_a_peer_and_one_of_ours_again(ctx: Context, linkedin: ChannelView) -> None:
    marked = edit_channel(ctx, linkedin.id, replace(linkedin_draft(), is_peer=True))
    assert (marked.is_peer, list_channels(ctx)) == (True, ())
    unmarked = edit_channel(ctx, linkedin.id, linkedin_draft())
    assert (unmarked.is_peer, list_peers(ctx)) == (False, ())


def test_a_channel_with_items_does_not_become_a_peer_even_once_they_are_canceled(
    ctx: Context, linkedin: ChannelView
) -> None:
    item = calendars.schedule_item(ctx, post(linkedin, SOON))
    moves.cancel_item(ctx, item.id)
    with pytest.raises(Invalid, match=r"planned or published 1 item here, so it is one of your own"):
        edit_channel(ctx, linkedin.id, replace(linkedin_draft(), is_peer=True))
    assert not find_channel(ctx, linkedin.id).is_peer


@pytest.mark.parametrize(("percent", "fits"), [(0, True), (50, True), (51, False), (-1, False)])
def test_the_exploration_budget_is_at_most_half(ctx: Context, percent: int, *, fits: bool) -> None:
    draft = replace(linkedin_draft(), exploration_percent=percent)
    if fits:
        assert add_channel(ctx, draft).exploration_percent == percent
    else:
        with pytest.raises(Invalid, match=r"exploration_percent: use 0 to 50 %"):
            add_channel(ctx, draft)


# --- What is refused ----------------------------------------------------------------------------------------------

REFUSED: Mapping[str, Refusal] = {
    "one post": lambda ctx, peer: calendars.schedule_item(ctx, post(peer, SOON)),
    "several posts": lambda ctx, peer: calendars.schedule_items(ctx, [post(peer, SOON)]),
    "a calendar": lambda ctx, peer: calendars.create_calendar(
        ctx, calendars.NewCalendar("A week", "UTC", (post(peer, SOON),))
    ),
    "warnings": lambda ctx, peer: conflicts.find_item_conflicts(ctx, peer.id, SOON),
    "a blackout": lambda ctx, peer: preferences.add_blackout(ctx, SOON, SOON + timedelta(hours=1), "", peer.id),
    "advice": lambda ctx, peer: recommend(ctx, RecommendationRequest(channel_ids=(peer.id,))),
    "how often to post": lambda ctx, peer: frequency_advice(ctx, peer.id),
    "a score": lambda ctx, peer: week_scores.score_time(ctx, peer.id, SOON),
    "scores of a week": lambda ctx, peer: week_scores.score_week(ctx, peer.id),
}


@pytest.mark.parametrize("wanted", REFUSED)
def test_nothing_is_planned_or_advised_on_a_peer(ctx: Context, peer: ChannelView, wanted: str) -> None:
    with pytest.raises(Invalid, match=r"this is a peer, another account .* choose a channel of your own"):
        REFUSED[wanted](ctx, peer)


def test_an_item_is_not_given_to_a_peer(ctx: Context, linkedin: ChannelView, peer: ChannelView) -> None:
    item = calendars.schedule_item(ctx, post(linkedin, SOON))
    with pytest.raises(Invalid, match="this is a peer"):
        edit_item(ctx, item.id, replace(edit_of(item), channel_id=peer.id))


def test_filling_a_week_leaves_peers_out_and_says_why_where_one_is_named(
    ctx: Context, linkedin: ChannelView, peer: ChannelView
) -> None:
    drafts = (FillDraft("A", "Text", platforms=("linkedin",)), FillDraft("B", "Text", channel_ids=(peer.id,)))
    proposal = propose_fill(ctx, fill_request(drafts), lambda *_: 0.5)
    assert {placement.channel_id for placement in proposal.placements} == {linkedin.id}
    (unplaced,) = proposal.unplaced
    assert unplaced.channel_id == peer.id
    assert "this is a peer" in unplaced.reason


def test_an_item_that_is_on_a_peer_all_the_same_says_so_instead_of_going_out(
    house: Slotwise, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    """Only a restored copy that somebody edited could hold such a row."""
    item = calendars.schedule_item(ctx, post(linkedin, SOON))
    with ctx.write() as session:
        session.get_one(Channel, linkedin.id).is_peer = True
    clock.move(timedelta(hours=3))
    recorder = Recorder()
    run(worker_of(house, recorder))
    stopped = find_item(ctx, item.id).item
    assert (stopped.state, recorder.posts) == (ItemState.FAILED, {})
    assert stopped.error == "Our page is a peer: nothing is posted there. Give the item a channel of your own."


# --- Who counts them ----------------------------------------------------------------------------------------------


def test_advice_for_every_channel_is_for_the_teams_own(ctx: Context, linkedin: ChannelView, peer: ChannelView) -> None:
    assert [advice.channel_id for advice in recommend(ctx, RecommendationRequest())] == [linkedin.id]
    by_platform = recommend(ctx, RecommendationRequest(platforms=("linkedin",)))
    assert [advice.channel_id for advice in by_platform] == [linkedin.id]


def test_the_dashboard_does_not_credit_the_team_with_a_peers_posts(ctx: Context, peer: ChannelView) -> None:
    tell(ctx, peer.id, [Told(NOW - timedelta(days=day), 9.0, measured_at=NOW) for day in range(8, 28)])
    assert isinstance(figures(ctx).timing_effect, Undefined)
    edit_channel(ctx, peer.id, replace(PEER, is_peer=False))
    assert not isinstance(figures(ctx).timing_effect, Undefined)


def test_analytics_lists_peers_last_and_names_them_so(ctx: Context, linkedin: ChannelView, peer: ChannelView) -> None:
    tell(ctx, peer.id, evenings(2))
    assert [(each.channel_id, each.is_peer) for each in list_histories(ctx)] == [(linkedin.id, False), (peer.id, True)]


def test_a_peer_says_how_many_posts_it_teaches_with(ctx: Context, linkedin: ChannelView, peer: ChannelView) -> None:
    add_channel(ctx, replace(PEER, name="A silent one"))
    told = [Told(None, 5.0, hour_of_week=cell) for cell in (3, 3, 9)]
    tell(ctx, peer.id, told)
    tell(ctx, linkedin.id, told)
    assert peer_posts(ctx) == {peer.id: 3}


# --- Importing ----------------------------------------------------------------------------------------------------


def test_importing_a_peers_history_makes_peers_in_the_zone_of_their_audience(ctx: Context) -> None:
    report = imported(ctx, ImportTarget(platform="linkedin", timezone="Asia/Tokyo", is_peer=True))
    (peer,) = list_peers(ctx)
    assert ((peer.id,), peer.name, peer.timezone) == (report.channel_ids, "Rivals", "Asia/Tokyo")
    again = imported(ctx, ImportTarget(platform="linkedin", timezone="Asia/Tokyo", is_peer=True))
    assert (again.unchanged, len(list_peers(ctx))) == (2, 1)
    assert imported(ctx, ImportTarget(channel_id=peer.id)).unchanged == 2


def test_a_peers_posts_do_not_go_into_a_channel_of_ours(ctx: Context, linkedin: ChannelView) -> None:
    add_channel(ctx, replace(linkedin_draft(), name="Rivals"))
    for target in (ImportTarget(platform="linkedin", is_peer=True), ImportTarget(linkedin.id, is_peer=True)):
        with pytest.raises(Invalid, match="this is one of your own channels; import its history as your own"):
            imported(ctx, target)
    assert not any(history.posts for history in list_histories(ctx))


def test_our_own_posts_do_not_go_into_a_peer_of_the_same_name(ctx: Context) -> None:
    add_channel(ctx, replace(PEER, name="Rivals"))
    with pytest.raises(Invalid, match="this account is a peer here; import its history as a peer's"):
        imported(ctx, ImportTarget(platform="linkedin"))
    assert not any(history.posts for history in list_histories(ctx))


# --- Parting, keeping ---------------------------------------------------------------------------------------------


def rows_of(ctx: Context) -> dict[str, int]:
    tables = (PerformanceKpiEvent, PostOutcome, PlatformTimingData, ScheduleException)
    with ctx.read() as session:
        return {table.__name__: session.scalars(select(func.count()).select_from(table)).one() for table in tables}


def test_a_removed_peer_takes_its_history_with_it_and_nothing_else(ctx: Context, linkedin: ChannelView) -> None:
    imported(ctx, ImportTarget(channel_id=linkedin.id))
    preferences.add_blackout(ctx, SOON, SOON + timedelta(hours=1), "Ours", linkedin.id)
    before = rows_of(ctx)
    peer = add_channel(ctx, replace(PEER, name="Rivals", is_peer=False))
    preferences.add_blackout(ctx, SOON, SOON + timedelta(hours=1), "Theirs", peer.id)
    edit_channel(ctx, peer.id, replace(PEER, name="Rivals"))
    imported(ctx, ImportTarget(platform="linkedin", is_peer=True))
    assert all(rows_of(ctx)[table] > n for table, n in before.items())
    remove_peer(ctx, peer.id)
    assert (rows_of(ctx), list_peers(ctx)) == (before, ())
    assert all(before.values())


def test_a_channel_of_the_team_is_not_removed(ctx: Context, linkedin: ChannelView) -> None:
    with pytest.raises(Invalid, match="only peers can be removed; switch a channel of your own off instead"):
        remove_peer(ctx, linkedin.id)
    assert list_channels(ctx) == (linkedin,)


def test_an_export_says_who_is_a_peer(ctx: Context, peer: ChannelView, tmp_path: Path) -> None:
    target = tmp_path / "export.zip"
    export_workspace(ctx, target)
    with ZipFile(target) as archive:
        written = b"".join(archive.read(name) for name in archive.namelist())
    assert b"is_peer" in written
    assert b"Another page" in written
