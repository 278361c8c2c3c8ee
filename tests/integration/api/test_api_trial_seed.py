"""The seed of a trial is told by no door before the trial is stopped, and by all of them afterwards."""

import hashlib
import json
from collections.abc import Iterator

import httpx
from planned_posts import StandingClock
from trial_stage import go_out, planned

from core.services.audit import AuditFilter, page_audit
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.trial_drafts import find_trial
from core.services.trial_report import trial_as_html

PATH = "/api/v1/trials"
SEED = "a-seed-nobody-may-read"
ARMS = [{"name": "as planned", "strategy": "as_planned"}, {"name": "twice", "strategy": "as_planned", "weight": 2}]


def doors(api: httpx.Client, ctx: Context, trial_id: str) -> Iterator[str]:
    """Yield what every door says of a trial that has started."""
    mine = f"{PATH}/{trial_id}"
    for path in (PATH, mine, f"{mine}/assignments", f"{mine}/audit", f"{mine}/results", f"{mine}/export"):
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        yield answer.text
    yield trial_as_html(ctx, trial_id).decode()
    yield repr(find_trial(ctx, trial_id))
    yield repr(page_audit(ctx, AuditFilter(), 50))


def test_no_door_tells_the_seed_before_the_stop(
    api: httpx.Client, ctx: Context, linkedin: ChannelView, clock: StandingClock
) -> None:
    asked = {"name": "A trial", "channel_ids": [linkedin.id], "arms": ARMS, "seed": SEED}
    made = api.post(PATH, json=asked)
    mine = f"{PATH}/{made.json()['data']['id']}"
    edited = api.patch(mine, json={"weeks": 4})
    started = api.post(f"{mine}/start")
    joined = api.post(f"{mine}/assignments", json={"item_ids": [item.id for item in planned(ctx, linkedin, 2, 6)]})
    answers = [each.text for each in (made, edited, started, joined)]
    assert all(each.is_success for each in (made, edited, started, joined)), answers
    trial = find_trial(ctx, made.json()["data"]["id"])
    assert not [text for text in (*answers, *doors(api, ctx, trial.id)) if SEED in text]
    assert started.json()["data"]["registration"]["seed"] is None
    assert "kept until the trial is stopped" in trial_as_html(ctx, trial.id).decode()
    go_out(ctx, clock, trial)
    stopped = api.post(f"{mine}/stop", json={}).json()["data"]
    assert (stopped["seed"], stopped["registration"]["seed"]) == (SEED, SEED)
    text = json.dumps(stopped["registration"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == trial.fingerprint
    assert SEED in trial_as_html(ctx, trial.id).decode()


def test_an_edit_that_says_nothing_of_the_seed_keeps_it(api: httpx.Client, linkedin: ChannelView) -> None:
    asked = {"name": "A trial", "channel_ids": [linkedin.id], "arms": ARMS, "seed": SEED}
    mine = f"{PATH}/{api.post(PATH, json=asked).json()['data']['id']}"
    assert api.patch(mine, json={"weeks": 4}).json()["data"]["seed"] is None
    api.post(f"{mine}/start")
    assert api.post(f"{mine}/stop", json={}).json()["data"]["seed"] == SEED
