"""What a row of a bulk job becomes: done, or failed by what a person can mend."""

from typing import Any

from core.bulk.words import RowState
from core.errors import SlotwiseError
from core.services.bulk_operations import OPERATIONS, Result, Work

Outcome = dict[str, Any]
"""What a row becomes, by column."""


def outcome_of(work: Work) -> Outcome:
    """Do one row and return what it becomes; a refused effect is undone."""
    try:
        with work.session.begin_nested():
            return done(OPERATIONS[work.job.operation].do(work))
    except SlotwiseError as error:
        refuse_unexpected(error)
        work.session.refresh(work.job)
        return failure(error)


def done(result: Result) -> Outcome:
    """Return what a row becomes whose effect happened."""
    return {"state": RowState.DONE, "result": dict(result), "error": None}


def failure(error: SlotwiseError) -> Outcome:
    """Return what a row becomes that was refused."""
    return {"state": RowState.FAILED, "error": str(error)}


def refuse_unexpected(error: SlotwiseError) -> None:
    """Raise what is the engine's fault, not the row's: it is tried again."""
    if error.status >= SlotwiseError.status:
        raise error
