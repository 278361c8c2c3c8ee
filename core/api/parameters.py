"""Refuses parameters in the address that a call does not know: to ignore a filter would mislead."""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from pydantic import BaseModel

from core.errors import Invalid, Problem


def refuse_unknown(connection: HTTPConnection) -> None:
    """Raise Invalid for parameters nobody reads; a call that reads a `Query` refuses them there, in one go."""
    route = connection.scope.get("route")
    if not connection.query_params or not isinstance(route, APIRoute):
        return
    known = list(_parameters(route.dependant))
    if any(isinstance(kind, type) and issubclass(kind, BaseModel) for _, kind in known):
        return
    names = {name for name, _ in known}
    fix = f"this call knows {', '.join(sorted(names))}" if names else "this call knows no parameters"
    unknown = [(name, value) for name, value in connection.query_params.multi_items() if name not in names]
    if unknown:
        raise Invalid(tuple(Problem(name, value, fix) for name, value in unknown))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    """Yield the parameters of a call and of what it depends on, each with its kind."""
    yield from ((each.alias, each.field_info.annotation) for each in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)
