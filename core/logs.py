"""Sets up structured logging once per process: one line per event, as text or as JSON."""

import logging
import sys

import structlog

CHATTY = {
    "httpx": logging.WARNING, "httpcore": logging.WARNING, "urllib3": logging.ERROR, "google": logging.ERROR,
    "apscheduler": logging.ERROR,
}  # fmt: skip
"""Libraries that would log every call and every tick; the level from which they are heard."""


def set_up_logs(level: str, *, as_json: bool) -> None:
    """Log to stderr from `level` (DEBUG, INFO, WARNING or ERROR) on; calling it again replaces the set-up."""
    for library, quietest in CHATTY.items():
        logging.getLogger(library).setLevel(quietest)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_json() if as_json else _text()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at every line: whoever redirects stderr gets the lines; stdout belongs to what a command prints.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _json() -> tuple[structlog.types.Processor, ...]:
    return (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def _text() -> tuple[structlog.types.Processor, ...]:
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return (renderer,)
