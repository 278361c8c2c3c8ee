"""On whose clocks a connected sheet is read."""

from core.services.sheet_views import ConnectionView
from core.ui.state import workspace


def zone_of(connection: ConnectionView) -> str:
    """Return the zone of a connection; the workspace's where it takes the spreadsheet's own."""
    return connection.timezone or workspace().timezone
