"""What a look at a sheet asks of the database: rows become posts, posts follow edits, what is stored moves along."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.services.context import Context
from core.services.sheet_edits import WHEN, Wish, follow
from core.services.sheet_ledger import load_rows
from core.services.sheet_new_posts import Made, add_posts
from core.services.sheet_ours import CLOSED, OPEN, Manner, Post, read_posts, said
from core.services.sheet_units import Unit
from core.sheets.cells import text
from core.sheets.fields import USER_FIELDS, Values
from core.sheets.plans import Conflict, NewRow
from core.sheets.rows import KnownState
from core.sheets.statuses import fault_words
from core.sheets.times import cell_words
from core.sheets.words import ConflictWinner
from core.storage.tables import SheetConflict, SheetRow
from core.storage.tenancy import ScopedSession

_TITLE, _WHEN = USER_FIELDS.index("title"), USER_FIELDS.index("scheduled_time")
LONGEST_SHOWN = 200
"""Characters of a title that lists keep."""


@dataclass(frozen=True)
class Done:
    """What came of some rows: items made, rows whose posts followed, conflicts listed."""

    created: int = 0
    updated: int = 0
    conflicts: int = 0

    def __add__(self, other: "Done") -> "Done":
        """Return both together."""
        return Done(self.created + other.created, self.updated + other.updated, self.conflicts + other.conflicts)


@dataclass(frozen=True)
class Subject:
    """What rows belong to: their connection and calendar, and how the sheet says things."""

    connection_id: str
    calendar_id: str
    manner: Manner


def apply_units(session: ScopedSession, ctx: Context, subject: Subject, units: Sequence[Unit]) -> Done:
    """Do what some rows ask for, in this transaction."""
    rows = load_rows(session, subject.connection_id, [unit.row_id for unit in units])
    for unit in units:
        if unit.new is not None and unit.row_id not in rows:
            rows[unit.row_id] = _add_row(session, subject, unit.new)
    posts = read_posts(session, [key for row in rows.values() for key in row.items.values()])
    here = [unit for unit in units if unit.row_id in rows]
    fresh = [
        unit.reading for unit in here if unit.reading and not unit.reading.is_broken and not rows[unit.row_id].items
    ]
    made = add_posts(session, ctx, subject.calendar_id, fresh)
    session.flush()
    posts |= read_posts(session, [key for one in made.values() for key in one.items.values()])
    done = Done()
    for unit in here:
        row = rows[unit.row_id]
        done += _apply(session, ctx, subject, unit, row, made.get(unit.row_id), posts)
    return done


def _add_row(session: ScopedSession, subject: Subject, new: NewRow) -> SheetRow:
    row = SheetRow(
        connection_id=subject.connection_id,
        row_id=new.row_id,
        state=KnownState.ACTIVE,
        base=list(new.values),
        ours=list(new.values),
        position=new.position,
    )
    session.add(row)
    return row


def _apply(
    session: ScopedSession,
    ctx: Context,
    subject: Subject,
    unit: Unit,
    row: SheetRow,
    made: Made | None,
    posts: Mapping[str, Post],
) -> Done:
    row.position = unit.position or row.position
    row.cell_fault = unit.cell_fault
    if unit.is_gone and row.state is KnownState.ACTIVE:
        _miss(session, row)
        return Done()
    if unit.is_back or unit.new is not None:
        row.state = KnownState.ACTIVE
    if unit.values is not None:
        row.base, row.title = list(unit.values), _title(unit.values)
    listed = [_listed(subject, row, conflict) for conflict in unit.conflicts]
    if made is not None:
        done = _keep_made(subject, unit, row, made, posts)
    elif unit.change is not None or unit.reading is not None:
        done, left = _keep_change(session, ctx, subject, unit, row, posts)
        listed += left
    else:
        done = Done()
    session.add_all(listed)
    return replace(done, conflicts=len(listed))


def _miss(session: ScopedSession, row: SheetRow) -> None:
    """Offer a removed row's posts for cancellation; one that never had any is forgotten."""
    if row.items:
        row.state, row.position = KnownState.MISSING, 0
    else:
        session.delete(row)


def _title(values: Values) -> str:
    return text(values[_TITLE])[:LONGEST_SHOWN]


def _keep_made(subject: Subject, unit: Unit, row: SheetRow, made: Made, posts: Mapping[str, Post]) -> Done:
    """Keep the posts of a row that had none: a time that the planner chose is news to the sheet."""
    row.fault, row.items, row.refused = fault_words(made.faults), dict(made.items), []
    if not made.items:
        row.ours = list(row.base)
        return Done()
    ours = list(said([posts[key] for key in made.items.values()], subject.manner))
    if unit.reading is not None and unit.reading.moment is None:
        ours[_WHEN] = ""
    row.ours = ours
    return Done(created=len(made.items))


def _keep_change(
    session: ScopedSession, ctx: Context, subject: Subject, unit: Unit, row: SheetRow, posts: Mapping[str, Post]
) -> tuple[Done, list[SheetConflict]]:
    """Follow what was edited, and what could not be followed before; the rest is bookkeeping."""
    fields = _edited(unit, row)
    if unit.change is not None:
        row.ours, row.refused = list(unit.change.ours), sorted(unit.change.refused)
    if row.items and not row.refused:
        row.fault = ""  # what could not be read was overruled by Slotwise
    if not fields or unit.reading is None or not row.items:
        return Done(), []
    own = {platform: posts[key] for platform, key in row.items.items() if key in posts}
    before = said([*own.values()], subject.manner)
    if all(post.state not in OPEN for post in own.values()):
        given_up = [_given_up(subject, row, name, before, [*own.values()]) for name in row.refused]
        row.fault, row.refused = "", []
        return Done(), given_up
    followed = follow(session, ctx, Wish(unit.reading, fields, own, subject.calendar_id))
    session.flush()
    now = read_posts(session, followed.items.values())
    after = said([now[key] for key in followed.items.values()], subject.manner)
    row.ours = list(_agreed(row.ours, before, after, fields - followed.refused))
    if unit.reading.moment is None and "scheduled_time" in fields - followed.refused:
        row.ours = [*row.ours[:_WHEN], "", *row.ours[_WHEN + 1 :]]
    row.refused = sorted((frozenset(row.refused) - fields) | followed.refused)
    row.items, row.fault = dict(followed.items), fault_words(followed.faults)
    left = [_left(subject, row, unit, post, why) for post, why in followed.left] if unit.change else []
    return Done(updated=int(fields > followed.refused)), left


def _edited(unit: Unit, row: SheetRow) -> frozenset[str]:
    """Return the fields to follow: those just edited and those refused before; a time of day goes with its date."""
    edits = frozenset(edit.field for edit in unit.change.edits) if unit.change is not None else frozenset()
    fields = edits | (frozenset(row.refused) if edits or unit.tries_again else frozenset())
    return fields | {"scheduled_time"} if fields & WHEN else fields


def _agreed(ours: Sequence[object], before: Values, after: Values, fields: frozenset[str]) -> Iterator[object]:
    """Yield what both sides know now: the fields that followed, and words that followed from them; a time is told."""
    for name, old, was, now in zip(USER_FIELDS, ours, before, after, strict=True):
        yield now if name in fields or (now != was and name != "scheduled_time") else old


def _listed(subject: Subject, row: SheetRow, one: Conflict) -> SheetConflict:
    values = cell_words(one.field, one.sheet_value), cell_words(one.field, one.our_value)
    return _conflict(subject, row, one.field, values, one.reason, one.sheet_at, ConflictWinner(one.winner))


def _given_up(subject: Subject, row: SheetRow, name: str, ours: Values, posts: Sequence[Post]) -> SheetConflict:
    """Return that a cell could not be followed until the posts of its row were closed."""
    column = USER_FIELDS.index(name)
    values = cell_words(name, row.base[column]), cell_words(name, ours[column])
    return _conflict(subject, row, name, values, CLOSED[posts[0].state], max(post.updated_at for post in posts))


def _left(subject: Subject, row: SheetRow, unit: Unit, post: Post, why: str) -> SheetConflict:
    """Return that one post of a row could not follow any more, though the others did."""
    edits = unit.change.edits if unit.change is not None else ()
    theirs = ", ".join(cell_words(edit.field, edit.new) for edit in edits)
    ours = ", ".join(cell_words(edit.field, edit.old) for edit in edits)
    reason = f"{why} on {subject.manner.platforms[post.platform].name}; the other posts of the row follow"
    return _conflict(subject, row, ", ".join(edit.field for edit in edits), (theirs, ours), reason, post.updated_at)


def _conflict(
    subject: Subject,
    row: SheetRow,
    field: str,
    values: tuple[str, str],
    reason: str,
    at: datetime,
    winner: ConflictWinner = ConflictWinner.SLOTWISE,
) -> SheetConflict:
    """Return a line of the list of conflicts; `values` are the sheet's and ours."""
    sheet_value, our_value = values
    return SheetConflict(
        connection_id=subject.connection_id,
        row_id=row.row_id,
        title=row.title,
        field=field,
        sheet_value=sheet_value,
        our_value=our_value,
        winner=winner,
        reason=reason,
        at=at,
    )
