"""How platforms are named in requests: one or several, by comma, repeated or in brackets, `all`, or by an alias."""

from collections.abc import Iterable

from core.content.platforms import find_platform
from core.services.context import Context

ALL = "all"


def platforms_of(ctx: Context, *given: str | None) -> tuple[str, ...]:
    """Return the ids of the platforms that are named, none where all are meant (Invalid: one that is not known)."""
    return _ids(ctx, (name.strip() for text in given if text for name in text.split(",")))


def _ids(ctx: Context, names: Iterable[str]) -> tuple[str, ...]:
    wanted = [name for name in names if name]
    if ALL in wanted:
        return ()
    return tuple(dict.fromkeys(find_platform(ctx.reference.platforms, name).id for name in wanted))
