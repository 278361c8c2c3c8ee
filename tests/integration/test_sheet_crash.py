"""A sync that dies between any two steps is taken up by the next one, with the same result; two at once do not mix."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from google_hand import Hand
from google_world import Google
from planned_posts import TUESDAY, put_in_state
from sheet_stage import WEDNESDAY, a_row, connected, desk_of, plan_sheet, posts
from sqlmodel import select

from core.bootstrap import Slotwise
from core.google.door import GoogleDoor
from core.services.context import Context
from core.services.item_edits import edit_item
from core.services.item_views import edit_of
from core.services.sheet_claims import due_connections, take
from core.services.sheet_connections import find_connection
from core.services.sheet_lists import list_conflicts, list_sync_runs
from core.services.sheet_syncing import sync_connection, sync_if_free
from core.services.sheet_views import ConnectionView
from core.services.sheet_worker import SyncPoint
from core.sheets.words import ConnectionStatus
from core.storage.tables import SheetRow, SheetWrite
from core.vocabulary import ItemState, JobState

MINUTES = timedelta(minutes=5)
AGAIN = (SyncPoint.LOOKED, SyncPoint.PLACED, SyncPoint.APPLYING, SyncPoint.APPLIED)
"""The points that a sync passes more than once."""


class Killed(BaseException):
    """The process died here."""


def dies(at: SyncPoint, time: int) -> Callable[[SyncPoint], None]:
    """Give what dies at a point when it is passed for this time, counted from 0; the dead commit nothing more."""
    passed = []

    def here(point: SyncPoint) -> None:
        if point is at:
            passed.append(point)
        if len(passed) > time:
            raise Killed

    return here


@pytest.mark.slow
@pytest.mark.parametrize(("point", "time"), [*((point, 0) for point in SyncPoint), *((point, 1) for point in AGAIN)])
def test_a_sync_killed_anywhere_is_finished_by_the_next_with_nothing_twice(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor, point: SyncPoint, time: int
) -> None:
    hand = plan_sheet(google, a_row("One", 9), ["Any", "Words.", "", "", "linkedin", ""], a_row("Bad", 15))
    hand.type("E4", "lnkedin")
    connection = connected(ctx, google, door, hand)

    _die(house, ctx, door, connection, point, time)
    house.clock.move(MINUTES)
    run = sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    assert (run.state, run.counts.faults) == (JobState.COMPLETED, 1)
    assert [item.title for item in posts(ctx, connection)] == ["Any", "One"]
    _both_agree(ctx, hand, connection, 3)


@pytest.mark.slow
@pytest.mark.parametrize("point", SyncPoint)
def test_a_sync_of_edits_on_both_sides_killed_anywhere_is_finished_by_the_next(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor, point: SyncPoint
) -> None:
    hand = plan_sheet(google, a_row("Alpha", 9), a_row("Beta", 12), a_row("Gamma", 15), a_row("Delta", 18))
    connection = connected(ctx, google, door, hand)
    sync_connection(desk_of(house, door), ctx.workspace, connection.id)
    alpha, beta, _, gamma = posts(ctx, connection)
    house.clock.move(MINUTES)
    edit_item(ctx, alpha.id, replace(edit_of(alpha), title="Alpha, ours", scheduled_at=WEDNESDAY))
    put_in_state(ctx, beta.id, ItemState.PUBLISHED, url="https://l.example/b", published_at=TUESDAY)
    hand.type("A2", "Alpha, theirs")
    hand.type("B4", "New words for Gamma.")
    hand.sort("A2:I5", by="A", descending=True)
    hand.insert_rows(2)
    hand.type_rows("A2", [a_row("Epsilon", 20)])

    _die(house, ctx, door, connection, point, 0)
    house.clock.move(MINUTES)
    sync_connection(desk_of(house, door), ctx.workspace, connection.id)

    found = {item.title: item for item in posts(ctx, connection)}
    assert found.keys() == {"Alpha, theirs", "Beta", "Gamma", "Delta", "Epsilon"}
    assert found["Alpha, theirs"].scheduled_at == WEDNESDAY
    assert found["Gamma"].text == "New words for Gamma."
    assert found["Gamma"].id == gamma.id
    rows = {row[0]: row for row in hand.rows()[1:]}
    assert rows["Beta"][6:8] == ["Published", "https://l.example/b"]
    assert len(list_conflicts(ctx, connection.id).conflicts) == 1
    _both_agree(ctx, hand, connection, 5)


def test_a_sheet_left_by_an_engine_that_died_is_free_after_its_lease(
    house: Slotwise, ctx: Context, google: Google, door: GoogleDoor
) -> None:
    connection = connected(ctx, google, door, plan_sheet(google, a_row("One", 9)))
    first, second = desk_of(house, door, "one"), desk_of(house, door, "two")
    hold = take(first, ctx.workspace, connection.id)
    assert hold is not None
    assert find_connection(ctx, connection.id).status is ConnectionStatus.SYNCING
    assert due_connections(second) == ()
    assert sync_if_free(second, ctx.workspace, connection.id) is None
    gone = replace(second, is_gone=lambda name: name == "one")
    assert [due.connection_id for due in due_connections(gone)] == [connection.id]
    house.clock.move(timedelta(minutes=11))

    run = sync_connection(second, ctx.workspace, connection.id)

    assert run.state is JobState.COMPLETED
    left = {each.id: each for each in list_sync_runs(ctx, connection.id).runs}[hold.sync_id]
    assert (left.state, left.error is None) == (JobState.FAILED, False)
    assert [item.title for item in posts(ctx, connection)] == ["One"]


def test_two_engines_at_once_sync_a_sheet_once(house: Slotwise, ctx: Context, google: Google, door: GoogleDoor) -> None:
    rows = [a_row(f"Post {number}", 9) for number in range(20)]
    connection = connected(ctx, google, door, plan_sheet(google, *rows))
    start, runs = Barrier(2), list[object]()

    def work(name: str) -> None:
        start.wait(timeout=60)
        runs.append(sync_if_free(desk_of(house, door, name), ctx.workspace, connection.id))

    threads = [Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len([run for run in runs if run is not None]) >= 1
    assert len(posts(ctx, connection)) == 20
    assert find_connection(ctx, connection.id).rows_in == 20


def _die(
    house: Slotwise, ctx: Context, door: GoogleDoor, connection: ConnectionView, point: SyncPoint, time: int
) -> None:
    """Let an engine die in a sync, until its lease is over."""
    with pytest.raises(Killed):
        sync_connection(desk_of(house, door, "dying", dies(point, time)), ctx.workspace, connection.id)
    house.clock.move(timedelta(minutes=11))


def _both_agree(ctx: Context, hand: Hand, connection: ConnectionView, rows: int) -> None:
    """Check that every row is known once, by the id beside it, and that nothing is under way any more."""
    with ctx.read() as session:
        known = {row.row_id: row for row in session.scalars(select(SheetRow)).all()}
        assert session.scalars(select(SheetWrite)).all() == []
    width = len(hand.rows()[0])
    assert hand.rows()[0][width - 1] == "Slotwise ID"
    ids = [row[width - 1] for row in hand.rows()[1:] if row[0]]
    assert len(set(ids)) == len(ids) == rows
    assert set(ids) == known.keys()
    assert {row[0] for row in hand.rows()[1:]} == {row.title for row in known.values()}
    items = [key for row in known.values() for key in row.items.values()]
    assert sorted(items) == sorted(item.id for item in posts(ctx, connection))
