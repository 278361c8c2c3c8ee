"""Loads the synthetic sample history through the same import as everybody's own."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from core.history.columns import recognize
from core.history.reading import Reading
from core.services.context import Context
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.imports import ImportReport, ImportRequest, import_history
from core.services.sample import ZONE, SampleChannel, sample_history


def load_sample(ctx: Context, progress: Callable[[float], None] = lambda _: None) -> tuple[ImportReport, ...]:
    """Import 18 months of three invented channels, up to yesterday; doing it again moves them up to then.

    The channels are outboxes: nothing ever leaves this machine through them. `progress` is told the share done.
    """
    yesterday = ctx.now().astimezone(ZoneInfo(ZONE)).date() - timedelta(days=1)
    reports = []
    for done, channel in enumerate(channels := sample_history(yesterday), 1):
        reports.append(_import(ctx, channel))
        progress(done / len(channels))
    return tuple(reports)


def _import(ctx: Context, channel: SampleChannel) -> ImportReport:
    file = open_history(channel.csv, channel.file_name)
    target = ImportTarget(platform=channel.platform, timezone=channel.timezone, name=channel.name)
    return import_history(ctx, file, ImportRequest(recognize(file.headers), Reading(zone=channel.timezone), target))
