"""An assembled Slotwise on each kind of database, with its owner, a stranger and a channel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from planned_posts import StandingClock, linkedin_draft

from core.bootstrap import Slotwise, assemble
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.workspaces import create_workspace
from core.settings import Settings


@pytest.fixture
def clock() -> StandingClock:
    """Give the clock of `house`: Monday 2 March 2026, 12:00 UTC, until it is moved."""
    return StandingClock()


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: StandingClock) -> Iterator[Slotwise]:
    """Give a new installation, once for each kind of database."""
    slotwise = assemble(Settings(data_dir=tmp_path / "data", database_url=database_url), clock)
    yield slotwise
    slotwise.close()


@pytest.fixture
def ctx(house: Slotwise) -> Context:
    """Give the owner's context in the first workspace."""
    return house.context()


@pytest.fixture
def stranger(house: Slotwise, clock: StandingClock) -> Context:
    """Give somebody's context in another workspace of the same installation."""
    return house.context(create_workspace(house.db, "Strangers", "UTC", clock()).id, actor="stranger")


@pytest.fixture
def linkedin(ctx: Context) -> ChannelView:
    """Give a LinkedIn outbox in Berlin, two hours between posts, at most three a day."""
    return add_channel(ctx, linkedin_draft())
