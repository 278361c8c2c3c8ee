"""How a command gets at the installation, and which workspace it means."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError

from core.bootstrap import Slotwise, assemble
from core.errors import Invalid, NotFound, Problem
from core.logs import set_up_logs
from core.services.channels import ChannelView, list_channels, list_peers
from core.services.context import Context
from core.services.sheet_connections import list_connections
from core.services.sheet_views import ConnectionView
from core.services.workspaces import list_workspaces
from core.settings import Settings

WorkspaceOption = Annotated[str, typer.Option(help="Id or name of the workspace; the oldest when left out.")]


def read_settings() -> Settings:
    """Read the settings from the environment (Invalid names the variable)."""
    try:
        return Settings()
    except ValidationError as error:
        problems = (
            Problem(f"SLOTWISE_{'_'.join(map(str, each['loc'])).upper()}", str(each["input"]), each["msg"])
            for each in error.errors()
        )
        raise Invalid(tuple(problems)) from error


@contextmanager
def open_house() -> Iterator[Slotwise]:
    """Open the installation for one command; only what goes wrong is logged, beside what the command prints."""
    settings = read_settings()
    if not structlog.is_configured():
        set_up_logs("WARNING", as_json=settings.log_json)
    house = assemble(settings)
    try:
        yield house
    finally:
        house.close()


def choose_workspace(house: Slotwise, wanted: str) -> Context:
    """Return the context of the workspace with this id or name (NotFound), the oldest where nothing is said."""
    if not wanted:
        return house.context()
    for workspace in list_workspaces(house.db):
        if wanted in {workspace.id, workspace.name}:
            return house.context(workspace.id)
    raise NotFound(kind="workspace", id=wanted)


def choose_connection(ctx: Context, wanted: str) -> ConnectionView:
    """Return the connected sheet with this id or name (NotFound; Invalid where several have the name)."""
    found = [view for view in list_connections(ctx) if wanted in {view.id, view.name}]
    if not found:
        raise NotFound(kind="sheet connection", id=wanted)
    if len(found) > 1:
        ids = ", ".join(view.id for view in found)
        raise Invalid((Problem("CONNECTION", wanted, f"several connections have this name; say the id: {ids}"),))
    return found[0]


def choose_channel(ctx: Context, wanted: str) -> ChannelView:
    """Return the channel or peer with this id or name (NotFound; Invalid where several have the name)."""
    found = [channel for channel in (*list_channels(ctx), *list_peers(ctx)) if wanted in {channel.id, channel.name}]
    if not found:
        raise NotFound(kind="channel", id=wanted)
    if len(found) > 1:
        ids = ", ".join(f"{channel.id} ({channel.platform})" for channel in found)
        raise Invalid((Problem("--channel", wanted, f"several channels have this name; say the id: {ids}"),))
    return found[0]
