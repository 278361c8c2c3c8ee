"""The charts of a trial's report as shapes of SVG that bring their colours: any writer can place them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from core.services.trial_report_parts import Chart
from core.services.trial_result_views import LiftView, LookView
from core.services.trial_words import chance_words, effect_words, lift_words
from core.trials.bayes import Posterior

WIDTH, ROW, MARGIN, AXIS = 720, 34, 190, 34
_TALL, _TICKS, _POINTS, _REACH = 240, 5, 81, 3.5
_HIGHEST = 3.0
"""Intervals are drawn up to +300 %; their words tell all of them."""
_INK = 'stroke="#0f6b73" stroke-width="2" fill="none"'
_DOT = 'fill="#0f6b73"'
_BAND = 'fill="#0f6b73" fill-opacity="0.18"'
_GRID, _ZERO = 'stroke="#e4ebec"', 'stroke="#1c2629"'
_TEXT, _QUIET = 'font-size="13" fill="#1c2629"', 'font-size="12" fill="#66757a"'


@dataclass(frozen=True)
class Scale:
    """Takes values of [low, high] to places of [start, end] on the paper."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; what lies outside stands at the edge."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Values to write on the axis."""
        step = _step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step)
        return tuple(number * step for number in range(first, math.floor(self.high / step) + 1))


def _step(rough: float) -> float:
    """Return the next of 1, 2, 5, 10 … that is no smaller."""
    size = 10 ** math.floor(math.log10(rough))
    return float(next(size * each for each in (1, 2, 5, 10) if size * each >= rough * 0.999))


def forest(rows: Sequence[tuple[str, LiftView]], caption: str) -> Chart:
    """Return effects with their intervals, one below the other."""
    scale = _lift_scale([shown for _, shown in rows], MARGIN, WIDTH - 20)
    height = ROW * len(rows) + AXIS
    lines = [*_lift_axis(scale, height)]
    for number, (name, shown) in enumerate(rows):
        y = ROW * number + ROW / 2
        low, high = scale.at(shown.interval.low), scale.at(shown.interval.high)
        lines += [
            f'<text {_TEXT} x="0" y="{y + 4:.1f}">{escape(name)}</text>',
            f'<line {_INK} x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<circle {_DOT} cx="{scale.at(shown.lift):.1f}" cy="{y:.1f}" r="5"/>',
        ]
    said = "; ".join(f"{name}: {effect_words(shown)}" for name, shown in rows)
    return _chart(lines, height, f"Effects with intervals. {said}", caption)


def over_time(looks: Sequence[LookView], caption: str) -> Chart | None:
    """Return one arm's lift by week with the interval that holds at all looks; nothing before two weeks are known."""
    known = [(look, look.effect) for look in looks if isinstance(look.effect, LiftView)]
    if len(known) < 2:  # noqa: PLR2004 - one point is no line
        return None
    across = Scale(0, len(known) - 1, 60, WIDTH - 40)
    up = _lift_scale([effect for _, effect in known], _TALL - AXIS, 10)
    lows = [f"{across.at(n):.1f},{up.at(each.interval.low):.1f}" for n, (_, each) in enumerate(known)]
    highs = [f"{across.at(n):.1f},{up.at(each.interval.high):.1f}" for n, (_, each) in enumerate(known)]
    middle = [f"{across.at(n):.1f},{up.at(each.lift):.1f}" for n, (_, each) in enumerate(known)]
    lines = [
        *(_level(up, tick) for tick in up.ticks),
        f'<polygon {_BAND} points="{" ".join([*lows, *reversed(highs)])}"/>',
        f'<polyline {_INK} points="{" ".join(middle)}"/>',
        *_weeks([look for look, _ in known], across),
    ]
    return _chart(lines, _TALL, f"Lift by week, always-valid; at last {effect_words(known[-1][1])}", caption)


def _level(up: Scale, tick: float) -> str:
    stroke = _ZERO if abs(tick) < 1e-9 else _GRID  # noqa: PLR2004 - sums of steps are not exact
    y = up.at(tick)
    return (
        f'<line {stroke} x1="60" x2="{WIDTH - 40}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text {_QUIET} x="52" y="{y + 4:.1f}" text-anchor="end">{lift_words(tick)}</text>'
    )


def _weeks(looks: Sequence[LookView], across: Scale) -> Iterator[str]:
    every = max(len(looks) // _TICKS, 1)
    for number, look in enumerate(looks):
        if number % every == 0:
            yield (
                f'<text {_QUIET} x="{across.at(number):.1f}" y="{_TALL - 8}" text-anchor="middle">'
                f"{look.week_ends:%-d %b %Y}</text>"
            )


def belief(found: Posterior, caption: str) -> Chart:
    """Return the posterior of a lift; the part in which the arm wins is filled."""
    grid = [found.mean + found.sd * _REACH * (2 * n / (_POINTS - 1) - 1) for n in range(_POINTS)]
    lifts = [math.expm1(each) for each in grid]
    scale = Scale(min(lifts[0], -0.01), max(lifts[-1], 0.01), 20, WIDTH - 20)
    height = _TALL * 0.75
    up = Scale(0, 1.05, height - AXIS, 4)
    points = [
        (lift, math.exp(-(((log - found.mean) / found.sd) ** 2) / 2)) for lift, log in zip(lifts, grid, strict=True)
    ]
    line = " ".join(f"{scale.at(lift):.1f},{up.at(tall):.1f}" for lift, tall in points)
    wins = [(lift, tall) for lift, tall in points if lift >= 0]
    lines = [*_lift_axis(scale, height)]
    if wins:
        first, last, base = scale.at(wins[0][0]), scale.at(wins[-1][0]), up.at(0)
        filled = " ".join(f"{scale.at(lift):.1f},{up.at(tall):.1f}" for lift, tall in wins)
        lines.append(f'<polygon {_BAND} points="{first:.1f},{base:.1f} {filled} {last:.1f},{base:.1f}"/>')
    lines.append(f'<polyline {_INK} points="{line}"/>')
    return _chart(lines, height, f"Posterior of the lift; chance to win {chance_words(found.chance_to_win)}", caption)


def _lift_scale(shown: Sequence[LiftView], start: float, end: float) -> Scale:
    low = min([0.0, *(max(each.interval.low, -1.0) for each in shown)])
    high = max([0.0, *(min(each.interval.high, _HIGHEST) for each in shown)])
    room = max((high - low) * 0.05, 0.01)
    return Scale(low - room, high + room, start, end)


def _lift_axis(scale: Scale, height: float) -> Iterator[str]:
    for tick in scale.ticks:
        stroke = _ZERO if abs(tick) < 1e-9 else _GRID  # noqa: PLR2004 - sums of steps are not exact
        x = scale.at(tick)
        yield f'<line {stroke} x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - AXIS:.1f}"/>'
        yield f'<text {_QUIET} x="{x:.1f}" y="{height - 12:.1f}" text-anchor="middle">{lift_words(tick)}</text>'


def _chart(lines: Sequence[str], height: float, said: str, caption: str) -> Chart:
    return Chart("".join(lines), WIDTH, round(height), said, caption)
