"""Trials: plan, see what one can show, start, let posts join, read results, stop, decide, export; observe."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from core.api.access import Access, AnalyticsReader, AnalyticsWriter, SchedulingWriter
from core.api.answers import CREATED, Responses, refusals
from core.api.places import read_time
from core.api.posting import Posted
from core.api.revisions import IfMatch, expected_revision, with_etag
from core.api.shapes.trial_answers import (
    AssignmentShape,
    AuditedShape,
    JoinShape,
    PowerShape,
    TrialShape,
    assignment_shape,
    audited_shape,
    join_shape,
    power_shape,
    trial_shape,
)
from core.api.shapes.trial_results import ObservedShape, ResultsShape, observed_shape, results_shape
from core.api.shapes.trials import (
    DecideBody,
    JoinBody,
    NewTrialBody,
    ObservedQuery,
    PowerQuery,
    StopBody,
    TrialExportQuery,
    TrialPatch,
    TrialQuery,
)
from core.api.wire import Listing, Paging, Resource, listing
from core.services.channels import find_channel
from core.services.context import Context
from core.services.trial_assigning import assign_items, audit_assignments, page_assignments
from core.services.trial_decisions import decide_trial
from core.services.trial_design import design_of, design_trial
from core.services.trial_drafts import create_trial, delete_trial, edit_trial, find_trial, page_trials
from core.services.trial_exports import trial_as_csv, trial_as_parquet
from core.services.trial_hours import windows_of
from core.services.trial_moves import start_trial, stop_trial
from core.services.trial_observed import compare_observed
from core.services.trial_result_views import ObservedRequest
from core.services.trial_results import trial_results
from core.services.trial_views import DecisionRequest, TrialView
from core.vocabulary import Scope

router = APIRouter(prefix="/v1/trials", tags=["Trials"])

TrialId = Annotated[str, Path(max_length=64, examples=["trial_5f0c1a9b2d3e4f5061728394"])]
MOVED = refusals(404, 409)
WITHOUT_REASON = StopBody()
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
_FILES: Responses = {
    200: {
        "description": "The file.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, PARQUET)},
    }
}
Trial = Resource[TrialShape]


@router.post("", status_code=HTTPStatus.CREATED, response_model=Trial, responses=CREATED | refusals(404))
def create(body: NewTrialBody, access: AnalyticsWriter, post: Posted) -> Response:
    """Plan a trial; nothing happens until it is started."""
    _need_scheduling(access, wanted=body.takes_new)
    return post.once(access.ctx, lambda ctx: (HTTPStatus.CREATED, _resource(create_trial(ctx, body.draft()))))


@router.get("", responses=refusals())
def list_all(query: Annotated[TrialQuery, Query()], access: AnalyticsReader) -> Listing[TrialShape]:
    """List trials, newest first."""
    states = (query.status,) if query.status else ()
    page, following = page_trials(access.ctx, query.limit, query.cursor, states)
    return listing([trial_shape(each) for each in page], Paging(limit=query.limit), following)


@router.get("/power", responses=refusals(404))
def power(query: Annotated[PowerQuery, Query()], access: AnalyticsReader) -> Resource[PowerShape]:
    """Say what a trial can show in so many weeks, from what the team's own posts earned."""
    return Resource(data=power_shape(design_trial(access.ctx, query.request())), id="", state="designed")


@router.get("/observed", responses=refusals(404))
def observed(query: Annotated[ObservedQuery, Query()], access: AnalyticsReader) -> Resource[ObservedShape]:
    """Set past posts in some hours beside all others of a channel: an observation, which shows no cause."""
    zone = find_channel(access.ctx, query.channel_id).timezone
    starts, ends = (
        read_time(text, zone, name) if text else None for name, text in (("from", query.since), ("to", query.until))
    )
    asked = ObservedRequest(query.channel_id, windows_of(query.hours), starts, ends)
    found = compare_observed(access.ctx, asked)
    return Resource(data=observed_shape(asked, zone, found), id=query.channel_id, state="observed")


@router.get("/{trial_id}", response_model=Trial, responses=refusals(404))
def read(trial_id: TrialId, access: AnalyticsReader) -> Response:
    """Read a trial, with what was registered at its start."""
    return _etagged(find_trial(access.ctx, trial_id))


@router.patch("/{trial_id}", response_model=Trial, responses=MOVED)
def edit(trial_id: TrialId, body: TrialPatch, access: AnalyticsWriter, if_match: IfMatch = None) -> Response:
    """Change a draft; once a trial has started its plan is registered, and this is refused."""
    _need_scheduling(access, wanted=body.takes_new is True)
    revision = expected_revision(if_match, body.expected_revision)
    with access.ctx.together() as ctx:
        draft = body.edited(find_trial(ctx, trial_id).draft)
        return _etagged(edit_trial(ctx, trial_id, draft, revision))


@router.delete("/{trial_id}", responses=MOVED)
def delete(trial_id: TrialId, access: AnalyticsWriter) -> Trial:
    """Throw a draft away; a trial that has started stays in the record."""
    with access.ctx.together() as ctx:
        gone = _resource(find_trial(ctx, trial_id))
        delete_trial(ctx, trial_id)
        return gone


@router.get("/{trial_id}/power", responses=refusals(404))
def power_of(trial_id: TrialId, access: AnalyticsReader) -> Resource[PowerShape]:
    """Say what a trial can show as it is planned."""
    return Resource(data=power_shape(design_of(access.ctx, trial_id)), id=trial_id, state="designed")


@router.post("/{trial_id}/start", response_model=Trial, responses=MOVED)
def start(trial_id: TrialId, access: AnalyticsWriter, post: Posted, if_match: IfMatch = None) -> Response:
    """Register measure, horizon, stopping rule, arms, shares and seed for good, and let posts join."""
    revision = expected_revision(if_match)
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(start_trial(ctx, trial_id, revision))))


@router.post("/{trial_id}/stop", response_model=Trial, responses=MOVED)
def stop(
    trial_id: TrialId,
    access: AnalyticsWriter,
    post: Posted,
    body: StopBody = WITHOUT_REASON,
    if_match: IfMatch = None,
) -> Response:
    """Let no more posts join; those that were drawn go out and ripen."""
    revision = expected_revision(if_match)
    return post.once(
        access.ctx, lambda ctx: (HTTPStatus.OK, _resource(stop_trial(ctx, trial_id, body.reason, revision)))
    )


@router.post("/{trial_id}/decide", response_model=Trial, responses=MOVED)
def decide(
    trial_id: TrialId, body: DecideBody, access: AnalyticsWriter, post: Posted, if_match: IfMatch = None
) -> Response:
    """Close a stopped trial: take an arm or none, and set the preferences for it if wished."""
    _need_scheduling(access, wanted=body.apply)
    asked, revision = DecisionRequest(body.winner, body.note, body.apply), expected_revision(if_match)
    return post.once(access.ctx, lambda ctx: (HTTPStatus.OK, _resource(decide_trial(ctx, trial_id, asked, revision))))


@router.get("/{trial_id}/results", responses=MOVED)
def results(trial_id: TrialId, access: AnalyticsReader) -> Resource[ResultsShape]:
    """Read what a trial has shown by now; looking at a running one is counted."""
    found = trial_results(access.ctx, trial_id)
    return Resource(data=results_shape(found), id=trial_id, state=found.trial.state)


@router.get("/{trial_id}/assignments", responses=MOVED)
def assignments(
    trial_id: TrialId, query: Annotated[Paging, Query()], access: AnalyticsReader
) -> Listing[AssignmentShape]:
    """List the ledger of the draw, in its order, with what became of every post."""
    page, following = page_assignments(access.ctx, trial_id, query.limit, query.cursor)
    return listing([assignment_shape(each) for each in page], query, following)


@router.post("/{trial_id}/assignments", response_model=Resource[JoinShape], responses=MOVED)
def join(trial_id: TrialId, body: JoinBody, access: SchedulingWriter, post: Posted) -> Response:
    """Draw the arms of posts, and give each the time its arm chooses within its week."""

    def work(ctx: Context) -> tuple[int, Resource[JoinShape]]:
        report = assign_items(ctx, trial_id, body.item_ids)
        return HTTPStatus.OK, Resource(data=join_shape(report), id=trial_id, state="drawn")

    return post.once(access.ctx, work)


@router.get("/{trial_id}/audit", responses=MOVED)
def audit(trial_id: TrialId, access: AnalyticsReader) -> Resource[AuditedShape]:
    """Repeat the draw from what was registered, and compare it with the ledger."""
    found = audit_assignments(access.ctx, trial_id)
    return Resource(data=audited_shape(found), id=trial_id, state="audited")


@router.get("/{trial_id}/export", response_class=Response, responses=_FILES | MOVED)
def export(trial_id: TrialId, query: Annotated[TrialExportQuery, Query()], access: AnalyticsReader) -> Response:
    """Export the drawn posts, as CSV that is safe to open in a spreadsheet, or as Parquet."""
    files = {"csv": (trial_as_csv, f"{CSV}; charset=utf-8"), "parquet": (trial_as_parquet, PARQUET)}
    write, kind = files[query.format]
    named = {"Content-Disposition": f'attachment; filename="trial.{query.format}"'}
    return Response(write(access.ctx, trial_id), headers=named, media_type=kind)


def _need_scheduling(access: Access, *, wanted: bool) -> None:
    """Ask for the scope that moves posts and sets preferences, where a call is to do that."""
    if wanted:
        access.caller.require(Scope.SCHEDULING_WRITE)


def _resource(trial: TrialView) -> Trial:
    return Resource(data=trial_shape(trial), id=trial.id, state=trial.state)


def _etagged(trial: TrialView) -> Response:
    return with_etag(_resource(trial), trial.version)
