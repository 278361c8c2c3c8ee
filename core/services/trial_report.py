"""What the report of a trial says, as values; and the report as a file that loads nothing from elsewhere."""

from collections.abc import Iterator, Mapping

from sqlmodel import col, select

from core.services.context import Context
from core.services.trial_assigning import audit_assignments
from core.services.trial_report_charts import belief, forest, over_time
from core.services.trial_report_html import as_html
from core.services.trial_report_parts import Chart, Digits, Heading, Paragraph, Part, Report, Table, Tone, VerdictBox
from core.services.trial_report_pdf import as_pdf
from core.services.trial_result_views import ArmView, EffectView, LiftView, TrialResults
from core.services.trial_results import trial_results
from core.services.trial_views import AssignmentAudit
from core.services.trial_words import (
    DRAWN_WORDS,
    MEASURE_WORDS,
    RULE_WORDS,
    STATE_WORDS,
    VERDICT_WORDS,
    arm_words,
    average_words,
    chance_words,
    effect_words,
    figure_words,
    lift_words,
    loss_words,
    seed_words,
)
from core.storage.tables import Channel
from core.trials.bayes import Posterior
from core.trials.registration import Registration
from core.trials.verdict import Verdict
from core.undefined import Undefined

TONES: Mapping[Verdict, Tone] = {
    Verdict.WON: Tone.CLEAR,
    Verdict.LOST: Tone.CLEAR,
    Verdict.EQUIVALENT: Tone.CLEAR,
    Verdict.TOO_LITTLE_DATA: Tone.OPEN,
    Verdict.INVALID: Tone.FAULTY,
}
_PAIR = (1, 2)
"""The widths of a table of terms and what is said of them."""


def trial_as_html(ctx: Context, trial_id: str) -> bytes:
    """Return the report of a trial as one HTML file; looks and errors as `trial_report`."""
    return as_html(trial_report(ctx, trial_id))


def trial_as_pdf(ctx: Context, trial_id: str) -> bytes:
    """Return the report of a trial as a PDF of A4 pages; looks and errors as `trial_report`."""
    return as_pdf(trial_report(ctx, trial_id))


def trial_report(ctx: Context, trial_id: str) -> Report:
    """Return what is to be said of a trial (NotFound, StateConflict: a draft); of a running one it counts as a look."""
    found = trial_results(ctx, trial_id)
    audit = audit_assignments(ctx, trial_id)
    with ctx.read() as session:
        named = select(Channel.id, Channel.name).where(col(Channel.id).in_(found.trial.draft.channel_ids))
        names = {key: name for key, name in session.execute(named)}  # noqa: C416 - dict() of rows hides the types
    standing = f"{STATE_WORDS[found.trial.state]} · as of {found.at:%-d %B %Y, %H:%M} UTC"
    return Report(found.trial.draft.name, standing, found.at, tuple(_parts(found, audit, names)))


def _parts(found: TrialResults, audit: AssignmentAudit, names: Mapping[str, str]) -> Iterator[Part]:
    trial, registration = found.trial, found.trial.registration
    if trial.draft.hypothesis:
        yield Paragraph(trial.draft.hypothesis)
    yield VerdictBox(VERDICT_WORDS[found.verdict], found.sentence, TONES[found.verdict])
    yield from _decision(found)
    for each in found.effects:
        yield from _effect(each, found)
    yield Heading("Arms")
    yield _arms(found)
    yield from _health(found)
    if registration is not None:
        yield Heading("What was registered")
        yield _terms(registration, names)
        yield Digits("SHA-256 fingerprint of the registration", trial.fingerprint or "")
    yield Heading("The draw")
    yield Paragraph(_audited(audit))


def _decision(found: TrialResults) -> Iterator[Part]:
    trial, decision = found.trial, found.trial.decision
    if decision is not None and trial.decided_at is not None:
        taken = f"{decision.winner} was taken" if decision.winner else "No arm was taken"
        yield Heading("Decision")
        yield Paragraph(f"{taken}, {trial.decided_at:%-d %B %Y}, by {decision.decided_by}.")
        yield from (Paragraph(each) for each in (decision.note, *decision.applied) if each)
    if trial.stopped_at is not None:
        reason = f": {trial.stop_reason}" if trial.stop_reason else "."
        yield Paragraph(f"Stopped on {trial.stopped_at:%-d %B %Y}{reason}")


# --- Effects ------------------------------------------------------------------------------------------------------


def _effect(each: EffectView, found: TrialResults) -> Iterator[Part]:
    yield Heading(f"{each.arm} against {each.against}")
    if len(found.effects) > 1 or each.sentence != found.sentence:  # the only one is the verdict
        yield Paragraph(each.sentence)
    yield from _lifts(each, f"{100 - found.trial.draft.alpha * 100:g} %")
    ps = {"p of the rule": each.p, "p allowing for all arms (Holm)": each.p_holm,
          "Benjamini & Hochberg": each.p_discovery, "The draw repeated": each.p_permuted}  # fmt: skip
    yield Table(("Test", "Value"), tuple((name, figure_words(p)) for name, p in ps.items()), _PAIR)
    looks = [look for look in found.over_time if look.arm == each.arm]
    if chart := over_time(looks, "The line is the lift so far, the band its interval, which holds at every look."):
        yield Heading("Week by week, valid at every look", 2)
        yield chart
    yield from _belief(each)


def _lifts(each: EffectView, level: str) -> Iterator[Table | Chart]:
    ways: Mapping[str, LiftView | Undefined] = {
        "By the draw (intention to treat)": each.by_draw,
        "As followed (per protocol)": each.as_followed,
        "Valid at any look": each.always_valid,
    }
    if known := [(name, shown) for name, shown in ways.items() if isinstance(shown, LiftView)]:
        yield forest(known, f"Lift of {each.arm} over {each.against}; each line is the {level} interval of its dot.")
    yield Table(
        ("Way", f"Lift and {level} interval"), tuple((name, effect_words(shown)) for name, shown in ways.items()), _PAIR
    )


def _belief(each: EffectView) -> Iterator[Part]:
    found = each.posterior
    if not isinstance(found, Posterior):
        yield Paragraph(f"The chance to win is undefined: {found.reason}")
        return
    yield Heading(f"Chance to win: {chance_words(found.chance_to_win)}", 2)
    yield belief(found, f"How much each lift is to be believed; where it is filled, {each.arm} earns more.")
    yield Paragraph(loss_words(each.arm, each.against, found))


# --- Arms, health, registration -----------------------------------------------------------------------------------


def _arms(found: TrialResults) -> Table:
    return Table(
        ("Arm", "Posts go out", "Drawn", "Counted", "Waiting", "Missing", "Moved", "Average"),
        tuple(_arm(each, found) for each in found.arms),
        widths=(10, 12, 6, 7, 7, 7, 6, 11),
        numbers=(2, 3, 4, 5, 6),
    )


def _arm(arm: ArmView, found: TrialResults) -> tuple[str, ...]:
    registration = found.trial.registration
    how = arm_words(registration.arm(arm.name)) if registration else ""
    counts = (arm.assigned, arm.counted, arm.waiting, arm.missing, arm.moved)
    average = average_words(arm.average, arm.interval, found.trial.draft.measure)
    return f"{arm.name} (control)" if arm.is_control else arm.name, how, *(f"{each:,}" for each in counts), average


def _health(found: TrialResults) -> Iterator[Part]:
    yield Heading("Health")
    rows = tuple((each.severity.capitalize(), f"{each.sentence} {each.fix}") for each in found.findings.values())
    yield Table(("Severity", "Finding"), rows, (1, 6)) if rows else Paragraph("No health check found anything.")


def _terms(registration: Registration, names: Mapping[str, str]) -> Table:
    planned = f"{registration.planned_posts:,}" if registration.planned_posts else "Not said"
    least = "Undefined" if registration.detectable is None else lift_words(registration.detectable)
    rows = (
        ("Registered", f"{registration.started_at:%-d %B %Y, %H:%M} UTC"),
        ("Posts join until", f"{registration.ends_at:%-d %B %Y, %H:%M} UTC"),
        ("Channels", ", ".join(f"{names.get(key, key)} ({zone})" for key, zone in registration.zones.items())),
        ("Chance gives an arm to", DRAWN_WORDS[registration.unit]),
        ("Compared by", MEASURE_WORDS[registration.measure]),
        ("Judged", RULE_WORDS[registration.stopping]),
        ("False alarms", f"{registration.alpha * 100:g} %"),
        ("Lift looked for", lift_words(registration.detect)),
        ("Smallest lift it was expected to see", least),
        ("Posts planned", planned),
        ("Arms", "; ".join(f"{a.name} (share {a.weight}): {arm_words(a)}" for a in registration.arms)),
        ("Control", registration.control),
        ("Seed", seed_words(registration.seed)),
    )
    return Table(("Term", "As laid down"), rows, _PAIR)


def _audited(audit: AssignmentAudit) -> str:
    agrees = audit.fingerprint_holds and not audit.deviations
    return f"The draw was recomputed and {'agrees' if agrees else 'does not agree'}. {audit.sentence}"
