"""What scopes contain, and refusing to give away more than one has."""

from collections.abc import Iterable

from core.errors import InsufficientScope
from core.vocabulary import Scope

ALL_SCOPES = frozenset(Scope)
_READ, _WRITE = ":read", ":write"


def implied(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Return the scopes with those they contain: who may write may read."""
    given = frozenset(scopes)
    return given | {Scope(scope.value.replace(_WRITE, _READ)) for scope in given}


def refuse_escalation(wanted: Iterable[Scope], creator: Iterable[Scope]) -> None:
    """Refuse to give a key what its creator may not do (InsufficientScope names what is missing)."""
    missing = sorted(implied(wanted) - implied(creator))
    if missing:
        fix = "Only somebody who has all scopes of a key can make or rotate it."
        raise InsufficientScope(scope=", ".join(missing), fix=fix)
