"""The report of a trial as one HTML file that loads nothing from elsewhere, laid out to be printed as a PDF."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from sqlmodel import col, select

from core.services.context import Context
from core.services.trial_assigning import audit_assignments
from core.services.trial_report_charts import belief, forest, over_time
from core.services.trial_result_views import ArmView, EffectView, LiftView, TrialResults
from core.services.trial_results import trial_results
from core.services.trial_views import AssignmentAudit
from core.services.trial_words import (
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
from core.undefined import Undefined

_STYLE = """
@page { size: A4; margin: 16mm }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2629; background: #fff; max-width: 780px; margin: 2rem auto;
  padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; break-after: avoid }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: .87rem }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid #d3dcde; vertical-align: top }
svg { width: 100%; height: auto; break-inside: avoid } svg text { font-size: 13px; fill: #1c2629 }
svg .quiet { fill: #66757a; font-size: 12px } .grid { stroke: #e4ebec } .zero { stroke: #1c2629 }
.ink { stroke: #0f6b73; stroke-width: 2; fill: none } .dot { fill: #0f6b73 } .band { fill: #0f6b73; opacity: .18 }
.verdict { border-left: 4px solid #0f6b73; padding: .6rem 1rem; background: #f1f5f5; break-inside: avoid }
.quiet { color: #66757a } code { overflow-wrap: anywhere; font-size: .85rem }
.table { overflow-x: auto }
"""


def trial_as_html(ctx: Context, trial_id: str) -> bytes:
    """Return the report of a trial (NotFound, StateConflict: a draft); of a running one it counts as a look."""
    found = trial_results(ctx, trial_id)
    audit = audit_assignments(ctx, trial_id)
    with ctx.read() as session:
        named = select(Channel.id, Channel.name).where(col(Channel.id).in_(found.trial.draft.channel_ids))
        names = {key: name for key, name in session.execute(named)}  # noqa: C416 - dict() of rows hides the types
    heading = escape(found.trial.draft.name)
    body = "".join(_sections(found, audit, names))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{heading}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>'
    ).encode()


def _sections(found: TrialResults, audit: AssignmentAudit, names: Mapping[str, str]) -> Iterator[str]:
    trial, registration = found.trial, found.trial.registration
    yield f"<h1>{escape(trial.draft.name)}</h1>"
    yield f'<p class="quiet">{STATE_WORDS[trial.state]} · as of {found.at:%-d %B %Y, %H:%M} UTC</p>'
    if trial.draft.hypothesis:
        yield _paragraph(trial.draft.hypothesis)
    word, said = VERDICT_WORDS[found.verdict], escape(found.sentence)
    yield f'<div class="verdict"><strong>{word}.</strong> {said}</div>'
    yield from _decision(found)
    yield from _effects(found)
    yield "<h2>Arms</h2>"
    yield _table(_ARM_HEADS, [_arm(each, found) for each in found.arms])
    yield from _health(found)
    if registration is not None:
        yield from _registered(registration, names, trial.fingerprint or "")
    yield f"<h2>The draw</h2>{_paragraph(_audited(audit))}"


def _decision(found: TrialResults) -> Iterator[str]:
    trial, decision = found.trial, found.trial.decision
    if decision is not None and trial.decided_at is not None:
        taken = f"{decision.winner} was taken" if decision.winner else "No arm was taken"
        yield f"<h2>Decision</h2>{_paragraph(f'{taken}, {trial.decided_at:%-d %B %Y}, by {decision.decided_by}.')}"
        yield from (_paragraph(each) for each in (decision.note, *decision.applied) if each)
    if trial.stopped_at is not None:
        reason = f": {trial.stop_reason}" if trial.stop_reason else "."
        yield _paragraph(f"Stopped on {trial.stopped_at:%-d %B %Y}{reason}")


# --- Effects ------------------------------------------------------------------------------------------------------


def _effects(found: TrialResults) -> Iterator[str]:
    for each in found.effects:
        yield f"<h2>{escape(each.arm)} against {escape(each.against)}</h2>{_paragraph(each.sentence)}"
        ways = _ways(each)
        if known := [(name, shown) for name, shown in ways.items() if isinstance(shown, LiftView)]:
            yield forest(known)
        yield _table(("Way", "Lift and interval"), [(name, effect_words(shown)) for name, shown in ways.items()])
        ps = {"p of the rule": each.p, "p allowing for all arms (Holm)": each.p_holm,
              "Benjamini & Hochberg": each.p_discovery, "The draw repeated": each.p_permuted}  # fmt: skip
        yield _table(("Test", ""), [(name, figure_words(p)) for name, p in ps.items()])
        if chart := over_time([look for look in found.over_time if look.arm == each.arm]):
            yield f"<h3>Week by week, valid at every look</h3>{chart}"
        yield from _belief(each)


def _ways(each: EffectView) -> Mapping[str, LiftView | Undefined]:
    return {
        "By the draw (intention to treat)": each.by_draw,
        "As followed (per protocol)": each.as_followed,
        "Valid at any look": each.always_valid,
    }


def _belief(each: EffectView) -> Iterator[str]:
    found = each.posterior
    if not isinstance(found, Posterior):
        yield _paragraph(f"The chance to win is undefined: {found.reason}")
        return
    yield f"<h3>Chance to win: {chance_words(found.chance_to_win)}</h3>{belief(found)}"
    yield _paragraph(loss_words(each.arm, each.against, found))


# --- Arms, health, registration -----------------------------------------------------------------------------------

_ARM_HEADS = ("Arm", "Posts go out", "Drawn", "Counted", "Waiting", "Missing", "Moved", "Average")


def _arm(arm: ArmView, found: TrialResults) -> tuple[str, ...]:
    registration = found.trial.registration
    how = arm_words(registration.arm(arm.name)) if registration else ""
    counts = (arm.assigned, arm.counted, arm.waiting, arm.missing, arm.moved)
    average = average_words(arm.average, arm.interval, found.trial.draft.measure)
    return f"{arm.name} (control)" if arm.is_control else arm.name, how, *(f"{each:,}" for each in counts), average


def _health(found: TrialResults) -> Iterator[str]:
    yield "<h2>Health</h2>"
    rows = [(each.severity.capitalize(), f"{each.sentence} {each.fix}") for each in found.findings.values()]
    yield _table(("", "Finding"), rows) if rows else _paragraph("No health check found anything.")


def _registered(registration: Registration, names: Mapping[str, str], fingerprint: str) -> Iterator[str]:
    planned = f"{registration.planned_posts:,}" if registration.planned_posts else "Not said"
    least = "Undefined" if registration.detectable is None else lift_words(registration.detectable)
    yield "<h2>What was registered</h2>"
    yield _table(
        ("Term", ""),
        [
            ("Registered", f"{registration.started_at:%-d %B %Y, %H:%M} UTC"),
            ("Posts join until", f"{registration.ends_at:%-d %B %Y, %H:%M} UTC"),
            ("Channels", ", ".join(f"{names.get(key, key)} ({zone})" for key, zone in registration.zones.items())),
            ("Compared by", MEASURE_WORDS[registration.measure]),
            ("Judged", RULE_WORDS[registration.stopping]),
            ("False alarms", f"{registration.alpha * 100:g} %"),
            ("Lift looked for", lift_words(registration.detect)),
            ("Smallest lift it was expected to see", least),
            ("Posts planned", planned),
            ("Arms", "; ".join(f"{a.name} (share {a.weight}): {arm_words(a)}" for a in registration.arms)),
            ("Control", registration.control),
            ("Seed", seed_words(registration.seed)),
        ],
    )
    yield f"<p>SHA-256 fingerprint of the registration:<br><code>{escape(fingerprint)}</code></p>"


def _audited(audit: AssignmentAudit) -> str:
    agrees = audit.fingerprint_holds and not audit.deviations
    return f"The draw was recomputed and {'agrees' if agrees else 'does not agree'}. {audit.sentence}"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(heads: Iterable[str], rows: Sequence[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
