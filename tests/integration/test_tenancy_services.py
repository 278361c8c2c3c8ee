"""No service shows or changes another workspace: every public one is tried with another workspace's ids."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest
from planned_posts import MONDAY_NOON as NOW
from planned_posts import linkedin_draft
from sqlalchemy import insert
from told_posts import Told, tell

import core.services
from core.bootstrap import Slotwise
from core.bulk.words import Operation
from core.calendar.recurrence import Recurrence
from core.errors import Invalid, NotFound
from core.google.client import Hosts
from core.google.door import GoogleDoor
from core.history.columns import recognize
from core.history.reading import Reading
from core.services import (
    analytics,
    api_keys,
    audit,
    backtests,
    best_slots,
    bulk_board,
    bulk_jobs,
    bulk_moves,
    bulk_templates,
    calendar_metrics,
    calendars,
    channel_pages,
    channels,
    conflicts,
    dashboard,
    events,
    explanations,
    export,
    filling,
    frequency,
    heartbeat,
    import_queue,
    import_targets,
    imports,
    incoming,
    item_edits,
    items,
    job_runs,
    kpi_events,
    moves,
    open_slots,
    optimizing,
    outcome_lists,
    peers,
    plan_apply,
    plan_now,
    plan_runs,
    plan_targets,
    preferences,
    recommendations,
    repeats,
    sheet_accounts,
    sheet_checks,
    sheet_connections,
    sheet_files,
    sheet_finding,
    sheet_lists,
    sheet_missing,
    sheet_views,
    slot_suggestions,
    timing,
    trial_assigning,
    trial_decisions,
    trial_design,
    trial_drafts,
    trial_exports,
    trial_joining,
    trial_moves,
    trial_observed,
    trial_report,
    trial_results,
    webhook_deliveries,
    webhooks,
    week_analysis,
    week_changes,
    week_scores,
    workspaces,
    zone_checks,
)
from core.services.api_keys import KeyDraft
from core.services.bulk_views import JobFilter, NewJob, RowDraft
from core.services.channels import ChannelView, add_channel
from core.services.context import Context
from core.services.fill_views import FillDraft, FillRequest
from core.services.history_files import open_history
from core.services.import_targets import ImportTarget
from core.services.item_views import ItemFilter, ItemView, edit_of
from core.services.new_items import NewItem
from core.services.plan_views import PlanOptions
from core.services.scopes import ALL_SCOPES
from core.services.slot_ids import SlotId, write_slot_id
from core.services.slot_views import ChannelFrequency, FixedTimes, HowOften, SlotsProposal
from core.services.trial_result_views import ObservedRequest
from core.services.trial_views import ArmDraft, DecisionRequest, DesignRequest, TrialDraft
from core.services.workspaces import create_workspace
from core.sheets.words import AccountKind, SheetPermission
from core.storage.tables import GoogleAccount, PostOutcome, SheetConnection, SheetSync
from core.trials.registration import Window
from core.trials.words import Strategy
from core.vocabulary import Metric, Scope

SOON = NOW + timedelta(hours=3)


@dataclass(frozen=True)
class Theirs:
    """What the owner has and the stranger tries to reach."""

    channel: ChannelView
    item: ItemView
    exception_id: str
    run_id: str
    plan_id: str
    key_id: str
    job_id: str
    template_id: str
    trial_id: str
    endpoint_id: str
    delivery_id: str
    event_id: int
    account_id: str
    connection_id: str
    sync_id: str


@pytest.fixture
def theirs(ctx: Context, linkedin: ChannelView) -> Theirs:
    item = calendars.schedule_item(ctx, new_item(linkedin.id))
    blackout = preferences.add_blackout(ctx, SOON, SOON + timedelta(hours=1), "Secret launch")
    with ctx.write() as session:
        outcome = {
            "channel_id": linkedin.id,
            "post_id": "p",
            "published_at": NOW - timedelta(days=9),
            "title": "Secret",
        }
        session.execute(insert(PostOutcome), [outcome | {"engagement": 7.0, "measured_at": NOW, "fingerprint": 1}])
    key_id = api_keys.create_key(ctx, KeyDraft("Theirs", [Scope.ADMIN_READ]), ALL_SCOPES).key.id
    import_id = job_runs.start_run(ctx, "import_history", "secret.csv")
    plan_id = plan_runs.queue_plan(ctx, item.calendar_id)
    job_id = bulk_jobs.create_job(ctx, bulk_of(linkedin.id)).id
    template_id = bulk_templates.save_template(ctx, "Secret", {"name": "Secret"}).id
    trial_id = trial_drafts.create_trial(ctx, trial_of(linkedin.id)).id
    endpoint_id = webhooks.add_endpoint(ctx, HOOK).id
    delivery_id = webhooks.ping_endpoint(ctx, endpoint_id).id
    event_id = events.newest_event_id(ctx)
    return Theirs(
        linkedin,
        item,
        blackout.id,
        import_id,
        plan_id,
        key_id,
        job_id,
        template_id,
        trial_id,
        endpoint_id,
        delivery_id,
        event_id,
        *connected_sheet(ctx, item.calendar_id),
    )


def connected_sheet(ctx: Context, calendar_id: str) -> tuple[str, str, str]:
    """Connect a sheet and sync it, as far as the database is concerned."""
    keys = "acct_secret", "conn_secret", "sync_secret"
    sheet = {"name": "Secret", "spreadsheet_id": "1-secret-spreadsheet", "calendar_id": calendar_id}
    dates = {"created_at": NOW, "updated_at": NOW}
    with ctx.write() as session:
        account = {"name": "Secret", "kind": AccountKind.OAUTH, "secret": "v1:x", "created_at": NOW}
        session.add(GoogleAccount(id=keys[0], **account))
        session.flush()
        session.add(
            SheetConnection(id=keys[1], account_id=keys[0], permissions=SheetPermission.WRITE, **sheet, **dates)
        )
        session.flush()
        session.add(SheetSync(id=keys[2], connection_id=keys[1], worker="one", started_at=NOW))
    return keys


NOBODY = GoogleDoor(
    Hosts("http://localhost:9/token", "http://localhost:9", "http://localhost:9"), lambda: NOW, Random(1)
)
"""A way to Google that nobody ever goes: whoever is a stranger is refused before."""


def sheet_of(account_id: str, calendar_id: str | None = None) -> sheet_views.ConnectionDraft:
    return sheet_views.ConnectionDraft("Mine", account_id, "1-secret-spreadsheet", calendar_id=calendar_id)


HOOK = webhooks.EndpointDraft("https://example.com/hook")


def sent_item(channel_id: str) -> incoming.IncomingItem:
    return incoming.IncomingItem("linkedin", SOON, words=incoming.Words("Mine", "Mine"), channel_id=channel_id)


def new_item(channel_id: str) -> NewItem:
    return NewItem(channel_id=channel_id, scheduled_at=SOON, title="Secret", text="Secret")


def bulk_of(channel_id: str) -> NewJob:
    times, named = {"linkedin": SOON.isoformat()}, {"linkedin": channel_id}
    row = RowDraft("Secret", "Secret", ("linkedin",), times, channel_ids=named)
    return NewJob("Secret campaign", Operation.SCHEDULE_CONTENT, (row,))


def trial_of(channel_id: str) -> TrialDraft:
    arms = (ArmDraft("one", Strategy.AS_PLANNED), ArmDraft("two", Strategy.RECOMMENDED))
    return TrialDraft("Secret trial", (channel_id,), arms)


NOON = Window((0,), time(12), time(13))


def csv_file() -> imports.HistoryFile:
    return open_history(b"published_at,likes\n2026-01-05T10:00:00Z,3\n", "mine.csv")


def import_into(stranger: Context, channel_id: str) -> object:
    file = csv_file()
    request = imports.ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id))
    return imports.import_history(stranger, file, request)


def queue_into(stranger: Context, channel_id: str) -> object:
    file = csv_file()
    request = imports.ImportRequest(recognize(file.headers), Reading(), ImportTarget(channel_id))
    return import_queue.queue_import(stranger, b"", file.name, request)


def calendar_of(channel_id: str) -> calendars.NewCalendar:
    return calendars.NewCalendar("A week", "UTC", (new_item(channel_id),))


def fill_of(channel_id: str) -> FillRequest:
    return FillRequest((FillDraft("Title", "Text", channel_ids=(channel_id,)),), NOW, NOW + timedelta(days=2))


def applied(stranger: Context, theirs: Theirs) -> object:
    own = add_channel(stranger, linkedin_draft())
    proposal = filling.propose_fill(stranger, fill_of(own.id), lambda *_: 0.5)
    smuggled = tuple(replace(one, channel_id=theirs.channel.id) for one in proposal.placements)
    return filling.apply_fill(stranger, replace(proposal, placements=smuggled))


TOMORROW = Recurrence(frozenset({1}), time(10), NOW.date(), count=1)


def slots_of(channel_id: str) -> HowOften:
    return HowOften((ChannelFrequency(channel_id, 1),), NOW.date(), NOW.date() + timedelta(days=6))


def slots_added(stranger: Context, theirs: Theirs) -> object:
    own = add_channel(stranger, linkedin_draft())
    proposal = open_slots.propose_slots(stranger, FixedTimes((own.id,), TOMORROW))
    smuggled = tuple(replace(offer, channel_id=theirs.channel.id) for offer in proposal.offers)
    return open_slots.add_slots(stranger, SlotsProposal(smuggled))


Attempt = Callable[[Context, Theirs], object]

REFUSED: Mapping[str, Attempt] = {
    "sheet_accounts.open_account": lambda s, t: sheet_accounts.open_account(s, NOBODY, t.account_id),
    "sheet_accounts.remove_account": lambda s, t: sheet_accounts.remove_account(s, t.account_id),
    "sheet_checks.check_connection": lambda s, t: sheet_checks.check_connection(s, NOBODY, t.connection_id),
    "sheet_checks.check_draft": lambda s, t: sheet_checks.check_draft(s, NOBODY, sheet_of(t.account_id)),
    "sheet_checks.preview": lambda s, t: sheet_checks.preview(s, NOBODY, t.connection_id),
    "sheet_connections.connect": lambda s, t: sheet_connections.connect(s, NOBODY, sheet_of(t.account_id)),
    "sheet_connections.disconnect": lambda s, t: sheet_connections.disconnect(s, t.connection_id),
    "sheet_connections.edit_connection": lambda s, t: sheet_connections.edit_connection(
        s, NOBODY, t.connection_id, sheet_of(t.account_id)
    ),
    "sheet_connections.find_connection": lambda s, t: sheet_connections.find_connection(s, t.connection_id),
    "sheet_connections.request_sync": lambda s, t: sheet_connections.request_sync(s, t.connection_id),
    "sheet_files.sheet_as_file": lambda s, t: sheet_files.sheet_as_file(s, NOBODY, t.connection_id),
    "sheet_finding.list_spreadsheets": lambda s, t: sheet_finding.list_spreadsheets(s, NOBODY, t.account_id),
    "sheet_finding.make_template": lambda s, t: sheet_finding.make_template(s, NOBODY, t.account_id),
    "sheet_lists.find_run": lambda s, t: sheet_lists.find_run(s, t.sync_id),
    "sheet_lists.list_conflicts": lambda s, t: sheet_lists.list_conflicts(s, t.connection_id),
    "sheet_lists.list_rows": lambda s, t: sheet_lists.list_rows(s, t.connection_id),
    "sheet_lists.list_sync_runs": lambda s, t: sheet_lists.list_sync_runs(s, t.connection_id),
    "sheet_missing.cancel_missing": lambda s, t: sheet_missing.cancel_missing(s, t.connection_id),
    "sheet_missing.keep_missing": lambda s, t: sheet_missing.keep_missing(s, t.connection_id),
    "bulk_board.board_job": lambda s, t: bulk_board.board_job(s, t.job_id),
    "bulk_board.what_canceling_leaves": lambda s, t: bulk_board.what_canceling_leaves(s, t.job_id),
    "bulk_jobs.create_job": lambda s, t: bulk_jobs.create_job(s, bulk_of(t.channel.id)),
    "bulk_jobs.find_job": lambda s, t: bulk_jobs.find_job(s, t.job_id),
    "bulk_jobs.page_rows": lambda s, t: bulk_jobs.page_rows(s, t.job_id, 10),
    "bulk_jobs.start_job": lambda s, t: bulk_jobs.start_job(s, t.job_id),
    "bulk_moves.cancel_job": lambda s, t: bulk_moves.cancel_job(s, t.job_id),
    "bulk_moves.pause_job": lambda s, t: bulk_moves.pause_job(s, t.job_id),
    "bulk_moves.resume_job": lambda s, t: bulk_moves.resume_job(s, t.job_id),
    "bulk_moves.retry_job": lambda s, t: bulk_moves.retry_job(s, t.job_id),
    "bulk_templates.delete_template": lambda s, t: bulk_templates.delete_template(s, t.template_id),
    "bulk_templates.find_template": lambda s, t: bulk_templates.find_template(s, t.template_id),
    "best_slots.best_slots": lambda s, t: best_slots.best_slots(
        s, recommendations.RecommendationRequest(channel_ids=(t.channel.id,))
    ),
    "kpi_events.record_events": lambda s, t: kpi_events.record_events(
        s, [kpi_events.KpiEvent(Metric.LIKES, 5, NOW, channel_id=t.channel.id, post_id="p")]
    ),
    "calendar_metrics.calendar_metrics": lambda s, t: calendar_metrics.calendar_metrics(s, t.item.calendar_id),
    "events.job_standing": lambda s, t: events.job_standing(s, t.plan_id),
    "events.calendar_standing": lambda s, t: events.calendar_standing(s, t.item.calendar_id),
    "incoming.resolve_items": lambda s, t: incoming.resolve_items(s, [sent_item(t.channel.id)]),
    "moves.approve_item": lambda s, t: moves.approve_item(s, t.item.id),
    "moves.reject_item": lambda s, t: moves.reject_item(s, t.item.id),
    "webhook_deliveries.find_delivery": lambda s, t: webhook_deliveries.find_delivery(s, t.delivery_id),
    "webhook_deliveries.replay_delivery": lambda s, t: webhook_deliveries.replay_delivery(s, t.delivery_id),
    "webhooks.find_endpoint": lambda s, t: webhooks.find_endpoint(s, t.endpoint_id),
    "webhooks.edit_endpoint": lambda s, t: webhooks.edit_endpoint(s, t.endpoint_id, HOOK),
    "webhooks.remove_endpoint": lambda s, t: webhooks.remove_endpoint(s, t.endpoint_id),
    "webhooks.ping_endpoint": lambda s, t: webhooks.ping_endpoint(s, t.endpoint_id),
    "webhooks.reveal_secret": lambda s, t: webhooks.reveal_secret(s, t.endpoint_id),
    "webhooks.rotate_secret": lambda s, t: webhooks.rotate_secret(s, t.endpoint_id),
    "plan_now.complete_plan": lambda s, t: plan_now.complete_plan(s, t.plan_id),
    "plan_targets.find_targets": lambda s, t: plan_targets.find_targets(s, t.item.calendar_id, []),
    "plan_targets.refuse_infeasible": lambda s, t: plan_targets.refuse_infeasible(s, t.item.calendar_id, PlanOptions()),
    "analytics.week_effects": lambda s, t: analytics.week_effects(s, t.channel.id),
    "zone_checks.check_zone": lambda s, t: zone_checks.check_zone(s, t.channel.id),
    "week_changes.find_changes": lambda s, t: week_changes.find_changes(s, t.channel.id),
    "week_analysis.explain_hour": lambda s, t: week_analysis.explain_hour(s, t.channel.id, 10),
    "week_analysis.format_times": lambda s, t: week_analysis.format_times(s, t.channel.id),
    "analytics.channel_results": lambda s, t: analytics.channel_results(s, t.channel.id),
    "analytics.top_posts": lambda s, t: analytics.top_posts(s, t.channel.id),
    "analytics.posts_behind": lambda s, t: analytics.posts_behind(s, t.channel.id, 10),
    "api_keys.find_key": lambda s, t: api_keys.find_key(s, t.key_id),
    "api_keys.rotate_key": lambda s, t: api_keys.rotate_key(s, t.key_id, ALL_SCOPES),
    "api_keys.revoke_key": lambda s, t: api_keys.revoke_key(s, t.key_id),
    "backtests.backtest_channel": lambda s, t: backtests.backtest_channel(s, t.channel.id),
    "calendars.find_calendar": lambda s, t: calendars.find_calendar(s, t.item.calendar_id),
    "calendars.create_calendar": lambda s, t: calendars.create_calendar(s, calendar_of(t.channel.id)),
    "calendars.edit_calendar": lambda s, t: calendars.edit_calendar(
        s, t.item.calendar_id, calendars.CalendarEdit("Mine now", "UTC")
    ),
    "calendars.cancel_calendar": lambda s, t: calendars.cancel_calendar(s, t.item.calendar_id),
    "calendars.schedule_item": lambda s, t: calendars.schedule_item(s, new_item(t.channel.id)),
    "calendars.schedule_items": lambda s, t: calendars.schedule_items(s, [new_item(t.channel.id)]),
    "channels.find_channel": lambda s, t: channels.find_channel(s, t.channel.id),
    "channels.renew_secret": lambda s, t: channels.renew_secret(s, t.channel.id),
    "channels.reveal_secret": lambda s, t: channels.reveal_secret(s, t.channel.id),
    "channels.edit_channel": lambda s, t: channels.edit_channel(s, t.channel.id, linkedin_draft()),
    "conflicts.find_item_conflicts": lambda s, t: conflicts.find_item_conflicts(s, t.channel.id, SOON),
    "explanations.explain_recommendation": lambda s, t: explanations.explain_recommendation(
        s, write_slot_id(SlotId(t.channel.id, None, SOON, is_exploration=False, version="0"))
    ),
    "filling.propose_fill": lambda s, t: filling.propose_fill(s, fill_of(t.channel.id), lambda *_: 0.5),
    "filling.apply_fill": applied,
    "frequency.frequency_advice": lambda s, t: frequency.frequency_advice(s, t.channel.id),
    "import_targets.check_target": lambda s, t: import_targets.check_target(s, ImportTarget(t.channel.id)),
    "import_queue.queue_import": lambda s, t: queue_into(s, t.channel.id),
    "imports.import_history": lambda s, t: import_into(s, t.channel.id),
    "item_edits.edit_item": lambda s, t: item_edits.edit_item(s, t.item.id, edit_of(t.item)),
    "items.find_item": lambda s, t: items.find_item(s, t.item.id),
    "moves.move_item": lambda s, t: moves.move_item(s, t.item.id, SOON),
    "moves.cancel_item": lambda s, t: moves.cancel_item(s, t.item.id),
    "moves.skip_item": lambda s, t: moves.skip_item(s, t.item.id),
    "moves.retry_item": lambda s, t: moves.retry_item(s, t.item.id),
    "moves.publish_now": lambda s, t: moves.publish_now(s, t.item.id),
    "moves.resolve_item": lambda s, t: moves.resolve_item(s, t.item.id, published=True),
    "moves.duplicate_item": lambda s, t: moves.duplicate_item(s, t.item.id, SOON),
    "optimizing.propose_plan": lambda s, t: optimizing.propose_plan(s, t.item.calendar_id, elapsed=lambda: 0.0),
    "open_slots.propose_slots": lambda s, t: open_slots.propose_slots(s, slots_of(t.channel.id)),
    "open_slots.add_slots": slots_added,
    "open_slots.remove_slots": lambda s, t: open_slots.remove_slots(s, [t.item.id]),
    "open_slots.put_back": lambda s, t: open_slots.put_back(s, [t.item]),
    "repeats.propose_repeat": lambda s, t: repeats.propose_repeat(s, t.item.id, TOMORROW),
    "repeats.repeat_item": lambda s, t: repeats.repeat_item(s, t.item.id, SlotsProposal(())),
    "plan_apply.apply_plan": lambda s, t: plan_apply.apply_plan(s, t.plan_id),
    "plan_apply.undo_plan": lambda s, t: plan_apply.undo_plan(s, t.plan_id),
    "plan_runs.queue_plan": lambda s, t: plan_runs.queue_plan(s, t.item.calendar_id),
    "plan_runs.stop_plan": lambda s, t: plan_runs.stop_plan(s, t.plan_id),
    "plan_runs.find_plan": lambda s, t: plan_runs.find_plan(s, t.plan_id),
    "plan_runs.list_plans": lambda s, t: plan_runs.list_plans(s, t.item.calendar_id),
    "peers.remove_peer": lambda s, t: peers.remove_peer(s, t.channel.id),
    "preferences.add_blackout": lambda s, t: preferences.add_blackout(
        s, SOON, SOON + timedelta(hours=1), "Mine", t.channel.id
    ),
    "preferences.remove_exception": lambda s, t: preferences.remove_exception(s, t.exception_id),
    "recommendations.recommend": lambda s, t: recommendations.recommend(
        s, recommendations.RecommendationRequest(channel_ids=(t.channel.id,))
    ),
    "week_scores.score_week": lambda s, t: week_scores.score_week(s, t.channel.id),
    "trial_assigning.assign_items": lambda s, t: trial_assigning.assign_items(s, t.trial_id, [t.item.id]),
    "trial_assigning.audit_assignments": lambda s, t: trial_assigning.audit_assignments(s, t.trial_id),
    "trial_assigning.list_assignments": lambda s, t: trial_assigning.list_assignments(s, t.trial_id),
    "trial_assigning.page_assignments": lambda s, t: trial_assigning.page_assignments(s, t.trial_id, 10),
    "trial_decisions.decide_trial": lambda s, t: trial_decisions.decide_trial(s, t.trial_id, DecisionRequest(None)),
    "trial_decisions.what_applying_sets": lambda s, t: trial_decisions.what_applying_sets(s, t.trial_id, "a"),
    "trial_design.design_of": lambda s, t: trial_design.design_of(s, t.trial_id),
    "trial_design.design_trial": lambda s, t: trial_design.design_trial(s, DesignRequest((t.channel.id,))),
    "trial_drafts.create_trial": lambda s, t: trial_drafts.create_trial(s, trial_of(t.channel.id)),
    "trial_drafts.delete_trial": lambda s, t: trial_drafts.delete_trial(s, t.trial_id),
    "trial_drafts.edit_trial": lambda s, t: trial_drafts.edit_trial(s, t.trial_id, trial_of(t.channel.id)),
    "trial_drafts.find_trial": lambda s, t: trial_drafts.find_trial(s, t.trial_id),
    "trial_exports.trial_as_csv": lambda s, t: trial_exports.trial_as_csv(s, t.trial_id),
    "trial_exports.trial_as_parquet": lambda s, t: trial_exports.trial_as_parquet(s, t.trial_id),
    "trial_joining.joinable_items": lambda s, t: trial_joining.joinable_items(s, t.trial_id),
    "trial_moves.start_trial": lambda s, t: trial_moves.start_trial(s, t.trial_id),
    "trial_moves.stop_trial": lambda s, t: trial_moves.stop_trial(s, t.trial_id),
    "trial_observed.compare_observed": lambda s, t: trial_observed.compare_observed(
        s, ObservedRequest(t.channel.id, (NOON,))
    ),
    "trial_report.trial_as_html": lambda s, t: trial_report.trial_as_html(s, t.trial_id),
    "trial_results.trial_results": lambda s, t: trial_results.trial_results(s, t.trial_id),
    "timing.rebuild_timing": lambda s, t: timing.rebuild_timing(s, t.channel.id),
    "week_scores.score_time": lambda s, t: week_scores.score_time(s, t.channel.id, SOON),
}
"""Services that take an id: another workspace's is as unknown as one that never was."""

SILENT: Mapping[str, Attempt] = {
    "bulk_board.job_board": lambda s, _: bulk_board.job_board(s, JobFilter(), bulk_board.JobSort.NEWEST, 1, 10).jobs,
    "bulk_board.jobs_mark": lambda s, _: [] if bulk_board.jobs_mark(s) == (0, 0) else [1],
    "bulk_board.summarize_jobs": lambda s, _: bulk_board.summarize_jobs(s).states,
    "bulk_jobs.page_jobs": lambda s, _: bulk_jobs.page_jobs(s, JobFilter(), 10)[0],
    "bulk_templates.list_templates": lambda s, _: bulk_templates.list_templates(s),
    "trial_exports.drawn_titles": lambda s, t: trial_exports.drawn_titles(s, t.trial_id),
    "trial_drafts.page_trials": lambda s, _: trial_drafts.page_trials(s, 10)[0],
    "api_keys.page_keys": lambda s, _: api_keys.page_keys(s, 10)[0],
    "calendars.page_calendars": lambda s, _: calendars.page_calendars(s, 10)[0],
    "events.read_events": lambda s, _: events.read_events(s, 0),
    "events.newest_event_id": lambda s, _: events.newest_event_id(s),
    "events.is_known": lambda s, t: events.is_known(s, t.event_id),
    "sheet_accounts.list_accounts": lambda s, _: sheet_accounts.list_accounts(s),
    "sheet_connections.list_connections": lambda s, _: sheet_connections.list_connections(s),
    "items.every_item": lambda s, t: list(items.every_item(s, t.item.calendar_id)),
    "webhook_deliveries.list_deliveries": lambda s, _: webhook_deliveries.list_deliveries(s).deliveries,
    "webhooks.list_endpoints": lambda s, _: webhooks.list_endpoints(s),
    "audit.page_audit": lambda s, _: audit.page_audit(s, audit.AuditFilter(), 10)[0],
    "channel_pages.page_channels": lambda s, _: channel_pages.page_channels(s, channel_pages.ChannelFilter(), 10)[0],
    "outcome_lists.page_outcomes": lambda s, _: outcome_lists.page_outcomes(s, outcome_lists.OutcomeFilter(), 10)[0],
    "outcome_lists.outcomes_as_csv": lambda s, _: list(outcome_lists.outcomes_as_csv(s, outcome_lists.OutcomeFilter()))[
        1:
    ],
    "preferences.page_exceptions": lambda s, _: preferences.page_exceptions(s, 10)[0],
    "analytics.list_histories": lambda s, _: analytics.list_histories(s),
    "api_keys.list_keys": lambda s, _: api_keys.list_keys(s),
    "audit.list_audit": lambda s, _: audit.list_audit(s),
    "calendars.list_calendars": lambda s, _: calendars.list_calendars(s),
    "channels.list_channels": lambda s, _: channels.list_channels(s),
    "channels.list_peers": lambda s, _: channels.list_peers(s),
    "conflicts.list_conflicts": lambda s, _: conflicts.list_conflicts(s, NOW, NOW + timedelta(days=9)),
    "dashboard.attention": lambda s, _: dashboard.attention(s),
    "items.list_items": lambda s, t: items.list_items(s, ItemFilter(calendar_id=t.item.calendar_id)).items,
    "items.count_items": lambda s, _: items.count_items(s),
    "job_runs.list_runs": lambda s, _: job_runs.list_runs(s, "import_history"),
    "open_slots.soon_unwritten": lambda s, _: open_slots.soon_unwritten(s),
    "peers.peer_posts": lambda s, _: peers.peer_posts(s),
    "preferences.list_preferences": lambda s, _: preferences.list_preferences(s),
    "slot_suggestions.suggest_frequencies": lambda s, _: slot_suggestions.suggest_frequencies(s),
    "preferences.list_exceptions": lambda s, _: preferences.list_exceptions(s),
}
"""Services that list: nothing of another workspace is among it."""

OWN_ONLY = {
    "bulk_checks.job_problems": "names no row",
    "bulk_checks.rows_problems": "the check before a job is created; tried above",
    "bulk_checks.unplaced_problems": "names no row",
    "bulk_dry_run.dry_run": "the check before a job is created; tried above",
    "bulk_jobs.every_problem": "the check before a job is created; tried above",
    "bulk_placing.open_outboxes": "creates the workspace's own channels, names no row",
    "bulk_placing.place_rows": "places rows on channels as propose_fill does; tried above",
    "bulk_placing.with_times": "places rows on channels as propose_fill does; tried above",
    "bulk_clashes.clashes_of": "the check before a job is created; tried above",
    "bulk_mending.mend_rows": "tried in test_bulk_mending.py",
    "bulk_places.said_in_words": "names no row",
    "bulk_places.words_of": "names no row",
    "bulk_rows.incoming_of": "names no row",
    "bulk_rows.with_known_platforms": "reads reference data only",
    "bulk_templates.discard_draft": "the actor's own",
    "bulk_templates.load_draft": "the actor's own",
    "bulk_templates.save_draft": "the actor's own",
    "bulk_templates.save_template": "creates, names no row",
    "callbacks.callback_problems": "judges addresses, names no row",
    "idempotency.once": "names no row; keys of two workspaces are tested in test_idempotency.py",
    "idempotency.recall": "names no row; as above",
    "webhook_outlets.reveal_callback_secret": "the workspace's own, names no row",
    "webhook_outlets.rotate_callback_secret": "the workspace's own, names no row",
    "webhooks.add_endpoint": "creates, names no row",
    "sheet_accounts.add_account": "creates, names no row",
    "sheet_new_posts.incoming": "names no row",
    "sheet_new_posts.place_readings": "places rows as place_rows does",
    "outcome_lists.outcomes_as_parquet": "the posts that the CSV has; tried above",
    "preferences.clear_preference": "names no row",
    "research_advice.advise_by_research": "names no row; reads reference data only",
    "research_advice.named_research": "names no row; reads reference data only",
    "research_advice.research_curve": "names no row; reads reference data only",
    "api_keys.create_key": "creates, names no row",
    "channels.add_channel": "creates, names no row",
    "contents.format_problems": "reads reference data only",
    "contents.platform_problems": "reads reference data only",
    "dashboard.figures": "counts; tested below",
    "demo.load_sample": "creates its own channels",
    "export.export_workspace": "writes files; tested below",
    "heartbeat.engine_status": "counts; tested below",
    "imports.carry_out": "the way all imports go; each is tried above",
    "job_runs.start_run": "creates, names no row",
    "job_runs.watched": "ends the run that its caller started",
    "moves.change_item": "the way all moves go; each is tried above",
    "preferences.save_preference": "creates, names no row",
    "sheet_choice.account_that_opens": "chooses among the workspace's own accounts",
    "sheet_choice.choose_account": "chooses among the workspace's own accounts",
    "sheet_jobs.connections_to": "chooses among the workspace's own connections",
    "sheet_jobs.read_sheet": "reads by sheet_as_file; tried in test_api_bulk_sheets.py too",
    "sheet_jobs.rows_to_sync": "chooses among the workspace's own connections",
    "sheet_jobs.rows_to_sync_all": "chooses among the workspace's own connections",
    "slot_requests.offer_problems": "judges channels that its caller found",
    "workspaces.find_workspace": "names no row; tested below",
    "workspaces.edit_workspace": "names no row",
    "workspaces.read_revision": "names no row; tested below",
}
"""Services that can name no row of another workspace, and why."""


def public_services() -> Iterator[str]:
    """Yield every public function of a service module that acts in a context."""
    for module in pkgutil.iter_modules(core.services.__path__):
        members = vars(importlib.import_module(f"core.services.{module.name}"))
        for name, member in members.items():
            is_own = inspect.isfunction(member) and member.__module__.endswith(f".{module.name}")
            if is_own and not name.startswith("_") and next(iter(inspect.signature(member).parameters), "") == "ctx":
                yield f"{module.name}.{name}"


def test_every_public_service_is_tried_here_or_says_why_not() -> None:
    assert set(public_services()) == {*REFUSED, *SILENT, *OWN_ONLY}


def strangers(house: Slotwise, services: Mapping[str, object]) -> Iterator[tuple[str, Context]]:
    """Yield each service with somebody from a new workspace who calls it."""
    for service in services:
        yield service, house.context(create_workspace(house.db, service, "UTC", house.now()).id, actor="stranger")


def test_another_workspaces_row_is_not_found_and_not_changed(house: Slotwise, ctx: Context, theirs: Theirs) -> None:
    def seen() -> tuple[object, ...]:
        return items.find_item(ctx, theirs.item.id), channels.list_channels(ctx), preferences.list_exceptions(ctx)

    before = seen()
    for service, stranger in strangers(house, REFUSED):
        with pytest.raises((NotFound, Invalid), match=r"[Tt]here is no .* in this workspace"):
            pytest.fail(f"{service} answered {REFUSED[service](stranger, theirs)}")
        assert seen() == before, service
        assert items.count_items(stranger) == {}, service


def test_lists_hold_nothing_of_another_workspace(house: Slotwise, ctx: Context, theirs: Theirs) -> None:
    preferences.save_preference(ctx, preferences.PreferenceView("linkedin", "UTC", 1, 2))
    open_slots.add_slots(ctx, open_slots.propose_slots(ctx, FixedTimes((theirs.channel.id,), TOMORROW)))
    peer = add_channel(ctx, replace(linkedin_draft(), name="A peer", is_peer=True))
    tell(ctx, peer.id, [Told(None, 5.0, hour_of_week=3)])
    heard = {service: SILENT[service](stranger, theirs) for service, stranger in strangers(house, SILENT)}
    assert {service: found for service, found in heard.items() if found} == {}


def test_figures_count_only_the_own_workspace(stranger: Context, theirs: Theirs) -> None:
    seen = dashboard.figures(stranger)
    assert (seen.today, seen.next_at, seen.week_planned, seen.waiting) == (0, None, 0, 0)
    assert heartbeat.engine_status(stranger).due_next_hour == 0
    assert workspaces.find_workspace(stranger).name == "Strangers"


def test_a_write_moves_only_its_own_revision(ctx: Context, stranger: Context, theirs: Theirs) -> None:
    before = workspaces.read_revision(stranger)
    moves.cancel_item(ctx, theirs.item.id)
    assert workspaces.read_revision(stranger) == before


def test_an_export_holds_nothing_of_another_workspace(stranger: Context, theirs: Theirs, tmp_path: Path) -> None:
    target = tmp_path / "export.zip"
    export.export_workspace(stranger, target)
    with ZipFile(target) as archive:
        written = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Secret" not in written
    assert theirs.channel.id.encode() not in written


def test_the_fixture_would_be_seen_by_its_owner(ctx: Context, theirs: Theirs) -> None:
    assert items.list_items(ctx).total == 1
    assert [post.title for post in analytics.top_posts(ctx, theirs.channel.id)] == ["Secret"]
