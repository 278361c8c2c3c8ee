"""Arms of a trial as somebody types them: `usual=usual`, `evenings=mon-thu 18:00-21:00`."""

import re
from collections.abc import Sequence

from core.errors import Invalid, Problem
from core.services.trial_hours import windows_of
from core.services.trial_views import ArmDraft
from core.trials.words import Strategy

_ARM = re.compile(r"(?P<name>[^=]+?)(?:\*(?P<weight>\d{1,4}))?=(?P<how>.+)")
_HOW = "write NAME=usual, NAME=recommended, NAME=as_planned or NAME=mon-thu 18:00-21:00; NAME*2=… for twice the share"


def read_arms(said: Sequence[str]) -> tuple[ArmDraft, ...]:
    """Return the arms that are meant (Invalid names the one that cannot be read)."""
    return tuple(_arm(text) for text in said)


def _arm(text: str) -> ArmDraft:
    shape = _ARM.fullmatch(text.strip())
    if shape is None:
        raise Invalid((Problem("--arm", text, _HOW),))
    name, weight, how = shape["name"].strip(), int(shape["weight"] or 1), shape["how"].strip()
    if how in set(Strategy) - {Strategy.WINDOWS}:
        return ArmDraft(name, Strategy(how), weight)
    return ArmDraft(name, Strategy.WINDOWS, weight, windows_of(how, "--arm", _HOW))
