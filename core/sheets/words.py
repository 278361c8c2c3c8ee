"""The words of connected sheets: how Slotwise signs in, what it may do, where a connection stands."""

from enum import StrEnum


class AccountKind(StrEnum):
    """How Slotwise signs in at Google: as a service account, or in the name of a person who allowed it."""

    SERVICE_ACCOUNT = "service_account"
    OAUTH = "oauth"


class SheetPermission(StrEnum):
    """What a connection may do with its sheet; `admin` also adds the columns that are missing."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class ConnectionStatus(StrEnum):
    """Where a connection to a sheet stands."""

    CONNECTED = "connected"
    ERROR = "error"
    SYNCING = "syncing"


class ConflictWinner(StrEnum):
    """Whose value stands where a sheet and Slotwise both changed a field."""

    SHEET = "sheet"
    SLOTWISE = "slotwise"
