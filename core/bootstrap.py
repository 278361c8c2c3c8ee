"""Composition root: the only place that chooses implementations."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from random import Random
from threading import Event

from core.clock import Clock, system_clock
from core.errors import DatabaseUnavailable
from core.generation.templates import TemplateWriter
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.publishing.registry import PUBLISHERS, open_sender
from core.services.bulk_worker import POSTS_A_TURN, BulkWorker
from core.services.context import Context
from core.services.courier import Courier
from core.services.key_uses import KeyUses
from core.services.reference import Reference, load_reference
from core.services.sealing import seal_all
from core.services.sheet_syncing import sync_connection
from core.services.sheet_worker import SheetDesk
from core.services.vault import Vault
from core.services.vault_key import open_keys
from core.services.workers import Worker
from core.services.workspaces import ensure_workspace
from core.settings import ROOT, Settings, load_settings
from core.storage.doors import Database
from core.storage.engines import database_url
from core.storage.ids import IdPrefix, new_id
from core.storage.migrate import migrate
from core.storage.presence import Presence

LOCAL_OWNER = "owner"
"""Who acts while the installation has no members: the person at this machine."""


@dataclass(frozen=True)
class Slotwise:
    """One running installation: settings, database, reference data, clock, vault."""

    settings: Settings
    db: Database
    reference: Reference
    clock: Clock
    vault: Vault
    home: str
    """Id of the workspace that a visitor without a choice sees."""

    def context(self, workspace: str | None = None, actor: str = LOCAL_OWNER) -> Context:
        """Return the context in which `actor` works in a workspace (the oldest when None)."""
        return Context(
            self.db,
            workspace or self.home,
            actor,
            self.clock,
            self.reference,
            self.settings.uploads,
            self.vault,
            self.settings.webhook_allow_private,
        )

    @cached_property
    def uses(self) -> KeyUses:
        """What this process notes of the use of keys."""
        return KeyUses(self.db)

    @cached_property
    def presence(self) -> Presence:
        """The engines of this installation on this machine."""
        return Presence(self.settings.data_dir / "engines")

    @cached_property
    def google(self) -> GoogleDoor:
        """The way to Google of this process; all that open it share each account's requests a minute."""
        settings = self.settings
        hosts = Hosts(settings.google_token_url, settings.sheets_api_url, settings.drive_api_url)
        return GoogleDoor(hosts, self.clock, Random())  # noqa: S311 - spreads retries in time; no secret comes from it

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self.clock()

    def close(self) -> None:
        """Close the connections to Google and the database."""
        self.google.close()
        self.db.close()


@lru_cache(maxsize=1)
def running() -> Slotwise:
    """Return this process's installation, assembled at the first call; a failure is tried again at the next."""
    return assemble(load_settings())


def assemble(settings: Settings, clock: Clock = system_clock) -> Slotwise:
    """Open the database, bring it to this version's schema and make sure that a workspace exists.

    Secrets that lie there in clear or under an older key are encrypted. Raises DatabaseUnavailable, NewerSchema,
    BadReferenceData or UnusableSecretKey, each with what to do.
    """
    reference = read_reference()
    db = _open_database(settings, clock)
    vault = Vault(open_keys(settings))
    migrate(db.engine)
    seal_all(db, vault)
    home = ensure_workspace(db, settings.timezone, clock()).id
    return Slotwise(settings, db, reference, clock, vault, home)


def read_reference() -> Reference:
    """Return the reference data as they are on disk now (BadReferenceData)."""
    return load_reference(ROOT / "data" / "reference")


def open_worker(slotwise: Slotwise) -> Worker:
    """Return a new worker that publishes by every registered way."""
    publishers = {kind: open_publisher(slotwise.settings) for kind, open_publisher in PUBLISHERS.items()}
    rng = Random()  # noqa: S311 - spreads retries in time; no secret comes from it
    name, is_gone = new_id(IdPrefix.WORKER), slotwise.presence.is_gone
    return Worker(name, slotwise.db, slotwise.clock, publishers, rng, slotwise.vault, is_gone=is_gone)


def open_courier(slotwise: Slotwise, name: str) -> Courier:
    """Return what the engine of this name tells webhooks with."""
    rng = Random()  # noqa: S311 - spreads retries in time; no secret comes from it
    sender = open_sender(slotwise.settings)
    return Courier(name, slotwise.db, slotwise.clock, slotwise.vault, sender, rng)


def open_bulk_worker(slotwise: Slotwise, name: str, stopping: Event | None = None) -> BulkWorker:
    """Return what the engine of this name does the rows of bulk jobs with, until it stops."""
    settings, desk = slotwise.settings, open_sheet_desk(slotwise, name, stopping or Event())
    return BulkWorker(
        name,
        slotwise.db,
        slotwise.clock,
        slotwise.context,
        TemplateWriter(),
        settings.bulk_threads,
        settings.bulk_platform_threads,
        is_gone=slotwise.presence.is_gone,
        sync=lambda ctx, connection_id: sync_connection(desk, ctx.workspace, connection_id),
        posts=POSTS_A_TURN,
    )


def open_sheet_desk(slotwise: Slotwise, name: str, stopping: Event) -> SheetDesk:
    """Return what the engine of this name syncs sheets with, until it stops."""
    rng = Random()  # noqa: S311 - spreads syncs in time; no secret comes from it
    google = slotwise.google.until(stopping)
    return SheetDesk(
        name, slotwise.db, slotwise.clock, slotwise.context, google, rng, is_gone=slotwise.presence.is_gone
    )


def _open_database(settings: Settings, clock: Clock) -> Database:
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fix = "Give this user the right to write there, or set SLOTWISE_DATA_DIR to another folder."
        raise DatabaseUnavailable(where=str(settings.data_dir), reason=str(error.strerror), fix=fix) from error
    return Database(database_url(settings), clock)
