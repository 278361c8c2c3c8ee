"""Sheet and Slotwise come to agree whatever people do to the sheet, and whenever; nothing is made twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sheet_world import SHARED, Killed, World

from core.sheets.rows import KnownState

Step = Callable[[World], object]

places = st.integers(0, 7)
names = st.sampled_from(SHARED)


def step(name: str, *values: st.SearchStrategy[object], **said: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[str, tuple, dict]]:
    return st.tuples(st.just(name), st.tuples(*values), st.fixed_dictionaries(said))


moves = st.one_of(
    step("sort", names), step("sort_without_ids", names), step("insert", places), step("delete", places),
    step("type_row", places, has_time=st.booleans()), step("edit", places, st.sampled_from(["text"])),
)
edits = st.one_of(
    moves, step("edit", places, names), step("clear", places), step("copy", places, with_id=st.booleans()),
    step("empty_id", places),
)
ours = st.one_of(step("change_ours", places, names), step("publish", places), step("plan_own"))
syncs = st.lists(st.one_of(st.none(), st.none(), st.none(), st.just("kill"), moves), max_size=14)
story = st.lists(st.one_of(edits, ours, syncs), max_size=12)


def interrupted(world: World, happenings: list) -> Callable[[], None]:
    queue = iter(happenings)

    def hook() -> None:
        what = next(queue, None)
        if what == "kill":
            raise Killed
        if what:
            do(world, what)

    return hook


def do(world: World, what) -> None:
    name, values, said = what
    getattr(world, name)(*values, **said)


def play(happenings: list) -> World:
    world = World()
    for _ in range(3):
        world.type_row(0)
    for what in happenings:
        if isinstance(what, list):
            with suppress(Killed):
                world.sync(interrupted(world, what))
        else:
            do(world, what)
    assert world.sync(lambda: None), "they do not come to agree"
    return world


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(story)
def test_all(happenings) -> None:
    note(repr(happenings))
    world = play(happenings)
    rows = world.read()
    assert world.plan(rows).is_empty
    full = [row for row in rows if any(row.values)]
    assert len({row.row_id for row in full}) == len(full)
    active = {row_id for row_id, known in world.known.items() if known.state is KnownState.ACTIVE}
    assert {row.row_id for row in full} == active
    lines = {line.row_id: line for line in world.lines if line.words.cells}
    for row_id in active:
        post, words = world.posts[row_id], lines[row_id].words
        if post.status == "Scheduled":
            assert {k: v for k, v in post.cells.items() if v} == words.cells
        assert words.status == post.status
    for line in world.lines:
        if not line.words.cells:
            assert line.words.status == ""
    doubtful = world.copied | (world.edited & world.emptied)
    assert all(number == 1 for uid, number in world.made.items() if uid not in doubtful), (world.made, doubtful)
    for line in lines.values():
        for name in SHARED:
            alike = world.copied if line.words.uid in world.copied else {line.words.uid}
            if (line.words.uid, name) in world.said and not any((uid, name) in world.ours for uid in alike):
                assert line.words.cells.get(name, "") == world.said[line.words.uid, name]
