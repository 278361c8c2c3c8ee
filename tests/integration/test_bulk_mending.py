"""Failed rows of a job are mended and tried again, alone, and only where they would not fail the same way."""

from datetime import timedelta

import pytest
from bulk_stage import content_row, made, new_job, row_states, work_off, worker_of
from planned_posts import TUESDAY

from core.bootstrap import Slotwise
from core.bulk.words import BulkState, RowState
from core.errors import Invalid, NotFound, StateConflict
from core.services.bulk_jobs import create_job, find_job, page_rows
from core.services.bulk_mending import RowEdit, mend_rows
from core.services.bulk_moves import cancel_job
from core.services.channels import ChannelDraft, add_channel
from core.services.context import Context
from core.services.items import every_item
from core.vocabulary import ChannelKind


def with_a_failed_row(house: Slotwise, ctx: Context) -> str:
    """Give a job of two rows of which the second failed: a second channel was connected meanwhile."""
    job = made(ctx, 1)
    work_off(worker_of(house))
    second = create_job(ctx, new_job(2))
    add_channel(ctx, ChannelDraft("linkedin", "Jobs", ChannelKind.OUTBOX, "UTC"))
    work_off(worker_of(house))
    assert find_job(ctx, job.id).state is BulkState.COMPLETED
    return second.id


def test_why_a_row_failed_is_said_by_platform_and_column(house: Slotwise, ctx: Context) -> None:
    job_id = with_a_failed_row(house, ctx)
    (first, _), _ = page_rows(ctx, job_id, 10)
    assert first.error is not None
    assert first.error.startswith("LinkedIn, channel: LinkedIn has several channels")
    assert "items[" not in first.error


def test_a_mended_row_is_done_and_the_others_are_left_alone(house: Slotwise, ctx: Context) -> None:
    job_id = with_a_failed_row(house, ctx)
    when = (TUESDAY + timedelta(days=2)).isoformat()
    edit = RowEdit(title="Mended", text="Better", platforms=("facebook",), scheduled_time=when)
    job = mend_rows(ctx, job_id, {2: edit})
    assert (job.state, job.progress.failed) == (BulkState.QUEUED, 1)
    work_off(worker_of(house))
    assert row_states(ctx, job_id) == {RowState.FAILED: 1, RowState.DONE: 1}
    (item,) = every_item(ctx, find_job(ctx, job_id).calendar_id or "")
    assert (item.title, item.text, item.scheduled_at) == ("Mended", "Better", TUESDAY + timedelta(days=2))


def test_rows_that_would_fail_again_are_refused_by_row_and_column_and_nothing_changes(
    house: Slotwise, ctx: Context
) -> None:
    job_id = with_a_failed_row(house, ctx)
    with pytest.raises(Invalid) as refused:
        mend_rows(ctx, job_id, {1: RowEdit(platforms=("facebook",)), 2: RowEdit(scheduled_time="2020-01-01 10:00")})
    assert {problem.place for problem in refused.value.problems} == {
        "row 2, LinkedIn, time",
        "row 2, LinkedIn, channel",
    }
    assert row_states(ctx, job_id) == {RowState.FAILED: 2}
    assert find_job(ctx, job_id).state is BulkState.FAILED


def test_only_failed_rows_of_a_job_that_was_not_canceled_are_mended(house: Slotwise, ctx: Context) -> None:
    done = made(ctx, 1)
    work_off(worker_of(house))
    with pytest.raises(StateConflict):
        mend_rows(ctx, done.id, {1: RowEdit(text="Late")})
    with pytest.raises(NotFound):
        mend_rows(ctx, done.id, {9: RowEdit(text="Nobody")})
    waiting = made(ctx, 1)
    cancel_job(ctx, waiting.id)
    with pytest.raises(StateConflict):
        mend_rows(ctx, waiting.id, {1: RowEdit(text="Late")})


def test_rows_of_another_workspace_are_not_there(ctx: Context, stranger: Context) -> None:
    with pytest.raises(NotFound):
        mend_rows(stranger, made(ctx, 1).id, {1: RowEdit(text="Mine")})


def test_a_changed_text_takes_the_place_of_what_was_adapted() -> None:
    row = content_row(0, text="Old", texts={"linkedin": "O…"})
    assert RowEdit(text="New").of(row).texts == {}
    assert RowEdit(text="Old").of(row).texts == {"linkedin": "O…"}
    assert RowEdit(channel_ids={"linkedin": "chan_2"}).of(row).channel_ids == {"linkedin": "chan_2"}
