"""What bulk jobs do besides scheduling, whom they tell, and the engine that carries them out by itself."""

from datetime import timedelta
from pathlib import Path
from threading import Event as Flag

import pytest
from bulk_stage import content_row, made, row_states, work_off, worker_of
from planned_posts import TUESDAY, StandingClock
from sqlmodel import select

from core.bootstrap import Slotwise, assemble, open_courier, open_worker
from core.bulk.words import BulkState, Operation, RowState
from core.engine.embedded import EmbeddedEngine
from core.errors import StaleEdit
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_sheets import read_rows
from core.services.bulk_templates import discard_draft, load_draft, save_draft
from core.services.bulk_views import JobView, NewJob, RowDraft, Schedule
from core.services.context import Context
from core.services.events import job_standing
from core.services.items import every_item
from core.services.webhook_fanout import fan_out
from core.services.workspaces import read_revision
from core.settings import Settings
from core.storage.tables import Content, WebhookDelivery
from core.vocabulary import EventType, OptimizationLevel


def worked(house: Slotwise, ctx: Context, new: NewJob) -> JobView:
    """Create a job, do all of it, and give how it stands."""
    job_id = create_job(ctx, new).id
    work_off(worker_of(house))
    return find_job(ctx, job_id)


def test_texts_are_written_by_the_template_writer_which_says_what_it_is(house: Slotwise, ctx: Context) -> None:
    row = RowDraft("Spring", "What is new.", audience="gardeners", tone="friendly", tags=("spring",))
    job = worked(house, ctx, NewJob("Texts", Operation.GENERATE_CONTENT, (row,)))
    assert job.state is BulkState.COMPLETED
    (done,) = page_rows(ctx, job.id, 10)[0]
    assert (done.result["writer"], "without a language model" in done.result["note"]) == ("template", True)
    with ctx.read() as session:
        content = session.scalars(select(Content)).one()
    assert (content.id, content.title) == (done.result["content_id"], "Spring")
    assert content.text.split("\n\n") == [
        "Spring (for gardeners)",
        "What is new.",
        "We would love to hear from you.",
        "#spring",
    ]


def test_items_are_published_now_and_what_cannot_be_fails_alone(house: Slotwise, ctx: Context) -> None:
    scheduled = worked(house, ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, (content_row(0), content_row(1))))
    items = list(every_item(ctx, scheduled.calendar_id or ""))
    rows = (RowDraft(item_id=items[0].id), RowDraft(item_id="item_of_nobody"))
    job = worked(house, ctx, NewJob("Out with it", Operation.PUBLISH, rows))
    assert (job.state, job.progress.done, job.progress.failed) == (BulkState.COMPLETED, 1, 1)
    due = {item.id: item.scheduled_at for item in every_item(ctx, scheduled.calendar_id or "")}
    assert (due[items[0].id], due[items[1].id]) == (ctx.now(), TUESDAY + timedelta(hours=1))
    (failed,) = page_rows(ctx, job.id, 10, states=(RowState.FAILED,))[0]
    assert failed.error == "There is no item 'item_of_nobody' in this workspace."


def test_calendars_are_optimized_and_the_result_applied(house: Slotwise, ctx: Context) -> None:
    scheduled = worked(house, ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, (content_row(0),)))
    row = RowDraft(calendar_id=scheduled.calendar_id)
    schedule = Schedule(level=OptimizationLevel.SPEED)
    job = worked(house, ctx, NewJob("Better times", Operation.OPTIMIZE_SCHEDULE, (row,), schedule=schedule))
    (done,) = page_rows(ctx, job.id, 10)[0]
    assert (job.state, done.error) == (BulkState.COMPLETED, None)
    assert done.result["moved"] in {0, 1}


def test_how_a_job_stands_is_said_to_who_subscribes_to_it(house: Slotwise, ctx: Context) -> None:
    job = made(ctx, 2)
    first = job_standing(ctx, job.id)
    assert (first.type, first.data["progress"], first.data["step"]) == (EventType.JOB_PROGRESS, 0, "queued")
    work_off(worker_of(house))
    last = job_standing(ctx, job.id)
    assert (last.type, last.data["progress"], last.data["result"]["done"]) == (EventType.JOB_COMPLETED, 100, 2)


def test_a_job_tells_its_own_addresses_how_it_ended(house: Slotwise, ctx: Context) -> None:
    addresses = {"on_completed": "https://example.com/done", "on_failed": "https://example.com/failed"}
    job = made(ctx, 2, callbacks=addresses)
    work_off(worker_of(house))
    fan_out(open_courier(house, "one"), lambda _, __, call: bool(call() or True))
    with ctx.read() as session:
        (delivery,) = session.scalars(select(WebhookDelivery)).all()
    assert (delivery.receiver, delivery.type) == ("https://example.com/done", EventType.JOB_COMPLETED)
    assert delivery.payload["data"]["job_id"] == job.id


def test_the_engine_does_the_rows_by_itself(tmp_path: Path) -> None:
    house = assemble(Settings(data_dir=tmp_path, engine_tick_seconds=0.05))
    ctx, over = house.context(), Flag()
    rows = tuple(
        content_row(0, scheduled_times={"linkedin": (house.now() + timedelta(days=1, hours=number)).isoformat()})
        for number in range(12)
    )
    job = create_job(ctx, NewJob("Campaign", Operation.SCHEDULE_CONTENT, rows, schedule=Schedule(max_concurrent=4)))
    engine = EmbeddedEngine(open_worker(house), house)
    engine.start()
    for _ in range(2400):
        if find_job(ctx, job.id).state is BulkState.COMPLETED:
            break
        over.wait(0.05)
    assert len(list((tmp_path / "engines").iterdir())) == 1
    engine.stop()
    assert list((tmp_path / "engines").iterdir()) == []
    assert row_states(ctx, job.id) == {RowState.DONE: 12}
    house.close()


def test_a_draft_is_its_owners_alone(house: Slotwise, ctx: Context, clock: StandingClock) -> None:
    other = house.context(actor="somebody else")
    save_draft(ctx, {"step": 2})
    clock.move(timedelta(days=1))
    save_draft(ctx, {"step": 3})
    assert (load_draft(ctx).content, load_draft(other).content) == ({"step": 3}, None)
    discard_draft(ctx)
    assert load_draft(ctx).content is None


def test_a_draft_that_was_changed_elsewhere_is_not_overwritten_unawares(ctx: Context) -> None:
    first = save_draft(ctx, {"step": 1}, after=0)
    second = save_draft(ctx, {"step": 2}, after=first)
    with pytest.raises(StaleEdit):
        save_draft(ctx, {"step": 9}, after=first)
    gone = discard_draft(ctx)
    with pytest.raises(StaleEdit):
        save_draft(ctx, {"step": 9}, after=second)
    assert save_draft(ctx, {"step": 3}, after=gone) > gone
    assert save_draft(ctx, {"step": 4}) > 0
    assert load_draft(ctx).content == {"step": 4}


def test_keeping_a_draft_leaves_what_screens_keep_of_the_workspace(ctx: Context) -> None:
    before = read_revision(ctx)
    save_draft(ctx, {"step": 1})
    discard_draft(ctx)
    assert read_revision(ctx) == before


# --- Sheets ---


def places(text: str) -> list[str]:
    return [problem.place for problem in read_rows(text.encode(), "posts.csv").problems]


def test_a_sheet_becomes_rows_with_their_lines() -> None:
    text = (
        "Status,Title,Content,Target Audience,Tone,Platform,Scheduled Time,Tags,Priority\n"
        'new,One,Hello,teachers,friendly,"LinkedIn, x",2026-03-09 10:00,"#a, b",High\n'
        ",,,,,,,,\n"
        "new,Two,,,,youtube,,,\n"
    )
    read = read_rows(text.encode(), "posts.csv")
    assert read.problems == ()
    first, second = read.rows
    assert (first.platforms, first.tags, first.priority, first.audience) == (
        ("linkedin", "x"),
        ("a", "b"),
        "high",
        "teachers",
    )
    assert first.scheduled_times == {"linkedin": "2026-03-09 10:00", "x": "2026-03-09 10:00"}
    assert (second.title, second.scheduled_times, first.line, second.line) == ("Two", {}, 2, 4)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Content,Platform\nHello,x\n", "Title"),
        ("Title,Content\nOne,Hello\n", "Platform"),
        ("Title,,Platform\nOne,Hello,x\n", "column B"),
        ("Title,Platform,Priority\nOne,x,soon\n", "line 2, Priority"),
        ("Title,Platform,Format\nOne,x,hologram\n", "line 2, Format"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_named_by_line_and_column(text: str, place: str) -> None:
    assert places(text) == [place]
