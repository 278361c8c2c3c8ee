"""Sheet and Slotwise come to agree whatever people do to the sheet, and whenever; nothing is made twice."""

from collections.abc import Callable
from contextlib import suppress

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sheet_world import SHARED, Killed, World

from core.sheets.rows import KnownState

Deed = tuple[str, dict[str, object]]
"""Something that people or our side do, by the name of its method of World."""

Story = list[Deed | list[Deed | str | None]]
"""Deeds one after the other, and syncs: lists of what happens at each of their steps, a `kill` among it."""


def deed(deed_name: str, /, **values: st.SearchStrategy[object]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(deed_name), st.fixed_dictionaries(values))


places, names = st.integers(0, 7), st.sampled_from(SHARED)
moves = st.one_of(
    deed("sort", name=names), deed("sort_without_ids", name=names), deed("insert", place=places),
    deed("delete", place=places), deed("type_row", place=places, has_time=st.booleans()),
    deed("edit", place=places, name=st.just("text")),
)  # fmt: skip
edits = st.one_of(
    moves, deed("edit", place=places, name=names), deed("clear", place=places), deed("empty_id", place=places),
    deed("copy", place=places, with_id=st.booleans()),
)  # fmt: skip
ours = st.one_of(deed("change_ours", place=places, name=names), deed("publish", place=places))


def syncs(happening: st.SearchStrategy[Deed | str]) -> st.SearchStrategy[list[Deed | str | None]]:
    """Give syncs in which one thing happens, at any of their steps; two in the same second are beyond any sheet."""
    return st.tuples(st.integers(0, 16), happening).map(lambda when: [*[None] * when[0], when[1]])


stories = st.lists(st.one_of(edits, ours, syncs(moves), syncs(st.just("kill"))), max_size=12)
own_stories = st.lists(st.one_of(edits, ours, deed("plan_own"), syncs(st.just("kill"))), max_size=12)


def do(world: World, what: Deed) -> None:
    getattr(world, what[0])(**what[1])


def interrupted(world: World, happenings: list[Deed | str | None]) -> Callable[[], None]:
    """Give what calls at each step of a sync, and lets the next thing happen there."""
    queue = iter(happenings)

    def hook() -> None:
        what = next(queue, None)
        if isinstance(what, str):
            raise Killed
        if what:
            do(world, what)

    return hook


def play(happenings: Story) -> World:
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


def check_agreement(world: World) -> None:
    """Each row that says anything is one active row, with the same words on both sides; nothing is left to do."""
    rows = world.read()
    assert world.plan(rows).is_empty
    ids = [row.row_id for row in rows if any(row.values)]
    assert sorted(ids) == sorted(row_id for row_id, row in world.known.items() if row.state is KnownState.ACTIVE)
    words = {line.row_id: line.words for line in world.lines if line.words.cells}
    for row_id in ids:
        post = world.posts[row_id]
        assert words[row_id].status == post.status
        if post.status == "Scheduled":
            assert words[row_id].cells == {name: cell for name, cell in post.cells.items() if cell}
    assert not any(line.words.status for line in world.lines if not line.words.cells)


def check_nothing_doubled(world: World) -> None:
    """Of the same words a post was made once; copies, and a row that lost its id while it was edited, are new rows."""
    doubtful = world.copied | (world.edited & world.emptied)
    assert all(number == 1 for uid, number in world.made.items() if uid not in doubtful), (world.made, doubtful)


def check_words_of_people(world: World) -> None:
    """A cell that only people changed says what they wrote last."""
    for words in (line.words for line in world.lines):
        alike = world.copied if words.uid in world.copied else {words.uid}
        for name in SHARED:
            if (words.uid, name) in world.said and not any((uid, name) in world.ours for uid in alike):
                assert words.cells.get(name, "") == world.said[words.uid, name]
    assert all(words.notes == world.notes[words.uid] for words in (line.words for line in world.lines) if words.notes)


@settings(max_examples=120, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(stories)
def test_both_sides_come_to_agree_and_nothing_is_made_twice(happenings: Story) -> None:
    note(repr(happenings))
    world = play(happenings)
    check_agreement(world)
    check_nothing_doubled(world)
    check_words_of_people(world)


@settings(max_examples=120, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(own_stories)
def test_posts_planned_here_get_their_rows_though_killed_anywhere(happenings: Story) -> None:
    note(repr(happenings))
    world = play(happenings)
    check_agreement(world)
    check_nothing_doubled(world)
