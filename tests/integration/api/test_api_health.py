"""Health and metrics over HTTP: open to a monitor, silent about anybody's data."""

from datetime import timedelta

import httpx
import pytest
from planned_posts import StandingClock, post, put_in_state

from core.services.calendars import schedule_item
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.heartbeat import Pulse, beat
from core.vocabulary import ItemState

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("path", ["health", "v1/health", "v1/scheduling/health"])
def test_a_monitor_reads_health_without_a_key(api: httpx.Client, ctx: Context, path: str) -> None:
    degraded = api.get(f"/api/{path}", headers={"Host": "elsewhere.example"})
    assert (degraded.status_code, degraded.json()["status"]) == (503, "degraded")
    assert degraded.json()["engine"] == {"state": "never", "last_tick": None, "lag_s": None, "queue": 0}
    beat(ctx.db, Pulse("w", ctx.now(), ctx.now() - timedelta(seconds=2)))
    answer = api.get(f"/api/{path}")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "timestamp": "2026-03-02T12:00:00Z",
        "version": answer.json()["version"],
        "scheduling_service": "available",
        "database": "available",
        "engine": {"state": "running", "last_tick": "2026-03-02T11:59:58Z", "lag_s": 2.0, "queue": 0},
    }


def test_what_waits_in_any_workspace_counts_and_is_late_after_a_minute(
    api: httpx.Client, ctx: Context, clock: StandingClock, linkedin: ChannelView
) -> None:
    schedule_item(ctx, post(linkedin, clock() + HOUR))
    clock.move(HOUR + timedelta(seconds=90))
    beat(ctx.db, Pulse("w", ctx.now(), ctx.now()))
    answer = api.get("/api/health")
    assert (answer.status_code, answer.json()["engine"]["state"], answer.json()["engine"]["queue"]) == (200, "late", 1)


def test_metrics_tell_of_requests_the_engine_items_and_attempts(
    api: httpx.Client, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    item = schedule_item(ctx, post(linkedin, clock() + HOUR))
    put_in_state(ctx, item.id, ItemState.PUBLISHED)
    beat(ctx.db, Pulse("w", ctx.now(), ctx.now() - timedelta(seconds=3)))
    api.get("/api/v1/scheduling/calendar/cal_none")
    api.get("/api/nowhere/at/all")
    answer = api.get("/api/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'slotwise_http_requests_total{method="GET",route="/v1/scheduling/calendar/{calendar_id}",status="404"} 1.0',
        'slotwise_http_requests_total{method="GET",route="(none)",status="404"} 1.0',
        "slotwise_engine_running 1.0",
        "slotwise_engine_lag_seconds 3.0",
        "slotwise_items_due 0.0",
        'slotwise_items{state="published"} 1.0',
        'slotwise_items{state="failed"} 0.0',
        'slotwise_publish_steps_total{step="unknown"} 0.0',
        'slotwise_job_runs{state="queued"} 0.0',
    ):
        assert line in lines
    assert linkedin.name not in answer.text
    assert ctx.workspace not in answer.text
