"""How cells are divided into requests."""

import json

from hypothesis import given
from hypothesis import strategies as st

from core.google.contract import Cell, CellsWrite
from core.google.payloads import split_writes

CELLS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=30)
WRITES = st.lists(
    st.builds(
        CellsWrite,
        st.integers(1, 9),
        st.integers(1, 3),
        st.lists(st.lists(CELLS, max_size=3), min_size=1, max_size=6),
    ),
    max_size=8,
)


def written(writes: list[CellsWrite]) -> dict[tuple[int, int], Cell]:
    """Write into a sheet of cells, one after the other."""
    return {
        (write.row + down, write.column + right): cell
        for write in writes for down, row in enumerate(write.rows) for right, cell in enumerate(row)
    }  # fmt: skip


@given(writes=WRITES, most=st.integers(1, 2000))
def test_a_division_writes_the_same_cells(writes: list[CellsWrite], most: int) -> None:
    assert written([each for batch in split_writes(writes, most) for each in batch]) == written(writes)


@given(writes=WRITES, most=st.integers(400, 2000))
def test_a_request_keeps_to_its_size(writes: list[CellsWrite], most: int) -> None:
    for batch in split_writes(writes, most):
        assert len(json.dumps([{"range": "'Plan'!A1:C9", "values": write.rows} for write in batch])) <= most


def test_rows_that_follow_each_other_become_one_range() -> None:
    writes = [CellsWrite(2, 1, [["a"], ["b", "c"]]), CellsWrite(4, 1, [["d"]]), CellsWrite(6, 1, [["e"]])]
    assert list(split_writes(writes)) == [
        (CellsWrite(2, 1, [["a"], ["b", "c"], ["d"]]), CellsWrite(6, 1, [["e"]])),
    ]  # fmt: skip


def test_a_row_larger_than_a_request_goes_alone() -> None:
    writes = [CellsWrite(1, 1, [["x"], ["y" * 3000], ["z"]])]
    assert [[write.row for write in batch] for batch in split_writes(writes, 1000)] == [[1], [2], [3]]
