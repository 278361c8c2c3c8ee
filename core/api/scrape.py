"""What Prometheus reads: the requests this process has answered, and how publishing goes in the installation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.bootstrap import Slotwise
from core.services.heartbeat import EngineState
from core.services.installation import InstallationFigures, installation_figures

READ_EVERY = timedelta(seconds=10)
"""The ledger is counted line by line: several collectors of one installation share a reading."""


@dataclass
class Scrape:
    """Gives the metrics as text; every label is a word of the product, so that their number is bounded."""

    requests: CollectorRegistry
    _read_at: datetime | None = None
    _figures: InstallationFigures | None = None

    def text(self, house: Slotwise) -> bytes:
        """Return the metrics at present (DatabaseUnavailable)."""
        now = house.now()
        if self._figures is None or self._read_at is None or now - self._read_at >= READ_EVERY:
            self._figures, self._read_at = installation_figures(house.db, now), now
        installation = CollectorRegistry()
        installation.register(_Installation(self._figures))
        return generate_latest(self.requests) + generate_latest(installation)


@dataclass(frozen=True, eq=False)
class _Installation(Collector):
    """Makes figures into metrics."""

    figures: InstallationFigures

    def collect(self) -> Iterator[Metric]:
        """Yield them, as the client library asks."""
        engine = self.figures.engine
        for state in EngineState:
            known = GaugeMetricFamily(f"slotwise_engine_{state}", f"1 while the liveliest engine is {state}.")
            known.add_metric([], float(engine.state is state))
            yield known
        if engine.lag is not None:
            yield GaugeMetricFamily(
                "slotwise_engine_lag_seconds", "Since an engine last looked for due items.", engine.lag.total_seconds()
            )
        yield GaugeMetricFamily("slotwise_items_due", "Items that are due and not taken up yet.", engine.queue)
        yield _by_word(GaugeMetricFamily(*_ITEMS, labels=["state"]), self.figures.items)
        yield _by_word(GaugeMetricFamily(*_RUNS, labels=["state"]), self.figures.runs)
        yield _by_word(CounterMetricFamily(*_STEPS, labels=["step"]), self.figures.ledger)


_ITEMS = ("slotwise_items", "Items by state.")
_RUNS = ("slotwise_job_runs", "Runs of jobs by state.")
_STEPS = ("slotwise_publish_steps", "Steps of attempts to publish.")


def _by_word(family: GaugeMetricFamily | CounterMetricFamily, counts: Mapping[Any, int]) -> Metric:
    for word, count in counts.items():
        family.add_metric([word], count)
    return family
