"""The health check: can this installation do its work at the moment."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version

import structlog
from starlette.requests import Request
from starlette.responses import Response

from core.api.shapes.health import EngineShape, HealthShape
from core.bootstrap import Slotwise, running
from core.clock import system_clock
from core.errors import SlotwiseError
from core.services.heartbeat import EngineState, InstallationStatus, installation_status

AT_WORK = frozenset({EngineState.RUNNING, EngineState.LATE})
"""A late engine still publishes; starting it anew would only make it later."""

_UNKNOWN = EngineShape(state="unknown", last_tick=None, lag_s=None, queue=None)
_log = structlog.get_logger(__name__)


def health(_request: Request) -> Response:
    """Answer GET /health at the root: 200 while the installation is healthy, else 503."""
    return health_response(running)


def health_response(house: Callable[[], Slotwise]) -> Response:
    """Return the answer to a health check; why something is unavailable is for the log, for anybody may ask."""
    shape = _findings(house)
    status = HTTPStatus.OK if shape.status == "healthy" else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(shape.model_dump_json(), status.value, media_type="application/json")


def _findings(house: Callable[[], Slotwise]) -> HealthShape:
    try:
        open_house = house()
        now = open_house.now()
        engine = installation_status(open_house.db, now)
    except SlotwiseError as error:
        _log.warning("unhealthy", reason=str(error))
        return HealthShape(
            status="degraded",
            timestamp=system_clock(),
            version=version("slotwise"),
            scheduling_service="unavailable",
            database="unavailable",
            engine=_UNKNOWN,
        )
    return HealthShape(
        status="healthy" if engine.state in AT_WORK else "degraded",
        timestamp=now,
        version=version("slotwise"),
        scheduling_service="available",
        database="available",
        engine=_engine(engine),
    )


def _engine(engine: InstallationStatus) -> EngineShape:
    lag = None if engine.lag is None else engine.lag.total_seconds()
    return EngineShape(state=engine.state.value, last_tick=engine.last_tick, lag_s=lag, queue=engine.queue)
