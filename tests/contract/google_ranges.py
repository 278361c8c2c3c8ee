"""A1 notation as Sheets reads and writes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LETTERS = 26
CORNER = re.compile(r"([A-Za-z]{0,3})(\d*)")
IN_WORDS = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))(?:!(?P<cells>.+))?")


class BadRequest(Exception):
    """Sheets answers 400 with these words."""


@dataclass(frozen=True)
class Box:
    """A rectangle of cells counted from 0; an end is the first row or column beyond it, None where it is open."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def clipped(self, rows: int, columns: int) -> "Box":
        """Close what is open and cut off what is beyond the grid."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(self.top, self.left, bottom, right)

    def sides(self) -> tuple[int, int, int, int]:
        """Give all four sides of a closed box."""
        if self.bottom is None or self.right is None:
            raise ValueError(self)
        return self.top, self.left, self.bottom, self.right

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell is inside."""
        return self.top <= row < (row + 1 if self.bottom is None else self.bottom) and self.left <= column < (
            column + 1 if self.right is None else self.right
        )

    def meets(self, other: "Box") -> bool:
        """Tell whether two closed boxes share a cell."""
        top, left, bottom, right = self.sides()
        others = other.sides()
        return top < others[2] and others[0] < bottom and left < others[3] and others[1] < right


def letters(column: int) -> str:
    """Write a column counted from 0."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, LETTERS)
        text = chr(ord("A") + rest) + text
    return text


def column_number(text: str) -> int:
    """Read a column's letters; from 0."""
    number = 0
    for letter in text.upper():
        number = number * LETTERS + ord(letter) - ord("A") + 1
    return number - 1


def parse(text: str, titles: Sequence[str]) -> tuple[str, Box]:
    """Read a range; `titles` are the tabs from left to right. What looks like cells is cells, as at Google."""
    match = IN_WORDS.fullmatch(text)
    if match is None:
        raise BadRequest(f"Unable to parse range: {text}")
    quoted, plain, cells = match["quoted"], match["plain"], match["cells"]
    if quoted is None and cells is None and (box := _cells(plain)) is not None:
        return titles[0], box
    title = quoted.replace("''", "'") if quoted is not None else plain
    found = next((one for one in titles if one.casefold() == title.casefold()), None)
    box = Box() if cells is None else _cells(cells)
    if found is None or box is None:
        raise BadRequest(f"Unable to parse range: {text}")
    return found, box


def _cells(text: str) -> Box | None:
    """Read `A1`, `A1:B2`, `A:C`, `2:5`, `A5:C`; the corners in any order."""
    corners = [CORNER.fullmatch(part.replace("$", "")) for part in text.split(":")]
    if len(corners) not in {1, 2} or any(corner is None or not corner[0] or corner[2] == "0" for corner in corners):
        return None
    (left, top), (right, bottom) = ((corner[1], corner[2]) for corner in (corners[0], corners[-1]) if corner)
    if len(corners) == 1 and not (left and top):
        return None
    return _box(top, bottom, left, right)


def _box(top: str, bottom: str, left: str, right: str) -> Box:
    rows = sorted(int(row) - 1 for row in (top, bottom) if row)
    columns = sorted(column_number(column) for column in (left, right) if column)
    return Box(
        rows[0] if rows else 0,
        columns[0] if columns else 0,
        rows[1] + 1 if len(rows) == 2 else None,
        columns[1] + 1 if len(columns) == 2 else None,
    )


def written(title: str, box: Box) -> str:
    """Write a closed box as an answer does."""
    top, left, bottom, right = box.sides()
    name = (
        title if re.fullmatch(r"\w+", title) and _cells(title) is None else f"'{title.replace(chr(39), chr(39) * 2)}'"
    )
    first, last = f"{letters(left)}{top + 1}", f"{letters(right - 1)}{bottom}"
    return f"{name}!{first}" if first == last else f"{name}!{first}:{last}"


def from_grid(spec: dict[str, Any]) -> Box:
    """Read a GridRange."""
    sides = (spec.get(name) for name in ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex"))
    top, left, bottom, right = (None if side is None else int(side) for side in sides)
    return Box(top or 0, left or 0, bottom, right)


def to_grid(gid: int, box: Box) -> dict[str, int]:
    """Write a GridRange of a closed box."""
    top, left, bottom, right = box.sides()
    return {
        "sheetId": gid, "startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right,
    }  # fmt: skip
