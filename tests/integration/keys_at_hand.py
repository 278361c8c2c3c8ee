"""Keys for tests of access, and what the database says about them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import create_engine, text

from core.bootstrap import Slotwise
from core.errors import SlotwiseError
from core.services.access import Caller, authenticate
from core.services.api_keys import KeyDraft, NewKey, create_key
from core.services.context import Context
from core.services.scopes import ALL_SCOPES
from core.vocabulary import Scope, Signing

Answer = TypeVar("Answer")
BOTH = (Scope.SCHEDULING_WRITE, Scope.ANALYTICS_READ)


def new_key(ctx: Context, *scopes: Scope, signing: Signing = Signing.NONE, **draft: Any) -> NewKey:
    """Give a key of the workspace with these scopes, or with `BOTH`."""
    return create_key(ctx, KeyDraft("Website", scopes or BOTH, signing=signing, **draft), ALL_SCOPES)


def who(house: Slotwise, presented: str) -> Caller:
    """Give whoever presents this now."""
    return authenticate(house.db, house.vault, house.now(), presented)


def dumped(house: Slotwise) -> str:
    """Read everything the tables of access and the audit log hold, as one text."""
    engine = create_engine(house.db.engine.url)
    tables = ("api_keys", "refresh_tokens", "seen_signatures", "audit_entries")
    with engine.connect() as connection:
        rows = [str(tuple(row)) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))]
    engine.dispose()
    return "\n".join(rows)


def at_once(calls: int, call: Callable[[], Answer]) -> list[Answer | SlotwiseError]:
    """Give what each of several calls made at the same time answered, or the error it raised."""

    def tried(_: int) -> Answer | SlotwiseError:
        try:
            return call()
        except SlotwiseError as error:
            return error

    with ThreadPoolExecutor(calls) as pool:
        return list(pool.map(tried, range(calls)))
