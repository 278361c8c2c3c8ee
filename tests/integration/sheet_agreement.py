"""Compares a sheet with Slotwise row by row, by an own reading of both."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from google_cells import Cell, Fault, moment
from sheet_paper import BLANK, Paper
from walk_stage import SheetStage

from core.services.item_views import ItemView
from core.services.sheet_views import SheetRowView
from core.sheets.rows import KnownState
from core.vocabulary import ItemState

BERLIN = ZoneInfo("Europe/Berlin")
OPEN = {ItemState.SCHEDULED, ItemState.FAILED}
TAKEN_OUT = {ItemState.CANCELED, ItemState.SKIPPED}
"""What becomes of a post, of one that failed too, whose platform is taken out of its row."""
WORDS = {
    ItemState.SCHEDULED: "Scheduled", ItemState.PUBLISHED: "Published", ItemState.CANCELED: "Canceled",
    ItemState.FAILED: "Failed",
}  # fmt: skip
SECOND = timedelta(seconds=1)
FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")


def read_time(cell: Cell) -> datetime | None:
    """Read a time as users write it; None where it is none."""
    if isinstance(cell.value, Fault) or cell.value is None:
        return None
    if not isinstance(cell.value, str):
        return moment(float(cell.value)).replace(tzinfo=BERLIN).astimezone(UTC)
    for shape in FORMATS:
        try:
            found = datetime.strptime(cell.value, shape)  # noqa: DTZ007 - a zone is added where there is none
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=BERLIN)).astimezone(UTC)
    return None


def words(cell: Cell) -> str:
    """Give the words of a cell as they are meant: an apostrophe in front keeps them from being a formula."""
    text = "" if cell.value is None else str(cell.value)
    return (text[1:] if text[:2] in {"'=", "'+", "'-", "'@"} else text).strip()


class Sides:
    """Both sides at rest."""

    def __init__(self, stage: SheetStage, paper: Paper) -> None:
        self.paper, self.cells = paper, stage.sheet.cells()
        self.known: Mapping[str, SheetRowView] = {row.id: row for row in stage.rows()}
        self.items, self.conflicts, self.now = stage.items(), stage.conflicts(), stage.clock()
        header = [self.cells[0].get(at, BLANK).value for at in range(stage.sheet.tab.column_count)]
        self.ids = header.index("Slotwise ID") if "Slotwise ID" in header else -1
        self.is_hidden = self.ids in stage.sheet.tab.hidden_columns

    def at(self, row: int, column: str) -> Cell:
        """Give a cell of the sheet."""
        return self.cells[row].get(self.paper.columns.index(column), BLANK) if row < len(self.cells) else BLANK

    def are_said(self, row: int, column: str, now: Cell) -> bool:
        """Tell whether what stands in a row is what Slotwise says there, without a formula."""
        known = self.known.get(str(self.cells[row].get(self.ids, BLANK).value)) if row < len(self.cells) else None
        if known is None or now.formula is not None:
            return False
        said = {"title": words(now), "text": words(now), "time": read_time(now)}.get(column)
        posts = [self.items[key] for key in known.item_ids]
        if isinstance(said, datetime):
            return any(abs(post.scheduled_at - said) < SECOND for post in posts)
        return any(said == {"title": post.title, "text": post.text}.get(column) for post in posts)

    def is_listed(self, row: int, column: str) -> bool:
        """Tell whether a conflict about a cell was listed."""
        return (str(self.cells[row].get(self.ids, BLANK).value), column) in self.conflicts

    def differences(self) -> Iterator[str]:
        """Say everything in which the sides do not agree."""
        if not self.is_hidden:
            yield "the column of ids is not hidden"
        ids = [(number, row.get(self.ids, BLANK).value) for number, row in enumerate(self.cells[1:], 1)]
        # An empty row may keep, and pass on to its copies, the id of a row that was removed.
        seen = Counter(str(key) for number, key in ids if key and (self._is_here(str(key)) or self._is_filled(number)))
        yield from (f"the id {row_id} stands in {times} rows" for row_id, times in seen.items() if times > 1)
        for number in range(1, len(self.cells)):
            if self._is_filled(number):
                yield from (f"row {number + 1}: {words}" for words in self._of_row(number))
        yield from self._of_items(set(seen))

    def _is_here(self, row_id: str) -> bool:
        return row_id in self.known and self.known[row_id].state not in {KnownState.MISSING, KnownState.KEPT_OUT}

    def _is_filled(self, number: int) -> bool:
        return any(self.at(number, column).value is not None for column in ("title", "text", "platforms", "time"))

    def _of_row(self, number: int) -> Iterator[str]:
        row_id = self.cells[number].get(self.ids, BLANK).value
        known = self.known.get(str(row_id))
        if known is None:
            yield f"its id is {row_id}, which Slotwise does not know"
            return
        status = str(self.at(number, "status").value or "")
        if known.state is not KnownState.ACTIVE:
            yield f"it is {known.state}"
        faulty = self._is_faulty(number) or self._is_past(number, known)
        items = [self.items[key] for key in known.item_ids]
        are_open = [item.state in OPEN for item in items]
        if faulty and (any(are_open) or not items) and not status.startswith("Error"):
            cells = [self.at(number, column).value for column in ("title", "text", "platforms", "time")]
            yield f"its status does not say what is wrong with {cells}: {status!r}"
        if faulty and all(are_open):
            return
        if not items:
            yield f"it has no posts, status {status!r}, fault {known.fault!r}"
        for item in items:
            yield from self._of_item(number, item, known)
        states = {item.state for item in items}
        said = "Failed" if states == {ItemState.FAILED} and status.startswith("Failed") else status  # it says why
        if len(states) == 1 and not faulty and said not in {WORDS[state] for state in states}:
            yield f"its status is {status!r}, and its posts are {states}"

    def _is_faulty(self, number: int) -> bool:
        time = self.at(number, "time")
        is_bad = time.value is not None and read_time(time) is None
        has_words = words(self.at(number, "title")) or words(self.at(number, "text"))
        return is_bad or not has_words or not words(self.at(number, "platforms"))

    def _is_past(self, number: int, known: SheetRowView) -> bool:
        """Tell whether a row wants posts at a time that has passed: a copy of a published one, or a failed one's."""
        time = read_time(self.at(number, "time"))
        if time is None or time >= self.now:
            return False
        items = [self.items[key] for key in known.item_ids]
        is_open = all(item.state in OPEN for item in items)
        is_other = bool(items) and abs(self._first_time(known) - time) >= SECOND
        wants_more = not self._platforms(number) <= {item.platform for item in items}
        return not items or (is_open and (is_other or wants_more))

    def _of_item(self, number: int, item: ItemView, known: SheetRowView) -> Iterator[str]:
        title, text, time = (self.at(number, column) for column in ("title", "text", "time"))
        said = {
            "title": (words(title), item.title), "text": (words(text) or words(title), item.text or item.title),
            "scheduled_time": (read_time(time), self._first_time(known)),
        }  # fmt: skip
        for name, (theirs, ours) in said.items():
            is_close = isinstance(theirs, datetime) and any(abs(theirs - one) < SECOND for one in self._times(known))
            # A row without a text is posted as its title.
            source = "title" if name == "text" and not words(text) else name
            is_conflict = not self.conflicts.isdisjoint({(known.id, name), (known.id, source)})
            # What is at fault in a row its posts keep as they have it.
            is_fault = self._is_faulty(number) if name == "scheduled_time" else not (words(title) or words(text))
            if theirs != ours and not is_close and not is_fault and not (item.state not in OPEN and is_conflict):
                yield f"{name} is {theirs!r} in the sheet and {ours!r} in Slotwise ({item.state})"
        # A row that names no platform any more keeps its posts, though one of them has gone out meanwhile.
        platforms = self._platforms(number)
        if item.state in OPEN and item.platform not in platforms and platforms:
            yield f"its post on {item.platform} is scheduled, and it says {platforms}"

    def _platforms(self, number: int) -> set[str]:
        return {name.strip().lower() for name in words(self.at(number, "platforms")).split(",")} - {""}

    def _first_time(self, known: SheetRowView) -> datetime:
        """Give the time of a row: the planner may give each of its posts another one, and the sheet shows the first."""
        posts = [self.items[key] for key in known.item_ids]
        going = [post for post in posts if post.state is not ItemState.CANCELED] or posts
        return min(post.scheduled_at for post in going)

    def _times(self, known: SheetRowView) -> set[datetime]:
        """Give the times a row may show: a new one only those posts follow that are not out yet, which is listed."""
        going = [self.items[key].scheduled_at for key in known.item_ids if self.items[key].state in OPEN]
        is_left = (known.id, "scheduled_time") in self.conflicts and going
        return {self._first_time(known), *([min(going)] if is_left else [])}

    def _of_items(self, here: set[str]) -> Iterator[str]:
        owners = Counter(item for row in self.known.values() for item in row.item_ids)
        yield from (f"the post {item} belongs to {rows} rows" for item, rows in owners.items() if rows > 1)
        for item in self.items.values():
            if item.id not in owners and item.state not in TAKEN_OUT:
                yield f"the post {item.title!r} belongs to no row"
        for row in self.known.values():
            if row.state is KnownState.ACTIVE and row.id not in here:
                yield f"the row {row.title!r} is active and not in the sheet"
