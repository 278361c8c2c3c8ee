"""How the calendar component looks: the theme's own colours, read inside its frame, so that both themes fit."""

from collections.abc import Mapping

_MARKS: Mapping[str, str] = {
    "published": "✓",
    "failed": "!",
    "rejected": "!",
    "unconfirmed": "?",
    "publishing": "↑",
    "pending": "✎",
    "open": "○",
    "awaiting_approval": "…",
}
"""A sign before the time where a state needs one; the legend below the calendar names them."""

LEGEND = (
    "✓ published · ↑ publishing · ! failed · ? unconfirmed · ✎ draft · ○ open slot, outlined · … waiting for approval "
    "· struck through: off"
)

_BASE = """
.fc {
  --fc-border-color: color-mix(in srgb, var(--text-color) 14%, transparent);
  --fc-today-bg-color: color-mix(in srgb, var(--primary-color) 9%, transparent);
  --fc-neutral-bg-color: var(--secondary-background-color);
  --fc-now-indicator-color: var(--primary-color);
  --fc-small-font-size: 0.8rem;
  color: var(--text-color);
  font-family: "Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif;
  font-size: 14px;
}
.fc a { color: inherit; text-decoration: none; }
.fc .fc-scrollgrid { border-radius: 6px; overflow: hidden; }
.fc .fc-col-header-cell { background: var(--secondary-background-color); padding: 3px 0; font-weight: 600; }
.fc .fc-daygrid-day-number { font-size: 13px; padding: 3px 6px; }
.fc .fc-day-other .fc-daygrid-day-top { opacity: 0.65; }
.fc .fc-day-today .fc-daygrid-day-number { color: var(--primary-color); font-weight: 700; }
.fc .fc-timegrid-slot-label { font-size: 12px; opacity: 0.75; }
.fc .fc-timegrid-slot { height: 2.5em; }
.fc .fc-event:not(.fc-bg-event) {
  --own: var(--text-color);
  background: color-mix(in srgb, var(--own) 20%, var(--background-color));
  border: 0 solid var(--own); border-left-width: 4px; border-radius: 4px;
  color: var(--text-color); padding: 1px 4px; margin-bottom: 1px; cursor: pointer; box-shadow: none;
}
.fc .fc-event.state-open:not(.fc-bg-event) {
  background: var(--background-color);
  border: 1px dashed color-mix(in srgb, var(--own) 75%, var(--text-color)); border-left-width: 4px;
}
.fc .state-open .fc-event-title { font-style: italic; }
.fc .fc-event-main { color: inherit; }
.fc .fc-event-time { font-weight: 600; flex: none; }
.fc .fc-event-title { font-weight: 400; overflow: hidden; text-overflow: ellipsis; }
.fc .fc-timegrid-event .fc-event-main { padding: 0; overflow: hidden; }
.fc .fc-timegrid-event .fc-event-main-frame { flex-direction: column; }
.fc .fc-timegrid-event .fc-event-time { font-size: 11px; line-height: 1.25; }
.fc .fc-timegrid-event-short .fc-event-time::after { content: none; }
.fc .fc-timegrid-event .fc-event-title { font-size: 12px; line-height: 1.3; white-space: nowrap; }
.fc .fc-event:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 1px; }
.fc .fc-bg-event.blackout {
  opacity: 1;
  background: repeating-linear-gradient(-45deg,
    color-mix(in srgb, var(--text-color) 14%, transparent) 0 4px, transparent 4px 10px);
}
.fc .fc-bg-event.expected-1, .fc .fc-bg-event.expected-2, .fc .fc-bg-event.expected-3 { opacity: 1; }
.fc .fc-bg-event.expected-1 { background: color-mix(in srgb, var(--primary-color) 9%, transparent); }
.fc .fc-bg-event.expected-2 { background: color-mix(in srgb, var(--primary-color) 18%, transparent); }
.fc .fc-bg-event.expected-3 { background: color-mix(in srgb, var(--primary-color) 30%, transparent); }
.fc .fc-bg-event .fc-event-title { font-style: normal; color: var(--text-color); margin: 2px 6px; opacity: 0.85; }
.fc .state-canceled, .fc .state-skipped, .fc .state-rejected { opacity: 0.6; }
.fc .state-canceled .fc-event-title, .fc .state-skipped .fc-event-title { text-decoration: line-through; }
.fc .fc-popover { background: var(--background-color); border-radius: 6px; max-height: 60vh; overflow: auto; }
.fc .fc-more-link { font-weight: 600; opacity: 0.85; }
@media (max-width: 600px) {
  .fc { font-size: 12px; }
  .fc .fc-daygrid-event .fc-event-title { display: none; }
  .fc .fc-daygrid-event .fc-event-time { font-size: 11px; overflow: hidden; }
  .fc .fc-event:not(.fc-bg-event) { padding: 0 2px; border-left-width: 3px; }
  .fc .fc-timegrid-event .fc-event-title { display: none; }
  .fc .fc-timegrid-event .fc-event-time { font-size: 10px; }
  .fc .fc-timegrid-slot-label, .fc .fc-timegrid-axis { font-size: 10px; }
}
"""


def stylesheet(colours: Mapping[str, str]) -> str:
    """Return the component's CSS with each platform's `#rrggbb`."""
    platforms = "".join(
        f".fc .fc-event.platform-{name}:not(.fc-bg-event) {{ --own: {colour}; }}\n" for name, colour in colours.items()
    )
    marks = "".join(
        f'.fc .state-{state} .fc-event-time::before {{ content: "{mark} "; font-weight: 700; }}\n'
        for state, mark in _MARKS.items()
    )
    return _BASE + platforms + marks
