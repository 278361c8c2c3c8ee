"""Commands for the keys of the API: make one, list them, rotate, revoke."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from core.cli.house import WorkspaceOption, choose_workspace, open_house
from core.cli.output import JsonOption, print_json, print_list
from core.errors import Invalid, NotFound, Problem
from core.services.api_keys import (
    KIND,
    LONGEST_OVERLAP_MINUTES,
    KeyDraft,
    KeyView,
    NewKey,
    create_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from core.services.context import Context
from core.services.scopes import ALL_SCOPES
from core.vocabulary import KeyState, Scope, Signing

KEYS_CREATE_EXAMPLES = (
    "Examples:  slotwise keys create Website --scope scheduling:write   ·   "
    "slotwise keys create Backend --scope analytics:read --scope channels:read --days 90 --signing required"
)
KEYS_LIST_EXAMPLES = "Examples:  slotwise keys list   ·   slotwise keys list --json"
KEYS_ROTATE_EXAMPLES = (
    "Examples:  slotwise keys rotate sw_3f9a2c1d   ·   slotwise keys rotate Website --overlap-minutes 60"
)
KEYS_REVOKE_EXAMPLES = "Examples:  slotwise keys revoke sw_3f9a2c1d   ·   slotwise keys revoke Website"

WhichKey = Annotated[str, typer.Argument(metavar="KEY", help="Id, visible prefix or name of the key.")]


def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as the program that gets it.")],
    *,
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; say it once for each scope.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Expires after so many days; left out: never.")] = (
        None
    ),
    signing: Annotated[Signing, typer.Option(help="Whether calls may or must be signed.")] = Signing.NONE,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an API key and print it, this once. The first one ends access without a key."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        expires_at = None if days is None else ctx.now() + timedelta(days=days)
        made = create_key(ctx, KeyDraft(name, tuple(scope), expires_at, signing), ALL_SCOPES)
    _print_new(made, as_json=as_json)


def show(*, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """List the API keys of a workspace, the newest first; their secrets are kept nowhere."""
    with open_house() as house:
        keys = list_keys(choose_workspace(house, workspace))
    print_list(keys, _line, "There are no API keys in this workspace.", as_json=as_json)


def rotate(
    which: WhichKey,
    *,
    overlap_minutes: Annotated[
        int, typer.Option(min=0, max=LONGEST_OVERLAP_MINUTES, help="How long the old secret is good besides the new.")
    ] = 0,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give an API key a new secret and print it, this once."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        made = rotate_key(ctx, _choose(ctx, which), ALL_SCOPES, overlap_minutes)
    _print_new(made, as_json=as_json)


def revoke(which: WhichKey, *, workspace: WorkspaceOption = "", as_json: JsonOption = False) -> None:
    """End an API key and the tokens it was exchanged for, at once and for good."""
    with open_house() as house:
        ctx = choose_workspace(house, workspace)
        key = revoke_key(ctx, _choose(ctx, which))
    if as_json:
        print_json(key)
        return
    typer.echo(f"{key.name} ({key.prefix}) is revoked.")


def _choose(ctx: Context, wanted: str) -> str:
    """Return the id of the key that is meant (NotFound; Invalid where several have the name)."""
    keys = list_keys(ctx)
    found = [key for key in keys if wanted in {key.id, key.prefix}]
    found = found or [key for key in keys if key.name == wanted and key.state is not KeyState.REVOKED]
    if not found:
        raise NotFound(kind=KIND, id=wanted)
    if len(found) > 1:
        prefixes = ", ".join(key.prefix for key in found)
        raise Invalid((Problem("KEY", wanted, f"several keys have this name; say the prefix: {prefixes}"),))
    return found[0].id


def _print_new(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    typer.echo(made.secret)
    if made.signing_secret:
        typer.echo(made.signing_secret)
    what = "The first line is the key, the second the secret that signs calls" if made.signing_secret else "The key"
    typer.secho(f"{what} of {made.key.name}. Keep it now: it is shown this once.", err=True)
    if made.key.previous_until:
        typer.secho(f"The old one is good until {_shown(made.key.previous_until)}.", err=True)


def _line(key: KeyView) -> str:
    return f"{key.prefix}  {key.state.value:<8}  {key.name}: {', '.join(key.scopes)}{_times(key)}"


def _times(key: KeyView) -> str:
    used = f"; used {_shown(key.last_used_at)}" if key.last_used_at else "; never used"
    return used + (f"; expires {_shown(key.expires_at)}" if key.expires_at else "")


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
