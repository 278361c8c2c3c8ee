"""Trials in which several act at the same second: over a real socket, beside a planner, and killed in the middle."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from api_server import Served
from trial_stage import FIRST_MONDAY, WEEK, draft_of, planned, registered, running

from core.bootstrap import Slotwise
from core.errors import StateConflict
from core.services.channels import ChannelView
from core.services.context import Context
from core.services.fill_views import FillDraft, FillRequest
from core.services.filling import apply_fill, propose_fill
from core.services.items import find_item
from core.services.trial_assigning import assign_items, audit_assignments, list_assignments
from core.services.trial_drafts import create_trial, find_trial
from core.services.trial_moves import stop_trial
from core.services.trial_views import AssignmentView
from core.storage.doors import Database
from core.trials.words import TrialState

PATH = "/api/v1/trials"
HERE = Path(__file__).resolve().parent


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Let everybody begin at the same moment, each in a thread; give what each of them has to say."""
    barrier = Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def joining(client: httpx.Client, trial_id: str, ids: Sequence[str]) -> Callable[[], list[httpx.Response]]:
    """Let posts join one by one."""
    return lambda: [client.post(f"{PATH}/{trial_id}/assignments", json={"item_ids": [each]}) for each in ids]


def planning(ctx: Context, channel: ChannelView, drafts: int) -> Callable[[], list[str]]:
    """Let a planner choose times for drafts in one week, anew where somebody was quicker."""

    def plan() -> list[str]:
        placed: list[str] = []
        while len(placed) < drafts:
            draft = FillDraft(f"Draft {len(placed)}", "See.", channel_ids=(channel.id,))
            proposal = propose_fill(ctx, FillRequest((draft,), FIRST_MONDAY, FIRST_MONDAY + WEEK), lambda *_: 0.5)
            try:
                placed += [each.id for each in apply_fill(ctx, proposal)]
            except StateConflict:  # its time was taken since
                continue
        return placed

    return plan


def numbers(units: Sequence[AssignmentView]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for unit in units:
        found[unit.block].append(unit.number)
    return found


def test_clients_and_a_planner_draw_into_one_block_without_gap_or_double(
    house: Slotwise, served: Served, ctx: Context, linkedin: ChannelView
) -> None:
    trial = running(ctx, linkedin, takes_new=True)
    ids = [item.id for item in planned(ctx, linkedin, weeks=1, per_week=6)]
    engine = Database(house.db.engine.url.render_as_string(hide_password=False), house.clock)
    with served.client() as one, served.client() as two:
        first, second, placed = at_once(
            joining(one, trial.id, ids),
            joining(two, trial.id, ids[::-1]),
            planning(replace(ctx, db=engine), linkedin, 4),
        )
    engine.close()
    answers = [answer.json()["data"] for answer in (*first, *second)]  # type: ignore[misc]
    drawn = [each["item_id"] for answer in answers for each in answer["assigned"]]
    assert sorted(drawn) == sorted(ids)  # each of them once, though both clients asked for all
    units = list_assignments(ctx, trial.id)
    assert {unit.item_id for unit in units} == {*ids, *placed}  # type: ignore[misc]
    assert numbers(units) == {f"{linkedin.id}/2026-W11/text": list(range(10))}
    assert len({unit.slot_at for unit in units}) == 10
    audit = audit_assignments(ctx, trial.id)
    assert (audit.lines, audit.deviations, audit.fingerprint_holds) == (10, (), True)


def test_a_trial_that_is_stopped_while_posts_join_keeps_those_that_came_before(
    served: Served, ctx: Context, linkedin: ChannelView
) -> None:
    trial = running(ctx, linkedin)
    items = planned(ctx, linkedin, weeks=2, per_week=6)
    ids = [item.id for item in items]
    with served.client() as one, served.client() as two:
        first, second, stopped = at_once(
            joining(one, trial.id, ids[:6]), joining(two, trial.id, ids[6:]), lambda: stop_trial(ctx, trial.id)
        )
    answers = dict(zip(ids, (*first, *second), strict=True))  # type: ignore[misc]
    joined = {key for key, answer in answers.items() if answer.is_success}
    assert {answer.json()["error_code"] for key, answer in answers.items() if key not in joined} <= {"state_conflict"}
    for each in (first, second):  # once it is stopped nobody joins any more
        said = [answer.is_success for answer in each]  # type: ignore[attr-defined]
        assert said == sorted(said, reverse=True)
    assert {unit.item_id for unit in list_assignments(ctx, trial.id)} == joined
    for item in items:
        assert find_item(ctx, item.id).item.leeway.fixed is (item.id in joined)
    assert stopped.version == find_trial(ctx, trial.id).version  # type: ignore[attr-defined]
    assert audit_assignments(ctx, trial.id).deviations == ()


def statuses(*answers: object) -> list[int]:
    return sorted(answer.status_code for answer in answers)  # type: ignore[attr-defined]


def test_a_trial_that_two_decide_at_once_is_decided_by_one_of_them(
    served: Served, ctx: Context, linkedin: ChannelView
) -> None:
    trial = stop_trial(ctx, running(ctx, linkedin).id)
    with served.client() as one, served.client() as two:
        decide = f"{PATH}/{trial.id}/decide"
        answers = at_once(
            lambda: one.post(decide, json={"winner": "early"}), lambda: two.post(decide, json={"winner": "late"})
        )
    assert statuses(*answers) == [200, 409]
    taken = next(each.json()["data"]["decision"]["winner"] for each in answers if each.is_success)  # type: ignore[attr-defined]
    decided = find_trial(ctx, trial.id)
    assert decided.decision is not None
    assert (decided.state, decided.decision.winner) == (TrialState.DECIDED, taken)


@pytest.mark.parametrize("has_looked", [True, False])
def test_a_draft_that_is_edited_while_it_starts_is_registered_as_one_of_both_says(
    served: Served, ctx: Context, linkedin: ChannelView, has_looked: bool
) -> None:
    trial = create_trial(ctx, draft_of(linkedin, weeks=10))
    with served.client() as one, served.client() as two:
        looked = {"If-Match": one.get(f"{PATH}/{trial.id}").headers["etag"]} if has_looked else {}
        edited, started = at_once(
            lambda: one.patch(f"{PATH}/{trial.id}", json={"weeks": 3}, headers=looked),
            lambda: two.post(f"{PATH}/{trial.id}/start", headers=looked),
        )
    codes = (edited.status_code, started.status_code)  # type: ignore[attr-defined]
    assert codes in ({(200, 409), (409, 200)} if has_looked else {(200, 200), (409, 200)})
    now = find_trial(ctx, trial.id)
    assert now.draft.weeks == (3 if codes[0] == 200 else 10)
    assert (now.state is TrialState.RUNNING) is (codes[1] == 200)
    if now.registration is not None:
        assert now.registration.weeks == now.draft.weeks
        assert registered(ctx, trial).fingerprint == now.fingerprint


def test_a_draw_that_is_killed_before_its_commit_leaves_nothing_half_drawn(
    house: Slotwise, ctx: Context, linkedin: ChannelView
) -> None:
    trial = running(ctx, linkedin)
    items = planned(ctx, linkedin, weeks=1, per_week=4)
    ids = [item.id for item in items]
    url = house.db.engine.url.render_as_string(hide_password=False)
    now = house.now().isoformat()
    paths = os.pathsep.join([str(HERE.parents[2]), str(HERE)])
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(HERE / "kill_draw.py"), str(house.settings.data_dir), url, trial.id, now, *ids],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "4 lines written\n"), done.stderr
    assert list_assignments(ctx, trial.id) == ()
    assert [find_item(ctx, each.id).item for each in items] == list(items)
    drawn = assign_items(ctx, trial.id, ids).assigned
    assert [unit.number for unit in drawn] == [0, 1, 2, 3]
    assert audit_assignments(ctx, trial.id).deviations == ()
