"""Which Google account is meant where nobody names one."""

from dataclasses import dataclass, replace
from typing import ClassVar

from core.errors import Invalid, NotFound, Problem, SlotwiseError
from core.google.door import GoogleDoor
from core.google.errors import GoogleError
from core.services.context import Context
from core.services.sheet_accounts import ACCOUNT, list_accounts
from core.services.sheet_checks import check_draft
from core.services.sheet_views import ConnectionDraft
from core.vocabulary import ErrorCode


@dataclass(eq=False)
class NoGoogleAccount(SlotwiseError):
    """There is no Google account here yet. Add one first, with the JSON key that Google gave out for it."""

    status: ClassVar[int] = 409
    code = ErrorCode.STATE_CONFLICT


def choose_account(ctx: Context, wanted: str | None = None) -> str:
    """Return the id of the account with this id or name, of the only one where nothing is said.

    Raises NotFound, NoGoogleAccount and Invalid (several).
    """
    accounts = list_accounts(ctx)
    if wanted:
        found = [account for account in accounts if wanted in {account.id, account.name, account.email}]
        if not found:
            raise NotFound(kind=ACCOUNT, id=wanted)
    else:
        found = list(accounts)
    if not found:
        raise NoGoogleAccount
    if len(found) > 1:
        names = ", ".join(f"{account.id} ({account.name})" for account in found)
        raise Invalid((Problem("account_id", wanted or "", f"there are several Google accounts; name one of {names}"),))
    return found[0].id


def account_that_opens(ctx: Context, google: GoogleDoor, draft: ConnectionDraft) -> str:
    """Return the first account that can sync a sheet, the oldest where none can (NoGoogleAccount)."""
    accounts = list_accounts(ctx)
    if len(accounts) < 2:  # noqa: PLR2004 - nothing to choose from
        return choose_account(ctx)
    ids = (account.id for account in accounts)
    return next((each for each in ids if _opens(ctx, google, replace(draft, account_id=each))), accounts[0].id)


def _opens(ctx: Context, google: GoogleDoor, draft: ConnectionDraft) -> bool:
    try:
        return check_draft(ctx, google, draft).is_ready
    except GoogleError:
        return False
