"""Random users of a sheet: what a team does to its plan in a year, in an hour."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from google_cells import MOMENT, Cell, Fault, serial
from google_hand import Hand
from google_world import Google
from sheet_paper import BLANK, Paper, Row

HEADERS = {
    "title": "Title", "text": "Content", "note": "Notes", "platforms": "Platform", "time": "Scheduled Time",
    "status": "Status", "published": "Published Time", "url": "Generated Content URL",
}  # fmt: skip
OWN = frozenset({"status", "published", "url"})
SPELLINGS: dict[str, tuple[str, ...]] = {
    "title": ("Title", "TITLE", " title:"), "text": ("Content", "content "), "note": ("Notes", "Remarks"),
    "platforms": ("Platform", "platform?"), "time": ("Scheduled Time", "scheduled_time", "SCHEDULED TIME (!)"),
    "status": ("Status", "status"),
}  # fmt: skip
PLATFORMS = ("linkedin", "LinkedIn", "facebook", "linkedin, facebook")
BERLIN_DAY = datetime(2026, 4, 1)  # noqa: DTZ001 - a sheet's moments have no zone
BAD_TIMES = (Cell("soon"), Cell("2026-13-45"), Cell(Fault("#REF!"), "=Gone!A1"))


def new_paper(google: Google, robot: str) -> Paper:
    """Make an empty plan that is shared with Slotwise, and its copy on paper."""
    hand: Hand = google.sheet("Plan", [list(HEADERS.values())], size=(400, 12), **{robot: "writer"})
    return Paper(hand, list(HEADERS), dict(HEADERS), OWN)


class Users:
    """Several people at one sheet; each act is drawn by one generator."""

    def __init__(self, paper: Paper, rng: Random, most_rows: int = 80) -> None:
        self.paper, self.rng, self.most_rows = paper, rng, most_rows
        self.numbers = count(1)
        self.said = list[str]()

    def act(self, kinds: dict[Callable[["Users"], None], int] | None = None) -> None:
        """Do something."""
        acts = kinds or ACTS
        chosen = self.rng.choices(list(acts), list(acts.values()))[0]
        chosen(self)

    # --- What is typed -----------------------------------------------------------------------------------------------

    def title(self) -> Cell:
        """Give a title that nobody used before; some look like formulas."""
        start = self.rng.choice(("Post", "post", "Ünique", "=Post", "-Post", "+Post", "@post"))
        return Cell(f"{start} {next(self.numbers)}")

    def text(self) -> Cell:
        """Give words; some with ends of line, some long."""
        number = next(self.numbers)
        return Cell(self.rng.choice((f"Words {number}", f"Line one {number}\nline two", f"{number} " + "long " * 60)))

    def note(self) -> Cell:
        """Give something that is none of Slotwise's business: text, number, formula, error, colour of a date."""
        number = next(self.numbers)
        return self.rng.choice(
            (
                Cell(f"note {number}"), Cell(number), Cell(number / 7), Cell(float(number), f"={number}+0"),
                Cell(True), Cell(Fault("#N/A"), "=NA()"), Cell(46000.5, None, MOMENT), Cell("'quoted"),
            )
        )  # fmt: skip

    def platforms(self) -> Cell:
        """Give one or several platforms."""
        return Cell(self.rng.choice(PLATFORMS))

    def time(self) -> Cell:
        """Give a time as a date cell, as text or in ISO; none of them is in a gap of the clock."""
        at = BERLIN_DAY + timedelta(days=self.rng.randrange(60), minutes=self.rng.randrange(1, 1440))
        return self.rng.choice(
            (
                Cell(serial(at), None, MOMENT), Cell(f"{at:%Y-%m-%d %H:%M}"), Cell(f"{at:%Y-%m-%dT%H:%M:%S}"),
                Cell(f"{at:%Y-%m-%dT%H:%M:%S}+02:00"),
            )
        )  # fmt: skip

    def some(self, column: str) -> Cell:
        """Give something for a column."""
        return getattr(self, column)() if column in HEADERS else self.note()

    def any_row(self) -> int:
        """Point at a row."""
        return self.rng.randint(1, len(self.paper.rows))

    def some_rows(self, most: int = 5) -> tuple[int, int]:
        """Point at neighbouring rows."""
        first = self.any_row()
        return first, min(len(self.paper.rows), first + self.rng.randrange(most))

    def filled(self) -> Row:
        """Give a whole row; sometimes without a time, for the planner to choose."""
        row = {column: self.some(column) for column in self.paper.columns if column not in OWN}
        if self.rng.random() < 0.2:
            del row["time"]
        return row

    def fill(self, at: int) -> None:
        """Type a whole row."""
        for column, cell in self.filled().items():
            self.paper.write(at, column, cell)

    # --- Acts --------------------------------------------------------------------------------------------------------

    def add_row(self) -> None:
        if len(self.paper.rows) < self.most_rows:
            self.fill(len(self.paper.rows) + 1)

    def insert_row(self) -> None:
        if self.paper.rows and len(self.paper.rows) < self.most_rows:
            at = self.any_row()
            self.paper.insert(at, 1)
            self.fill(at)

    def insert_blank(self) -> None:
        if self.paper.rows and len(self.paper.rows) < self.most_rows:
            self.paper.insert(self.any_row(), self.rng.randint(1, 3))

    def edit(self) -> None:
        if self.paper.rows:
            column = self.rng.choice([name for name in self.paper.columns if name not in OWN])
            self.paper.write(self.any_row(), column, self.some(column))

    def spoil(self) -> None:
        if self.paper.rows:
            self.paper.write(self.any_row(), "time", self.rng.choice(BAD_TIMES))

    def empty(self) -> None:
        if self.paper.rows:
            self.paper.write(self.any_row(), self.rng.choice(("title", "text", "time", "platforms")), BLANK)

    def delete_rows(self) -> None:
        if len(self.paper.rows) > 10:
            self.paper.delete(*self.some_rows(3))

    def move_rows(self) -> None:
        if len(self.paper.rows) > 10:
            first, last = self.some_rows()
            before = self.rng.choice(
                [n for n in range(1, len(self.paper.rows) + 1) if not first <= n <= last + 1] or [0]
            )
            if before:
                self.paper.move(first, last, before)

    def copy_rows(self) -> None:
        if self.paper.rows and len(self.paper.rows) < self.most_rows:
            self.paper.copy(*self.some_rows(2))

    def sorted_by(self) -> str:
        """Choose what to sort by: what Slotwise has just written cannot be known on paper yet."""
        return self.rng.choice(("note",) if self.paper.differences() else ("title", "time", "note"))

    def sort(self) -> None:
        if self.paper.rows:
            self.paper.sort(self.sorted_by(), descending=self.rng.random() < 0.5)

    def sort_seen(self) -> None:
        if self.paper.rows:
            first, last = self.some_rows(30)
            self.paper.sort_seen(self.sorted_by(), first, last, descending=self.rng.random() < 0.5)

    def move_column(self) -> None:
        column, before = self.rng.sample(self.paper.columns, 2)
        self.paper.move_column(column, before)

    def add_column(self) -> None:
        if len(self.paper.columns) < 11:
            number = next(self.numbers)
            self.paper.add_column(f"extra {number}", f"Extra {number}", self.rng.choice(self.paper.columns))

    def delete_column(self) -> None:
        extra = [column for column in self.paper.columns if column not in HEADERS]
        if extra:
            self.paper.delete_column(self.rng.choice(extra))

    def rename(self) -> None:
        column = self.rng.choice(list(SPELLINGS))
        self.paper.rename(column, self.rng.choice(SPELLINGS[column]))

    def rename_wrongly(self) -> None:
        self.paper.rename(self.rng.choice(("title", "text", "platforms", "time")), f"Something {next(self.numbers)}")

    def mend_headers(self) -> None:
        for column, spellings in SPELLINGS.items():
            if self.paper.headers[column] not in spellings:
                self.paper.rename(column, spellings[0])


ACTS: dict[Callable[[Users], None], int] = {
    Users.add_row: 14, Users.insert_row: 8, Users.insert_blank: 3, Users.edit: 30, Users.spoil: 3, Users.empty: 4,
    Users.delete_rows: 5, Users.move_rows: 5, Users.copy_rows: 3, Users.sort: 7, Users.sort_seen: 4,
    Users.move_column: 4, Users.add_column: 2, Users.delete_column: 2,
    Users.rename: 3, Users.rename_wrongly: 1, Users.mend_headers: 4,
}  # fmt: skip

MOVES: dict[Callable[[Users], None], int] = {
    Users.insert_blank: 3, Users.delete_rows: 2, Users.move_rows: 3, Users.sort: 3,
}  # fmt: skip
"""What users may do between a look of Slotwise at the sheet and its write: nothing typed is lost by these."""
