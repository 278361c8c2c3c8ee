"""What a supervisor of the process is told."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request

from core.api.health import health
from core.logs import set_up_logs
from core.services.context import Context
from core.services.heartbeat import Pulse, beat

ASKED = Request({"type": "http"})


def test_an_engine_at_work_is_healthy(ctx: Context) -> None:
    beat(ctx.db, Pulse("w", ctx.now(), ctx.now()))
    answer = health(ASKED)
    assert answer.status_code == 200
    assert json.loads(answer.body)["status"] == "healthy"


def test_an_engine_that_is_gone_is_degraded_and_says_so(ctx: Context) -> None:
    beat(ctx.db, Pulse("w", ctx.now(), ctx.now() - timedelta(minutes=10)))
    answer = health(ASKED)
    assert answer.status_code == 503
    engine = json.loads(answer.body)["engine"]
    assert (engine["state"], round(engine["lag_s"]), engine["queue"]) == ("stopped", 600, 0)


def test_a_database_that_cannot_be_opened_is_degraded_and_the_reason_is_in_the_log(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("WARNING", as_json=False)  # whatever tests before this one have heard
    (data_dir / "slotwise.db").write_bytes(b"no database" * 500)
    answer = health(ASKED)
    assert answer.status_code == 503
    assert json.loads(answer.body)["database"] == json.loads(answer.body)["scheduling_service"] == "unavailable"
    assert "file is not a database" not in str(answer.body)
    assert "file is not a database" in capsys.readouterr().err
